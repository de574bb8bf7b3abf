import { createHash } from "node:crypto";
import { err, ok, type Result } from "../base/base.ts";
import type { Blobs, PutBlob } from "./blobs.ts";
import { CHUNK_SIZES, type ChunkSizes, lineChunks } from "./chunker.ts";
import { asWriteError, isDiskFull } from "./errors.ts";
import type { Ledger } from "./ledger.ts";
import type { Digest, StoredBytes, StoreFailure } from "./records.ts";

/** The largest output file: as many bytes as a million results of 1 MiB; a runaway stream ends here. */
const MAX_WHOLE_BYTES = 2 ** 40;

/** Ends a stream that grew over its limit. */
class TooLarge extends Error {}

/** Streams bytes into blobs and cleans up after streams that fail. */
export function createStore(deps: {
	blobs: Blobs;
	chunkSizes?: ChunkSizes;
}): Pick<Ledger, "storeBytes" | "storeWhole"> {
	const { blobs } = deps;
	const chunkSizes = deps.chunkSizes ?? CHUNK_SIZES;
	/** Streams that made or met a blob: what a failing one made is removed only if no other relies on it. A small entry for
	 * every 8 MiB stored, so that it may stay as long as the process. */
	const users = new Map<Digest, number>();

	function keep(put: PutBlob[], blob: PutBlob): { digest: Digest; sizeBytes: number } {
		put.push(blob);
		users.set(blob.digest, (users.get(blob.digest) ?? 0) + 1);
		return { digest: blob.digest, sizeBytes: blob.sizeBytes };
	}

	/** A stream that ended well keeps its count: its blobs are in other hands now. */
	function undo(put: readonly PutBlob[]): void {
		for (const blob of put) {
			const others = (users.get(blob.digest) ?? 1) - 1;
			if (others > 0) users.set(blob.digest, others);
			else users.delete(blob.digest);
			if (others === 0 && blob.created && blobs.has(blob.digest)) blobs.remove(blob.digest);
		}
	}

	async function guarded(
		put: PutBlob[],
		limitBytes: number,
		work: () => Promise<StoredBytes>,
	): Promise<Result<StoredBytes, StoreFailure>> {
		try {
			return ok(await work());
		} catch (error) {
			undo(put);
			if (error instanceof TooLarge) return err({ kind: "too-large", limitBytes });
			if (!isDiskFull(error)) throw asWriteError(error);
			return err({
				kind: "disk-full",
				message: "The disk that holds the data folder is full. Free some space and send the file again.",
			});
		}
	}

	return {
		storeBytes(bytes, limitBytes) {
			const put: PutBlob[] = [];
			return guarded(put, limitBytes, async () => {
				const whole = createHash("sha256");
				const sizes: { digest: Digest; sizeBytes: number }[] = [];
				let sizeBytes = 0;
				for await (const chunk of lineChunks(limited(bytes, limitBytes), chunkSizes)) {
					whole.update(chunk);
					sizes.push(keep(put, await blobs.put(chunk)));
					sizeBytes += chunk.length;
				}
				return { sizeBytes, digest: whole.digest("hex"), blobs: sizes };
			});
		},
		storeWhole(bytes) {
			const put: PutBlob[] = [];
			return guarded(put, MAX_WHOLE_BYTES, async () => {
				const stored = keep(put, await blobs.putStream(limited(bytes, MAX_WHOLE_BYTES)));
				return { ...stored, blobs: [stored] };
			});
		},
	};
}

async function* limited(source: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<Uint8Array> {
	let sizeBytes = 0;
	for await (const piece of source) {
		sizeBytes += piece.length;
		if (sizeBytes > limitBytes) throw new TooLarge();
		yield piece;
	}
}
