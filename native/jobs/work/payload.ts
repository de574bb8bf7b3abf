/**
 * A line's answer as the ledger keeps it, whatever the dialect of its file. Everything here is derived from the request and the
 * model, never from the clock or from chance, so that equal runs give equal bytes. `formats` writes the files from it.
 */

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
