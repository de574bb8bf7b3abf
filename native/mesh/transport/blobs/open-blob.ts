/** A large file of a member, read as fast as its reader takes it: for models, whose parts are kept and checked as a whole at the end. */
import type { DeviceId } from "../../identity/identity.ts";
import type { Holders } from "./holders.ts";
import { sizeOfRest } from "./range.ts";
import { piecesOf, type TransferDeps } from "./transfer.ts";

/** What is to be read. */
export interface OpenRequest {
	/** Lower-case hex SHA-256. */
	readonly digest: string;
	/** What comes before is here already. */
	readonly start: number;
	/** Who may have it, the best first. */
	readonly from: readonly DeviceId[];
}

/** A blob that a member gives, from `start` on. */
export interface OpenedBlob {
	/** Of all of it. */
	readonly sizeBytes: number;
	/** Ends early where the connection breaks. Nothing is checked: that takes the whole. */
	readonly bytes: AsyncIterable<Uint8Array>;
	/** Must be called once, whatever came of it. */
	end(): void;
}

/** What opening is made of. */
export interface OpenBlobDeps extends Pick<TransferDeps, "limits" | "signal" | "isMember"> {
	readonly holders: Holders;
}

/** Asks one after the other. Null: nobody gives it now. */
export async function openBlob(
	{ digest, start, from }: OpenRequest,
	{ holders, limits, signal, isMember }: OpenBlobDeps,
): Promise<OpenedBlob | null> {
	for (const holder of from) {
		if (signal.aborted) return null;
		if (!isMember(holder)) continue;
		const answer = await holders.ask(holder, digest, start);
		if (answer === null) continue;
		const { statusCode, headers } = answer.response;
		const sizeBytes = statusCode === 206 ? sizeOfRest(headers["content-range"], start) : null;
		if (sizeBytes !== null) return { sizeBytes, bytes: piecesOf(answer, { limits, signal }), end: answer.end };
		answer.end();
	}
	return null;
}
