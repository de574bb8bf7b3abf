import { hash } from "node:crypto";

/** What decides between two results of one line. */
export interface Contender {
	readonly isError: boolean;
	/** Round of the batch in which it was made. */
	readonly round: number;
	/** SHA-256 of the payload, 32 bytes. */
	readonly hash: Uint8Array;
}

/** SHA-256 of a payload's UTF-8 bytes, 32 bytes. */
export function payloadHash(payload: string): Buffer {
	return hash("sha256", payload, "buffer");
}

/**
 * True: `challenger` replaces `holder`. An answer beats an error, an error of a later round one of an earlier (which a retry takes
 * away first), and of two alike the least hash wins. That does not depend on the order of arrival nor on repetition, so that all
 * machines agree without talking (reference/mesh 4.1). An equal one does not win: writing a result twice is a no-op.
 */
export function beats(challenger: Contender, holder: Contender): boolean {
	if (challenger.isError !== holder.isError) return holder.isError;
	if (challenger.isError && challenger.round !== holder.round) return challenger.round > holder.round;
	return Buffer.compare(challenger.hash, holder.hash) < 0;
}
