/** Vertex's lines: `{"request"}` without an id, answered by the request and its answer side by side. */
import { GEMINI_GENERATE_URL } from "../../contract/contract.ts";
import { readAnswer } from "./answers.ts";
import { googleModel, googleStatus } from "./google.ts";
import { createJsonLines, fieldsUnder, jsonLine, objectAt } from "./json-lines.ts";
import { parseRecord } from "./json-record.ts";
import type { LineFormat } from "./line-format.ts";

/** Of every line: the time an answer was made is provenance; in the file it would make two equal runs differ. */
const PROCESSED_TIME = "1970-01-01T00:00:00Z";

/** The dialect of Vertex's batch prediction. */
export function createVertexFormat(): LineFormat {
	const answerOf: LineFormat["result"] = (line, skipped) => {
		const answer = readAnswer(line, skipped);
		const failure = googleStatus(answer);
		const status = failure === null ? "" : `${failure.status ?? failure.code}: ${failure.message}`;
		const response = answer.kind === "answered" ? answer.body : {};
		return { status, processed_time: PROCESSED_TIME, response };
	};
	const record: LineFormat["outputRecord"] = (line, bytes, skipped) => {
		// What the line had beside its request stays with it; people match answers by what they sent.
		const { status: _, processed_time: __, response: ___, ...sent } = parseRecord(bytes());
		const { status, processed_time, response } = answerOf(line, skipped);
		return jsonLine({ status, processed_time, ...sent, response });
	};
	return createJsonLines({
		name: "vertex",
		url: GEMINI_GENERATE_URL,
		namesModel: false,
		modelOf: googleModel,
		idParam: "request",
		bodyParam: "request",
		paramOf: fieldsUnder("request"),
		unwrap: ({ request }, place) => ({ customId: `line-${place}`, url: GEMINI_GENERATE_URL, body: request }),
		requestOf: (line) => ({ url: GEMINI_GENERATE_URL, body: objectAt(line, "request") }),
		outputRecord: record,
		errorRecord: record,
		result: answerOf,
	});
}
