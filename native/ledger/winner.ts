import { hash } from "node:crypto";

/** What decides between two results of one line. */
export interface Contender {
	readonly isError: boolean;
	/** SHA-256 of the payload, 32 bytes. */
	readonly hash: Uint8Array;
}

/** SHA-256 of a payload's UTF-8 bytes, 32 bytes. */
export function payloadHash(payload: string): Buffer {
	return hash("sha256", payload, "buffer");
}

/**
 * True: `challenger` replaces `holder`. The winner of a line is the least by (isError, hash), which does not depend on the
 * order of arrival nor on repetition, so that all machines agree without talking (reference/mesh 4.1). An equal one does not
 * win: writing a result twice is a no-op.
 */
export function beats(challenger: Contender, holder: Contender): boolean {
	if (challenger.isError !== holder.isError) return holder.isError;
	return Buffer.compare(challenger.hash, holder.hash) < 0;
}
