/** What Gemini's and Vertex's lines have in common. */
import { assertNever } from "../../base/base.ts";
import type { Answer } from "./answers.ts";
import { isObject } from "./json-record.ts";
import type { JsonObject, SkipReason } from "./line-format.ts";

/** Google's codes, by their HTTP numbers as its JSON errors have them, for lines that never ran. */
const skipCodes: Readonly<Record<SkipReason, { readonly code: number; readonly status: string }>> = {
	batch_expired: { code: 504, status: "DEADLINE_EXCEEDED" },
	batch_cancelled: { code: 499, status: "CANCELLED" },
	batch_failed: { code: 409, status: "ABORTED" },
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
		case "skipped": {
			const { code, status } = skipCodes[answer.reason];
			return { code, message: answer.message, status };
		}
		default:
			return assertNever(answer);
	}
}

/** What Google puts before a model's name, if a request has one at all. */
const NAME_PREFIX = /^(?:projects\/[^/]*\/locations\/[^/]*\/)?(?:publishers\/[^/]*\/)?models\//;

/** The model that a request names, without what Google puts before it. */
export function googleModel({ model }: JsonObject): unknown {
	return typeof model === "string" ? model.replace(NAME_PREFIX, "") : model;
}
