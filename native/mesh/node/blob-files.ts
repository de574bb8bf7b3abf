/** Blobs as the mesh's thread reads and writes them: the ledger's own files, without its database. */
import { createReadStream, existsSync } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { err, errorCode, ok, type Result } from "../../base/base.ts";
import { type Blobs, createBlobs } from "../../ledger/blobs.ts";
import { systemRandom } from "../../ledger/ids.ts";
import type { BlobSource } from "../transport/transport.ts";
import type { BlobName } from "./messages.ts";

/** Files that other machines may have by the digest of their bytes, beside blobs: models. */
export type SharedFiles = ReadonlyMap<string, string>;

/** Access to blobs. */
export interface BlobFiles {
	has(digest: string): boolean;
	/** From now on these are given too, and no others beside blobs. */
	share(files: SharedFiles): void;
	/** Null: it is not here. */
	open(digest: string): Promise<BlobSource | null>;
	/** Writes bytes as a blob; on disk when it resolves. The failure is a sentence. */
	receive(digest: string, bytes: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Result<void, string>>;
	/** Whether the disk would take these and still have as much free again. */
	hasRoomFor(blobs: readonly BlobName[]): Promise<boolean>;
}

/** The blobs in the ledger's folder. */
export function createBlobFiles(folder: string): BlobFiles {
	const blobs: Blobs = createBlobs({ folder, random: systemRandom });
	const pathOf = (digest: string): string => join(folder, digest.slice(0, 2), digest);
	let shared: SharedFiles = new Map();
	return {
		share(files) {
			shared = files;
		},
		has: (digest) => existsSync(pathOf(digest)),
		async open(digest) {
			const sizeBytes = await sizeOf(pathOf(digest));
			if (sizeBytes !== null) return { sizeBytes, stream: (start, end) => blobs.stream(digest, start, end) };
			const path = shared.get(digest);
			return path === undefined ? null : openFile(path);
		},
		async receive(digest, bytes, limitBytes) {
			const received = await blobs.receive(digest, bytes, limitBytes);
			return received.ok ? ok(undefined) : err(received.error.message);
		},
		async hasRoomFor(wanted) {
			const missing = wanted.filter(({ digest }) => !existsSync(pathOf(digest)));
			const neededBytes = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
			const { bavail, bsize } = await statfs(folder);
			return bavail * bsize >= ROOM_FACTOR * neededBytes;
		},
	};
}

/** The input, and as much again for its results. */
const ROOM_FACTOR = 2;

/** Bytes of a shared file read at once. */
const READ_BYTES = 256 * 1_024;

async function openFile(path: string): Promise<BlobSource | null> {
	const sizeBytes = await sizeOf(path);
	if (sizeBytes === null) return null;
	return {
		sizeBytes,
		stream: (start, end) => createReadStream(path, { start, end: end - 1, highWaterMark: READ_BYTES }),
	};
}

async function sizeOf(path: string): Promise<number | null> {
	try {
		return (await stat(path)).size;
	} catch (error) {
		if (errorCode(error) === "ENOENT") return null;
		throw error;
	}
}
