/** From the text of a line to the object on it. */
import { formatCount } from "../../base/base.ts";
import { findJsonFault } from "./json-fault.ts";
import { findOddities, isNestedDeeper } from "./json-scan.ts";
import type { JsonObject, RecordFault } from "./line-format.ts";

/** True for what JSON calls an object: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands on a line. */
export type JsonReading =
	| {
			readonly kind: "object";
			readonly object: JsonObject;
			/** Doubled keys. */
			readonly faults: readonly RecordFault[];
			/** First field with half of a surrogate pair; null: none. */
			readonly brokenText: string | null;
	  }
	| { readonly kind: "blank" }
	| { readonly kind: "faulty"; readonly faults: readonly RecordFault[] };

const noFaults: readonly RecordFault[] = [];

/** Characters from which on nesting is looked at before the text is parsed: a line of brackets takes thirty times its size. */
const LONG_TEXT = 1024 * 1024;
/** Deepest nesting of a long line, all it holds together. A request may be nested far less deep, and its check says so. */
const MAX_DEPTH = 1_000;

/** Reads a line as one JSON object. */
export function readJsonObject(text: string): JsonReading {
	if (text.length > LONG_TEXT && isNestedDeeper(text, MAX_DEPTH)) {
		return faulty(`This line is nested more than ${formatCount(MAX_DEPTH)} levels deep. Make it flatter.`);
	}
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return text.trim() === "" ? { kind: "blank" } : faulty(describeJsonFault(text));
	}
	if (!isObject(value)) return faulty("This line is JSON, but not an object in braces.");
	const oddities = findOddities(text, value);
	if (oddities === null) return { kind: "object", object: value, faults: noFaults, brokenText: null };
	const faults = oddities.doubledKeys.map(describeDoubledKey);
	return { kind: "object", object: value, faults, brokenText: oddities.brokenText };
}

/** The object on a line that passed validation; throws on any other. */
export function parseRecord(bytes: Uint8Array): JsonObject {
	const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
	const value: unknown = JSON.parse(text);
	if (!isObject(value)) throw new Error("A validated line is not an object: the bytes of the input have changed.");
	return value;
}

function faulty(message: string): JsonReading {
	return { kind: "faulty", faults: [{ code: "invalid_json_line", param: null, message }] };
}

/** Longest key quoted in a message, in characters. */
const QUOTE_LENGTH = 100;

function describeDoubledKey(param: string): RecordFault {
	const quoted = param.length > QUOTE_LENGTH ? `${param.slice(0, QUOTE_LENGTH)}…` : param;
	const message = `'${quoted}' stands twice in one object, and only one of the two can be meant. Take one away.`;
	return { code: "invalid_json_line", param, message };
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
