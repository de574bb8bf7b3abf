/** Checks one line after another: what it says, what it asks for, and how it goes with the lines before. */
import { BATCH_ENDPOINTS, type BatchFaultCode } from "../../contract/contract.ts";
import type { IndexedLine } from "../../ledger/ledger.ts";
import { createDigestTable } from "./digest-table.ts";
import type { FaultList } from "./fault-list.ts";
import { findJsonFault } from "./json-fault.ts";
import { createLineFamilies, createLineKeys, digestOf } from "./line-key.ts";
import type { FileLine, LineTrouble } from "./line-reader.ts";
import { createModelCheck } from "./model-check.ts";
import { isPlainRequest } from "./plain-request.ts";
import type { MeasuredLine, PromptLengths } from "./prompt-lengths.ts";
import type { ValidationOptions } from "./validation-options.ts";

/** Most requests in a file. Beyond it the tables that find doubled ids would outgrow the service's memory (about 50 bytes a line). */
export const MAX_LINES = 5_000_000;

/** Longest custom_id, in characters: it is kept in the index, and no one's ids are longer. */
const MAX_CUSTOM_ID_LENGTH = 512;

/** Deepest nesting of a body. Schemas people write stay below 50; what walks a body by recursion must not overflow. */
const MAX_BODY_DEPTH = 256;

type JsonObject = { readonly [key: string]: unknown };

/** Checks the lines of one file in order. */
export interface LineCheck {
	/** The line's entry in the index; null: it has a fault, or asks for nothing. */
	line(line: FileLine): IndexedLine | null;
	/** Checks what only the end shows, and gives memory back. */
	end(): void;
	summary(): { readonly total: number; readonly model: string | null; readonly endpoint: string | null };
}

/** A check that has seen no line yet. */
export function createLineCheck(options: ValidationOptions, faults: FaultList, lengths: PromptLengths): LineCheck {
	const ids = createDigestTable();
	const keys = createLineKeys();
	const familyOf = createLineFamilies();
	const models = createModelCheck(options, faults);
	const parseOptions = { allowStream: false, defaultModel: options.modelOverride };
	const maxLines = options.maxLines ?? MAX_LINES;
	let endpoint = options.endpoint;
	let total = 0;

	function parse(line: FileLine): unknown {
		if (line.text === null) {
			total += 1;
			if (line.trouble !== null) faults.add("invalid_json_line", line.number, null, describeTrouble(line.trouble));
			return undefined;
		}
		try {
			const value: unknown = JSON.parse(line.text);
			total += 1;
			return value;
		} catch (error) {
			if (!(error instanceof SyntaxError)) throw error;
			if (line.text.trim() === "") {
				faults.notice(line.number, "A blank line was skipped.");
				return undefined;
			}
			total += 1;
			faults.add("invalid_json_line", line.number, null, describeJsonFault(line.text));
			return undefined;
		}
	}

	function checkId(line: FileLine, id: unknown): void {
		const add = (code: BatchFaultCode, message: string) => faults.add(code, line.number, "custom_id", message);
		if (id === undefined) add("invalid_request", "Missing 'custom_id'. Give every line one of its own, as a string.");
		else if (typeof id !== "string") add("invalid_request", "'custom_id' must be a string. Put it in double quotes.");
		else if (id === "") add("invalid_request", "'custom_id' is empty. Give every line one of its own.");
		else if (id.length > MAX_CUSTOM_ID_LENGTH) {
			add("invalid_request", `'custom_id' has ${id.length} characters; at most ${MAX_CUSTOM_ID_LENGTH} are allowed.`);
		} else if (!id.isWellFormed()) {
			add(
				"invalid_request",
				"'custom_id' has half of a surrogate pair (\\ud800 to \\udfff), which can't be written back. Mend it.",
			);
		} else {
			const first = ids.claim(digestOf(id), line.number);
			if (first > 0) {
				const message = `The custom_id '${shorten(id)}' is already used on line ${first}. Answers are matched by it; make it unique.`;
				add("duplicate_custom_id", message);
			}
		}
	}

	function checkMethod(line: FileLine, method: unknown): void {
		if (method === "POST") return;
		const is = method === undefined ? "is missing" : `is ${shorten(JSON.stringify(method))}`;
		faults.add("invalid_request", line.number, "method", `'method' ${is}; it must be "POST".`);
	}

	/** Answers the url whose kind of body the line has, as far as that can be told. */
	function checkUrl(line: FileLine, url: unknown): string | null {
		if (typeof url !== "string") {
			const is = url === undefined ? "is missing" : "is not a string";
			const wanted = endpoint ?? "/v1/chat/completions";
			faults.add("invalid_request", line.number, "url", `'url' ${is}; give it as "${wanted}".`);
			return endpoint;
		}
		const isSpoken = options.dialectFor(url) !== null;
		if (endpoint === null && isSpoken) endpoint = url;
		if (url === endpoint) return url;
		const message =
			endpoint === null
				? `Requests to '${shorten(url)}' can't be run here. Supported are ${BATCH_ENDPOINTS.join(", ")}.`
				: `The url '${shorten(url)}' is not the batch's endpoint ${endpoint}. Every line must have that url.`;
		faults.add("url_mismatch", line.number, "url", message);
		return isSpoken ? url : endpoint;
	}

	function checkBody(line: FileLine, url: string, body: JsonObject): void {
		const isPlain = isPlainRequest(url, body);
		const measured = measure(line, url, body);
		const isDoubtful = lengths.isDoubtful(measured);
		if (isPlain && !isDoubtful) return;
		if (!isPlain && isDeeper(body, MAX_BODY_DEPTH)) {
			const message = `The body is nested more than ${MAX_BODY_DEPTH} levels deep. Make it flatter.`;
			faults.add("invalid_request", line.number, "body", message);
			return;
		}
		const parsed = options.dialectFor(url)?.parse(body, parseOptions);
		if (parsed === undefined) return;
		if (!parsed.ok) {
			for (const { param, message } of parsed.error) {
				faults.add("invalid_request", line.number, param === null ? "body" : `body.${param}`, message);
			}
		} else if (isDoubtful) {
			lengths.hold(measured, parsed.value.requests);
		}
	}

	function line(fileLine: FileLine): IndexedLine | null {
		const value = parse(fileLine);
		if (value === undefined || total > maxLines) return null;
		const faultsBefore = faults.count;
		if (!isObject(value)) {
			faults.add("invalid_json_line", fileLine.number, null, "This line is JSON, but not an object in braces.");
			return null;
		}
		const { custom_id: customId, method, body } = value;
		checkId(fileLine, customId);
		checkMethod(fileLine, method);
		const url = checkUrl(fileLine, value.url);
		if (!isObject(body)) {
			const is = body === undefined ? "is missing" : "must be an object";
			faults.add("invalid_request", fileLine.number, "body", `'body' ${is}: the request as it would be sent to 'url'.`);
			return null;
		}
		const model = models.check(fileLine.number, body.model);
		if (url !== null) checkBody(fileLine, url, body);
		if (isSilent(body)) faults.notice(fileLine.number, "All messages of a request are empty.");
		if (faultsBefore > 0 || faults.count > 0 || url === null || typeof customId !== "string") return null;
		const { offset, length } = fileLine;
		return { line: total - 1, customId, offset, length, key: keys.next(url, body), family: familyOf(model, body) };
	}

	return {
		line,
		end() {
			ids.release();
			keys.release();
			if (total === 0) {
				const message = "The input file is empty. Please ensure that the batch contains at least one request.";
				faults.add("empty_file", null, null, message);
			}
			if (total > maxLines) {
				const counts = `${total.toLocaleString("en")} requests; at most ${maxLines.toLocaleString("en")}`;
				faults.add("too_many_tasks", null, null, `The file has ${counts} are allowed. Split it.`);
			}
		},
		summary: () => ({ total, model: models.model(), endpoint }),
	};
}

function describeTrouble(trouble: LineTrouble): string {
	switch (trouble.kind) {
		case "too-long":
			return `This line is longer than ${trouble.limitBytes / 1024 ** 2} MB. Is a line end missing? Split it or shorten it.`;
		case "not-utf8":
			return `This line is not UTF-8 from byte ${trouble.position + 1} of the line on. Save the file as UTF-8.`;
		case "foreign":
			return `This file is ${trouble.format}, not JSON lines in UTF-8. Convert it; the rest of it was not read.`;
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

function measure(line: FileLine, endpoint: string, body: JsonObject): MeasuredLine {
	const messages = Array.isArray(body.messages) ? body.messages.length : 1;
	const hasTools = body.tools !== undefined || body.functions !== undefined;
	return { number: line.number, endpoint, bytes: line.length, messages, hasTools };
}

function isSilent(body: JsonObject): boolean {
	const { messages } = body;
	return Array.isArray(messages) && messages.length > 0 && messages.every((one) => isObject(one) && one.content === "");
}

/** Recursion is what this guards against, and it goes no deeper than the limit itself. */
function isDeeper(value: unknown, limit: number): boolean {
	if (typeof value !== "object" || value === null) return false;
	return limit === 0 || Object.values(value).some((child) => isDeeper(child, limit - 1));
}

function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Longest text of the file quoted in a message, in characters. */
const QUOTE_LENGTH = 60;

function shorten(text: string): string {
	return text.length > QUOTE_LENGTH ? `${text.slice(0, QUOTE_LENGTH)}…` : text;
}
