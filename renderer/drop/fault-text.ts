/** The text of a file that its faults are about. Owns finding it; must never hold more of a file than that. */
import type { BatchErrorObject } from "../../native/contract/contract.ts";

/** So much of a file is read for it: at the speed of this machine some seconds. Faults further down show no text. */
const MOST_READ_BYTES = 256 * 1024 * 1024;
/** So much of one line is kept, in characters: enough to find the field in all but freak lines. */
const MOST_LINE_LENGTH = 64 * 1024;
/** Shown of a text, in characters: two or three rows. */
const SHOWN_LENGTH = 160;

/** Reads the lines asked for, numbered from 1; those too far down are not in the answer. The stream is given up after the last. */
export async function readLines(
	stream: ReadableStream<Uint8Array<ArrayBuffer>>,
	wanted: ReadonlySet<number>,
): Promise<ReadonlyMap<number, string>> {
	const found = new Map<number, string>();
	const last = Math.max(0, ...wanted);
	const decoder = new TextDecoder();
	let line = 1;
	let kept = "";
	let readBytes = 0;
	const endLine = () => {
		if (wanted.has(line)) found.set(line, kept.replace(/^\uFEFF/, "").replace(/\r$/, ""));
		kept = "";
		line++;
	};
	const reader = stream.getReader();
	while (line <= last && readBytes < MOST_READ_BYTES) {
		const { done, value } = await reader.read();
		if (done) {
			if (kept !== "") endLine();
			break;
		}
		readBytes += value.length;
		const text = decoder.decode(value, { stream: true });
		let start = 0;
		for (let end = text.indexOf("\n"); end >= 0 && line <= last; end = text.indexOf("\n", start)) {
			if (wanted.has(line)) kept += text.slice(start, Math.min(end, start + MOST_LINE_LENGTH));
			endLine();
			start = end + 1;
		}
		if (wanted.has(line) && kept.length < MOST_LINE_LENGTH) kept += text.slice(start, start + MOST_LINE_LENGTH);
	}
	await reader.cancel();
	return found;
}

/** The part of a line that a fault is about: the field's value where it can be found, else the start of the line. */
export function offendingText(line: string, field: string | null): string {
	const value = field === null ? undefined : valueAt(line, field);
	return shorten(value === undefined ? line : JSON.stringify(value));
}

/** A table of faults as text, with a tab between cells, for a spreadsheet or an answer to whoever made the file. */
export function faultsAsText(
	faults: readonly BatchErrorObject[],
	lines: ReadonlyMap<number, string>,
	heads: readonly string[],
): string {
	const rows = faults.map((fault) => [
		fault.line === null ? "" : String(fault.line),
		fault.param ?? "",
		fault.message,
		textOfFault(fault, lines) ?? "",
	]);
	return [heads, ...rows].map((cells) => cells.map((cell) => cell.replaceAll(/[\t\r\n]+/g, " ")).join("\t")).join("\n");
}

/** The text a fault is about; null: it is not known. */
export function textOfFault(fault: BatchErrorObject, lines: ReadonlyMap<number, string>): string | null {
	const line = fault.line === null ? undefined : lines.get(fault.line);
	return line === undefined ? null : offendingText(line, fault.param);
}

/** Follows e.g. `body.messages[0].role`; of a field that is missing, what it is missing from. Undefined: not to be had. */
function valueAt(line: string, field: string): unknown {
	let value = parsed(line);
	if (value === undefined) return undefined;
	for (const step of field.match(/[^.[\]]+/g) ?? []) {
		if (typeof value !== "object" || value === null || !(step in value)) break;
		value = Object.entries(value).find(([key]) => key === step)?.[1];
	}
	return value;
}

function parsed(line: string): unknown {
	try {
		const value: unknown = JSON.parse(line);
		return value;
	} catch {
		// A line that is no JSON is what its fault says; it is shown as it stands.
		return undefined;
	}
}

function shorten(text: string): string {
	return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
