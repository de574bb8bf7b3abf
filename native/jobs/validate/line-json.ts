/** From the bytes of a line to the object on it. */
import { assertNever } from "../../base/base.ts";
import type { FaultList } from "./fault-list.ts";
import { findJsonFault } from "./json-fault.ts";
import type { FileLine, LineTrouble } from "./line-reader.ts";

/** Any JSON object. */
export type JsonObject = { readonly [key: string]: unknown };

/** True for what JSON calls an object: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands on a line: its object, nothing at all, or something whose fault has been named. */
export type LineContent = JsonObject | "blank" | "faulty";

/** Reads a line as JSON. */
export function readLine(line: FileLine, faults: FaultList): LineContent {
	if (line.text === null) {
		if (line.trouble !== null) faults.add("invalid_json_line", line.number, null, describeTrouble(line.trouble));
		return "faulty";
	}
	try {
		const value: unknown = JSON.parse(line.text);
		if (isObject(value)) return value;
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return readBroken(line.number, line.text, faults);
	}
	faults.add("invalid_json_line", line.number, null, "This line is JSON, but not an object in braces.");
	return "faulty";
}

function readBroken(number: number, text: string, faults: FaultList): LineContent {
	if (text.trim() === "") {
		faults.notice(number, "A blank line was skipped.");
		return "blank";
	}
	faults.add("invalid_json_line", number, null, describeJsonFault(text));
	return "faulty";
}

function describeTrouble(trouble: LineTrouble): string {
	switch (trouble.kind) {
		case "too-long":
			return `This line is longer than ${trouble.limitBytes / 1024 ** 2} MB. Is a line end missing? Split it or shorten it.`;
		case "not-utf8":
			return `This line is not UTF-8 from byte ${trouble.position + 1} of the line on. Save the file as UTF-8.`;
		case "foreign":
			return `This file is ${trouble.format}, not JSON lines in UTF-8. Convert it; the rest of it was not read.`;
		default:
			return assertNever(trouble);
	}
}

/** Characters quoted on either side of where JSON breaks: enough to find the place by searching for it. */
const SNIPPET_CHARACTERS = 20;

function describeJsonFault(text: string): string {
	const fault = findJsonFault(text);
	if (fault === null) throw new Error("JSON.parse refused a text without fault.");
	const { position, reason } = fault;
	const snippet = text.slice(Math.max(0, position - SNIPPET_CHARACTERS), position + SNIPPET_CHARACTERS);
	return `This line is not parseable as valid JSON: ${reason} (character ${position + 1}, near ${JSON.stringify(snippet)}).`;
}
