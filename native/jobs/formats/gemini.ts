/** Gemini's lines: `{"key", "request"}`, answered by `{"key", "response"}` or `{"key", "error"}`. */
import { GEMINI_GENERATE_URL } from "../../contract/contract.ts";
import { readAnswer } from "./answers.ts";
import { googleModel, googleStatus } from "./google.ts";
import { createJsonLines, fieldsUnder, jsonLine, objectAt } from "./json-lines.ts";
import { parseRecord } from "./json-record.ts";
import type { LineFormat } from "./line-format.ts";

/** The dialect of Gemini's Batch API. */
export function createGeminiFormat(): LineFormat {
	const answerOf: LineFormat["result"] = (line, skipped) => {
		const answer = readAnswer(line, skipped);
		if (answer.kind === "answered") return { key: line.customId, response: answer.body };
		return { key: line.customId, error: googleStatus(answer) };
	};
	return createJsonLines({
		name: "gemini",
		url: GEMINI_GENERATE_URL,
		namesModel: false,
		modelOf: googleModel,
		idParam: "key",
		bodyParam: "request",
		paramOf: fieldsUnder("request"),
		unwrap: ({ key, request }) => ({ customId: key, url: GEMINI_GENERATE_URL, body: request }),
		requestOf: (line) => ({ url: GEMINI_GENERATE_URL, body: objectAt(line, "request") }),
		outputRecord: (line, _, skipped) => jsonLine(answerOf(line, skipped)),
		errorRecord: (line, request, skipped) =>
			jsonLine({ ...answerOf(line, skipped), request: objectAt(parseRecord(request()), "request") }),
		result: answerOf,
	});
}
