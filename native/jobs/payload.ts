/**
 * The bytes of a batch's output: what a line's answer looks like in the ledger and in the files. Everything here is derived
 * from the request and the model, never from the clock or from chance, so that equal runs give equal bytes.
 */
import { createHash } from "node:crypto";
import type { FinishedLine } from "../ledger/ledger.ts";

/** Ids of a line's answer. Two lines with equal requests have different keys, hence different ids. */
export function answerId(prefix: string, key: Uint8Array): string {
	return `${prefix}${Buffer.from(key).toString("hex")}`;
}

/** The answer to a line as the ledger keeps it: JSON of `{"response":…,"error":…}`. */
export function answerPayload(statusCode: number, key: Uint8Array, body: unknown): string {
	return JSON.stringify({
		response: { status_code: statusCode, request_id: answerId("req_", key), body },
		error: null,
	});
}

/** Why a line that was never run is in the error file. `batch_expired` is OpenAI's; `batch_cancelled` is ours. */
export type SkipReason = "batch_expired" | "batch_cancelled";

const skipMessages: Readonly<Record<SkipReason, string>> = {
	batch_expired: "This request could not be executed before the completion window expired.",
	batch_cancelled: "This request was not executed: the batch was cancelled.",
};

/** One line of an output or error file, with its line end. */
export function outputLine(line: FinishedLine, skipped: SkipReason | null): string {
	const payload = line.result?.payload ?? skippedPayload(skipped);
	const id = createHash("sha256").update(line.key).update(String(line.line)).digest("hex").slice(0, 32);
	// The payload is spliced in as text: parsing and printing a million answers again would only cost time.
	return `{"id":"batch_req_${id}","custom_id":${JSON.stringify(line.customId)},${payload.slice(1)}\n`;
}

function skippedPayload(reason: SkipReason | null): string {
	if (reason === null) throw new Error("A line without a result is in the files of a batch that claims to be complete");
	return JSON.stringify({ response: null, error: { code: reason, message: skipMessages[reason] } });
}
