/** Anthropic's lines: `{"custom_id", "params"}`, answered by `{"custom_id", "result"}`. */
import { assertNever } from "../../base/base.ts";
import { renderMessagesError } from "../../engine/dialects/dialect.ts";
import { readAnswer } from "./answers.ts";
import { createJsonLines, fieldsUnder, jsonLine, objectAt } from "./json-lines.ts";
import { parseRecord } from "./json-record.ts";
import type { JsonObject, LineFormat } from "./line-format.ts";

const URL = "/v1/messages";

/** The dialect of Anthropic's Message Batches. */
export function createAnthropicFormat(): LineFormat {
	const answerOf: LineFormat["result"] = (line, skipped) => ({
		custom_id: line.customId,
		result: resultOf(readAnswer(line, skipped)),
	});
	return createJsonLines({
		name: "anthropic",
		url: URL,
		namesModel: true,
		modelOf: ({ model }) => model,
		idParam: "custom_id",
		bodyParam: "params",
		paramOf: fieldsUnder("params"),
		unwrap: ({ custom_id: customId, params }) => ({ customId, url: URL, body: params }),
		requestOf: (line) => ({ url: URL, body: objectAt(line, "params") }),
		outputRecord: (line, _, skipped) => jsonLine(answerOf(line, skipped)),
		errorRecord: (line, request, skipped) =>
			jsonLine({ ...answerOf(line, skipped), params: objectAt(parseRecord(request()), "params") }),
		result: answerOf,
	});
}

function resultOf(answer: ReturnType<typeof readAnswer>): JsonObject {
	switch (answer.kind) {
		case "answered":
			return { type: "succeeded", message: answer.body };
		case "failed":
			return { type: "errored", error: answer.body };
		case "skipped":
			switch (answer.reason) {
				case "batch_expired":
					return { type: "expired" };
				case "batch_cancelled":
					return { type: "canceled" };
				case "batch_failed":
					return { type: "errored", error: renderMessagesError({ status: 500, message: answer.message }, null) };
				default:
					return assertNever(answer.reason);
			}
		default:
			return assertNever(answer);
	}
}
