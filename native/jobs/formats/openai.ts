/** OpenAI's lines: `{"custom_id", "method", "url", "body"}`, answered by `{"id", "custom_id", "response", "error"}`. */

import { openAiAnswer } from "./answers.ts";
import { createJsonLines, fieldsUnder, objectAt } from "./json-lines.ts";
import { isObject, parseRecord } from "./json-record.ts";
import type { JsonObject, LineFormat, RecordFault } from "./line-format.ts";

/** OpenAI's dialect. */
export function createOpenAiFormat(): LineFormat {
	return createJsonLines({
		name: "openai",
		url: null,
		namesModel: true,
		modelOf: ({ model }) => model,
		idParam: "custom_id",
		bodyParam: "body",
		paramOf: fieldsUnder("body"),
		unwrap: ({ custom_id: customId, method, url, body }) => ({ customId, url, body, faults: checkMethod(method) }),
		requestOf(line) {
			if (typeof line.url !== "string")
				throw new Error("A validated line has no url: the bytes of the input have changed.");
			return { url: line.url, body: objectAt(line, "body") };
		},
		outputRecord: (line, _, skipped) => `${openAiAnswer(line, skipped)}}\n`,
		errorRecord(line, request, skipped) {
			const { method, url, body } = parseRecord(request());
			return `${openAiAnswer(line, skipped)},${JSON.stringify({ method, url, body }).slice(1)}\n`;
		},
		result: openAiResult,
	});
}

/** A line's answer as OpenAI writes it. */
export const openAiResult: LineFormat["result"] = (line, skipped): JsonObject => {
	const value: unknown = JSON.parse(`${openAiAnswer(line, skipped)}}`);
	return isObject(value) ? value : {};
};

const noFaults: readonly RecordFault[] = [];

/** Longest text of the file quoted in a message, in characters. */
const QUOTE_LENGTH = 60;

function checkMethod(method: unknown): readonly RecordFault[] {
	if (method === "POST") return noFaults;
	const said = method === undefined ? "" : JSON.stringify(method);
	const is = said === "" ? "is missing" : `is ${said.length > QUOTE_LENGTH ? `${said.slice(0, QUOTE_LENGTH)}…` : said}`;
	return [{ code: "invalid_request", param: "method", message: `'method' ${is}; it must be "POST".` }];
}
