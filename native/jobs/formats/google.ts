/** What Gemini's and Vertex's lines have in common. */
import { assertNever } from "../../base/base.ts";
import { geminiModelName, renderGeminiError } from "../../engine/dialects/dialect.ts";
import type { Answer } from "./answers.ts";
import { isObject } from "./json-record.ts";
import type { JsonObject, SkipReason } from "./line-format.ts";

/** HTTP numbers, which Google's JSON errors have as their codes, of lines that never ran. */
const skipStatuses: Readonly<Record<SkipReason, number>> = {
	batch_expired: 504,
	batch_cancelled: 499,
	batch_failed: 409,
};

/** `{code, message, status}` of a line that failed or never ran; null: it was answered. */
export function googleStatus(answer: Answer): JsonObject | null {
	switch (answer.kind) {
		case "answered":
			return null;
		case "failed": {
			const { error } = answer.body;
			return isObject(error) ? error : { code: answer.statusCode, message: JSON.stringify(answer.body) };
		}
		case "skipped":
			return renderGeminiError({ status: skipStatuses[answer.reason], message: answer.message }).error;
		default:
			return assertNever(answer);
	}
}

/** The model that a request names, without what Google puts before it. */
export function googleModel({ model }: JsonObject): unknown {
	return typeof model === "string" ? geminiModelName(model) : model;
}
