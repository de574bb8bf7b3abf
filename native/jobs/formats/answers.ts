/** What a line came to, read from the payload that the ledger keeps of it. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { assertNever } from "../../base/base.ts";
import type { FinishedLine } from "../../ledger/ledger.ts";
import { isObject } from "./json-record.ts";
import type { JsonObject, SkipReason } from "./line-format.ts";

/** An answer, a refusal, or neither, since the line never ran. */
export type Answer =
	| { readonly kind: "answered"; readonly body: JsonObject }
	| { readonly kind: "failed"; readonly statusCode: number; readonly body: JsonObject }
	| { readonly kind: "skipped"; readonly reason: SkipReason; readonly message: string };

const payloadSchema = z.object({
	response: z
		.object({ status_code: z.number(), body: z.custom<JsonObject>(isObject, "The body of an answer is no object.") })
		.nullable(),
});

const skipMessages: Readonly<Record<SkipReason, string>> = {
	batch_expired: "This request could not be executed before the completion window expired.",
	batch_cancelled: "This request was not executed: the batch was cancelled.",
	batch_failed: "This request was not executed: too many others failed, and the batch was given up.",
};

/** Reads a line's answer. Throws where there is none and no reason either: such a line belongs into no file. */
export function readAnswer(line: FinishedLine, skipped: SkipReason | null): Answer {
	if (line.result === null) {
		const reason = requireReason(skipped);
		return { kind: "skipped", reason, message: skipMessages[reason] };
	}
	const { response } = payloadSchema.parse(JSON.parse(line.result.payload));
	if (response === null) throw new Error("A recorded result has no response.");
	const { status_code: statusCode, body } = response;
	return line.result.isError ? { kind: "failed", statusCode, body } : { kind: "answered", body };
}

/** A line of OpenAI's output without its closing brace, so that more can follow. */
export function openAiAnswer(line: FinishedLine, skipped: SkipReason | null): string {
	const payload = line.result?.payload ?? skippedPayload(requireReason(skipped));
	const id = createHash("sha256").update(line.key).update(String(line.line)).digest("hex").slice(0, 32);
	// The payload is spliced in as text: parsing and printing a million answers again would only cost time.
	return `{"id":"batch_req_${id}","custom_id":${JSON.stringify(line.customId)},${payload.slice(1, -1)}`;
}

/** Why a line failed or never ran, in a sentence; null: it did neither. */
export function errorMessage(answer: Answer): string | null {
	switch (answer.kind) {
		case "answered":
			return null;
		case "skipped":
			return answer.message;
		case "failed": {
			// In every dialect's envelope the words stand in the same place.
			const { error } = answer.body;
			const message = isObject(error) ? error.message : null;
			return typeof message === "string" ? message : JSON.stringify(answer.body);
		}
		default:
			return assertNever(answer);
	}
}

function skippedPayload(reason: SkipReason): string {
	return JSON.stringify({ response: null, error: { code: reason, message: skipMessages[reason] } });
}

function requireReason(skipped: SkipReason | null): SkipReason {
	if (skipped !== null) return skipped;
	throw new Error("A line without a result is in the files of a batch that claims to be complete");
}
