import { createHash, hash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, statSync, unlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { err, ok, type Result } from "../base/base.ts";
import { createBlobWriter, type OpenForWriting, writeAll } from "./blob-writer.ts";
import { LedgerDamageError } from "./errors.ts";
import { type BlobHandles, createBlobHandles } from "./handles.ts";
import type { Random } from "./ids.ts";
import type { Digest, StoredBytes } from "./records.ts";

/** Bytes read at a time while a blob is streamed. */
const READ_BYTES = 256 * 1024;

/** Name of the folder for files being written; never a digest's first two digits. */
const TEMPORARY = "tmp";

/** A blob that was put, and whether it was there before. */
export interface PutBlob {
	readonly digest: Digest;
	readonly sizeBytes: number;
	readonly created: boolean;
}

/** Ends the writing of what is not the blob that was asked for. */
class Refused extends Error {
	readonly kind: "other-bytes" | "too-large";

	constructor(kind: Refused["kind"], message: string) {
		super(message);
		this.kind = kind;
	}
}

/**
 * Files named by the SHA-256 of their bytes. Each is written once and never changed; on disk when its put resolves. Several threads
 * may have the same folder; the one that has the ledger opens it first, since it clears what was left half written.
 */
export interface Blobs {
	readonly handles: BlobHandles;
	/** Stores bytes at hand. */
	put(bytes: Uint8Array): Promise<PutBlob>;
	/** Stores a stream as one blob, with flat memory. */
	putStream(bytes: AsyncIterable<Uint8Array>): Promise<PutBlob>;
	/**
	 * Stores what another machine sends as the blob of this digest, checked while it comes. Bytes of another digest, or more than
	 * `limitBytes`, are refused and leave nothing behind. What the stream throws is thrown on.
	 */
	receive(
		digest: Digest,
		bytes: AsyncIterable<Uint8Array>,
		limitBytes: number,
	): Promise<Result<PutBlob, { readonly kind: "other-bytes" | "too-large"; readonly message: string }>>;
	has(digest: Digest): boolean;
	/** Bytes from `start` to before `end`. */
	stream(digest: Digest, start: number, end: number): AsyncIterable<Uint8Array>;
	/** SHA-256 of what the file of a blob holds; null: there is none. */
	digestOnDisk(digest: Digest): Promise<Digest | null>;
	/** A whole blob, checked against its name; null: it is missing or holds other bytes. For blobs of a few MiB. */
	readWholeSync(digest: Digest): Buffer | null;
	/** All blobs with the time they were last stored. */
	list(): Iterable<{ readonly digest: Digest; readonly storedAtMs: number }>;
	/** Removes a blob, unless a put of the same bytes is under way. */
	remove(digest: Digest): void;
	/** Throws `LedgerDamageError` if one of these blobs is not there, so that nothing is recorded that can't be read. */
	require(blobs: StoredBytes["blobs"]): void;
	/** Removes what was being written when the last process ended. Only while no put is under way. */
	clearTemporary(): void;
}

/** The blobs below `folder`, which is made if it is missing. */
export function createBlobs(deps: { folder: string; random: Random; openForWriting?: OpenForWriting }): Blobs {
	const { folder, random } = deps;
	const openForWriting = deps.openForWriting ?? ((path) => open(path, "wx"));
	const temporaryFolder = join(folder, TEMPORARY);
	mkdirSync(temporaryFolder, { recursive: true });
	const pathOf = (digest: Digest): string => join(folder, digest.slice(0, 2), digest);
	const handles = createBlobHandles(pathOf);
	const writer = createBlobWriter({ temporaryFolder, pathOf, random, openForWriting });

	return {
		handles,
		async put(bytes) {
			const digest = hash("sha256", bytes, "hex");
			const [, created] = await writer.write(async (file) => {
				await writeAll(file, bytes);
				return digest;
			});
			return { digest, sizeBytes: bytes.length, created };
		},
		async putStream(bytes) {
			let sizeBytes = 0;
			const [digest, created] = await writer.write(async (file) => {
				const whole = createHash("sha256");
				for await (const piece of bytes) {
					whole.update(piece);
					sizeBytes += piece.length;
					await writeAll(file, piece);
				}
				return whole.digest("hex");
			});
			return { digest, sizeBytes, created };
		},
		async receive(digest, bytes, limitBytes) {
			let sizeBytes = 0;
			try {
				const [, created] = await writer.write(async (file) => {
					const whole = createHash("sha256");
					for await (const piece of bytes) {
						sizeBytes += piece.length;
						if (sizeBytes > limitBytes) throw new Refused("too-large", `is larger than ${limitBytes} bytes`);
						whole.update(piece);
						await writeAll(file, piece);
					}
					if (whole.digest("hex") !== digest) throw new Refused("other-bytes", "came with other bytes");
					return digest;
				});
				return ok({ digest, sizeBytes, created });
			} catch (error) {
				if (!(error instanceof Refused)) throw error;
				return err({ kind: error.kind, message: `Blob ${digest} ${error.message}.` });
			}
		},
		has: (digest) => existsSync(pathOf(digest)),
		async *stream(digest, start, end) {
			for (let position = start; position < end; position += READ_BYTES) {
				yield await handles.read(digest, position, Math.min(READ_BYTES, end - position));
			}
		},
		async digestOnDisk(digest) {
			if (!existsSync(pathOf(digest))) return null;
			const whole = createHash("sha256");
			for await (const piece of createReadStream(pathOf(digest), { highWaterMark: READ_BYTES })) whole.update(piece);
			return whole.digest("hex");
		},
		readWholeSync(digest) {
			if (!existsSync(pathOf(digest))) return null;
			const bytes = readFileSync(pathOf(digest));
			return hash("sha256", bytes, "hex") === digest ? bytes : null;
		},
		list: () => listBlobs(folder),
		require(blobs) {
			for (const { digest } of blobs) {
				if (existsSync(pathOf(digest))) continue;
				throw new LedgerDamageError(`Blob ${digest} is not there: bytes that no file takes are removed after a day.`);
			}
		},
		remove(digest) {
			if (writer.isUnderWay(digest)) return;
			handles.forget(digest);
			unlinkSync(pathOf(digest));
		},
		clearTemporary() {
			for (const name of readdirSync(temporaryFolder)) unlinkSync(join(temporaryFolder, name));
		},
	};
}

function* listBlobs(folder: string): Generator<{ readonly digest: Digest; readonly storedAtMs: number }> {
	for (const prefix of readdirSync(folder)) {
		if (!/^[0-9a-f]{2}$/.test(prefix)) continue;
		for (const digest of readdirSync(join(folder, prefix))) {
			if (!/^[0-9a-f]{64}$/.test(digest)) continue;
			yield { digest, storedAtMs: statSync(join(folder, prefix, digest)).mtimeMs };
		}
	}
}
