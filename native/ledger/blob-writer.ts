import { existsSync } from "node:fs";
import { mkdir, rename, rm, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "../base/base.ts";
import { type Random, randomId } from "./ids.ts";
import type { Digest } from "./records.ts";

/** A file being written: the part of Node's that is used. */
export interface WritableFile {
	write(bytes: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }>;
	sync(): Promise<void>;
	close(): Promise<void>;
}

/** Makes a file and opens it for writing; a narrow door so that tests can play a disk that is full. */
export type OpenForWriting = (path: string) => Promise<WritableFile>;

/** Writes files under a name of their own, and gives them the name of what they hold once they are on disk. */
export interface BlobWriter {
	/** Fills a new file; `fill` answers the digest of what it wrote. Answers that, and whether the blob is new. */
	write(fill: (file: WritableFile) => Promise<Digest>): Promise<readonly [digest: Digest, created: boolean]>;
	/** A file is just being given the name of this digest. */
	isUnderWay(digest: Digest): boolean;
}

/** A writer of the blobs at `pathOf`; `temporaryFolder` must be on the same disk. */
export function createBlobWriter(deps: {
	temporaryFolder: string;
	pathOf: (digest: Digest) => string;
	random: Random;
	openForWriting: OpenForWriting;
}): BlobWriter {
	const { temporaryFolder, pathOf, random, openForWriting } = deps;
	const underWay = new Map<Digest, Promise<void>>();
	/** Folders whose own names this process knows to be on disk. */
	const durableFolders = new Set<string>();

	async function moveInto(temporary: string, path: string): Promise<void> {
		const parent = dirname(path);
		await mkdir(parent, { recursive: true });
		if (!durableFolders.has(parent)) await syncFolder(dirname(parent));
		durableFolders.add(parent);
		await rename(temporary, path);
		await syncFolder(parent);
	}

	/** Gives a written file its name, or drops it if the blob is there already. Answers whether it is new. */
	async function settle(temporary: string, digest: Digest): Promise<boolean> {
		for (let other = underWay.get(digest); other !== undefined; other = underWay.get(digest)) await other;
		const path = pathOf(digest);
		const created = !existsSync(path);
		const work = created ? moveInto(temporary, path) : refresh(temporary, path);
		const settled = work.finally(() => underWay.delete(digest));
		underWay.set(digest, settled.catch(ignoreHere));
		await settled;
		return created;
	}

	return {
		isUnderWay: (digest) => underWay.has(digest),
		async write(fill) {
			const temporary = join(temporaryFolder, randomId("", random));
			try {
				const file = await openForWriting(temporary);
				let digest: Digest;
				try {
					digest = await fill(file);
					await file.sync();
				} finally {
					await file.close();
				}
				return [digest, await settle(temporary, digest)];
			} catch (error) {
				await rm(temporary, { force: true });
				throw error;
			}
		},
	};
}

/** The one who waits for a put under way only needs to know that it ended; its failure goes to the one who asked for it. */
function ignoreHere(): void {}

/** Makes a blob that is there young again, so that no sweep takes it, and sure to be on disk. */
async function refresh(temporary: string, path: string): Promise<void> {
	const now = new Date();
	await utimes(path, now, now);
	await syncFolder(dirname(path));
	await rm(temporary, { force: true });
}

/** Writes all of `bytes`, however many writes that takes. */
export async function writeAll(file: WritableFile, bytes: Uint8Array): Promise<void> {
	let written = 0;
	while (written < bytes.length) {
		const { bytesWritten } = await file.write(bytes, written, bytes.length - written);
		written += bytesWritten;
	}
}
