/** One line of a batch as people browse it: what was asked beside what came of it, and whether a search finds it. Pure. */
import type { BatchLine, BatchLineDetails } from "../contract/contract.ts";
import { type Answer, errorMessage, readAnswer } from "../jobs/formats/answers.ts";
import { askedText } from "../jobs/formats/asked-text.ts";
import type { JsonObject, LineFormat, SkipReason } from "../jobs/formats/formats.ts";
import { isObject, parseRecord } from "../jobs/formats/json-record.ts";
import { parseRow, readHeader } from "../jobs/formats/table-header.ts";
import type { BatchRecord, BrowsedLine } from "../ledger/ledger.ts";

/** The batch that lines belong to, and how they are written. */
export interface LinesView {
	readonly batch: BatchRecord;
	readonly format: LineFormat;
	/** Why lines without a result have none; null: they are still to run. */
	readonly skipped: SkipReason | null;
}

/** Characters shown of a request or an answer: some lines of a list; the line by itself has all. */
const SHOWN_CHARACTERS = 500;

/** A line in a list. */
export function composeBatchLine(line: BrowsedLine, view: LinesView): BatchLine {
	const answer = answerOf(line, view);
	return {
		line: line.line,
		custom_id: line.customId,
		state: stateOf(answer),
		asked: cut(askedOf(line, view)),
		answered: answer === null ? null : cut(answeredText(line, answer, view)),
		error_code: answer === null ? null : errorCodeOf(answer),
	};
}

/** A line as a whole. `head` is the start of the input file, of which only tables need anything; null: it is gone. */
export function composeBatchLineDetails(
	line: BrowsedLine,
	view: LinesView,
	head: () => Uint8Array | null,
): BatchLineDetails {
	const made = line.result?.provenance ?? null;
	const { model } = view.batch;
	return {
		...composeBatchLine(line, view),
		request: line.bytes === null ? {} : { ...requestOf(line.bytes, view, head) },
		result: answerOf(line, view) === null ? null : { ...view.format.result(line, view.skipped) },
		model: made !== null && made.modelDigest === model?.digest ? model.name : null,
		machine: made?.machine ?? null,
		duration_seconds: made === null ? null : made.durationMs / 1000,
		input_tokens: made?.promptTokens ?? null,
		output_tokens: made?.completionTokens ?? null,
		produced_at: made === null ? null : made.producedAtMs / 1000,
	};
}

/**
 * Tells which lines have a text in their id, in what was asked or in what came of it, whatever the case. A text that goes over
 * the border between two parts of one answer is not found.
 */
export function createLineSearch(search: string, view: LinesView): (line: BrowsedLine) => boolean {
	const needle = search.toLowerCase();
	const has = (text: string) => text.toLowerCase().includes(needle);
	const mayHave = createRawLook(needle);
	const isTable = view.batch.manifest.template !== null;
	return (line) => {
		if (has(line.customId)) return true;
		// What a row asks is made by the template: its bytes tell nothing.
		const mayAsk = line.bytes !== null && (isTable || mayHave(textOf(line.bytes)));
		if (mayAsk && has(askedOf(line, view))) return true;
		if (line.result !== null && !mayHave(line.result.payload)) return false;
		const answer = answerOf(line, view);
		return answer !== null && has(answeredText(line, answer, view));
	};
}

/** What JSON may only write with a backslash, or (the slash) often does. */
const ESCAPED = /[\p{Cc}"\\/]/u;

/**
 * Tells by the JSON text alone whether a string in it can have `needle`: parsing is only for those. Says yes too often, as where
 * characters are written by their number, but never no to a text that has it.
 */
function createRawLook(needle: string): (json: string) => boolean {
	if (ESCAPED.test(needle)) return () => true;
	return (json) => json.includes("\\u") || json.toLowerCase().includes(needle);
}

function textOf(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

/** Null: it is still to run. */
function answerOf(line: BrowsedLine, { skipped }: LinesView): Answer | null {
	return line.result === null && skipped === null ? null : readAnswer(line, skipped);
}

function stateOf(answer: Answer | null): BatchLine["state"] {
	if (answer === null) return "open";
	return answer.kind === "answered" ? "answered" : "failed";
}

function askedOf({ bytes }: BrowsedLine, { format }: LinesView): string {
	return bytes === null ? "" : askedText(format.request(bytes).body);
}

function answeredText(line: BrowsedLine, answer: Answer, { format }: LinesView): string {
	// A line that was skipped has words too, so what is left without any was answered.
	return errorMessage(answer) ?? format.text(line) ?? JSON.stringify("body" in answer ? answer.body : null);
}

/** What every dialect has under another name; null: it was answered, or the error has none. */
function errorCodeOf(answer: Answer): string | null {
	if (answer.kind === "answered") return null;
	if (answer.kind === "skipped") return answer.reason;
	const { error } = answer.body;
	if (!isObject(error)) return null;
	// OpenAI's; Google's, whose `code` is a number; Anthropic's.
	const word = [error.code, error.status, error.type].find((one) => typeof one === "string");
	return typeof word === "string" ? word : null;
}

/** As it stands in the file; of a table its row, by the names of the columns. */
function requestOf(bytes: Uint8Array, { batch }: LinesView, readHead: () => Uint8Array | null): JsonObject {
	const { format } = batch.manifest;
	if (format !== "csv" && format !== "tsv") return parseRecord(bytes);
	const head = readHead();
	const header = head === null ? null : readHeader(format, head);
	if (header?.ok !== true) return {};
	const fields = parseRow(textOf(bytes), header.value.delimiter);
	return Object.fromEntries(header.value.columns.map((column, index) => [column.trim(), fields[index] ?? ""]));
}

/** Cuts a long text, never within a character. */
function cut(text: string): string {
	if (text.length <= SHOWN_CHARACTERS) return text;
	return `${text.slice(0, SHOWN_CHARACTERS - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
