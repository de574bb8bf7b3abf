import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { OpenForWriting } from "./blob-writer.ts";
import { type Blobs, createBlobs } from "./blobs.ts";
import { systemRandom } from "./ids.ts";
import { createStore } from "./store.ts";
import { bytesOf, digestOf, streamOf } from "./testing/fixtures.ts";
import { temporaryFolder } from "./testing/sqlite.ts";

const CHUNK_SIZES = { targetBytes: 8, maxBytes: 16, larger: null };
const TEXT = "first\nsecond\nthird\n";

let folder = "";

beforeEach(() => {
	folder = join(temporaryFolder(), "blobs");
	mkdirSync(folder);
});

afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

function blobsOf(openForWriting?: OpenForWriting): Blobs {
	const deps = { folder, random: systemRandom };
	return createBlobs(openForWriting === undefined ? deps : { ...deps, openForWriting });
}

function filesLeft(): string[] {
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
	return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

/** Opens real files of a disk that has room for so many writes. */
function diskWithRoomFor(writes: number): OpenForWriting {
	let left = writes;
	return async (path) => {
		const file = await open(path, "wx");
		return {
			write(bytes, offset, length) {
				left -= 1;
				if (left < 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
				return file.write(bytes, offset, length);
			},
			sync: () => file.sync(),
			close: () => file.close(),
		};
	};
}

it("stores line-aligned blobs named by what they hold, each once", async () => {
	const blobs = blobsOf();
	const store = createStore({ blobs, chunkSizes: CHUNK_SIZES });
	const first = await store.storeBytes(streamOf(TEXT), 100);
	const second = await store.storeBytes(streamOf(TEXT), 100);
	expect(second).toEqual(first);
	const chunks = ["first\n", "second\n", "third\n"].map((text) => ({ digest: digestOf(text), sizeBytes: text.length }));
	expect(first).toEqual({ ok: true, value: { sizeBytes: TEXT.length, digest: digestOf(TEXT), blobs: chunks } });
	expect(filesLeft().sort()).toEqual(chunks.map((chunk) => chunk.digest).sort());
});

it("stores an output as one blob, and nothing as an empty one", async () => {
	const blobs = blobsOf();
	const store = createStore({ blobs, chunkSizes: CHUNK_SIZES });
	const whole = { digest: digestOf(TEXT), sizeBytes: TEXT.length };
	expect(await store.storeWhole(streamOf(TEXT))).toEqual({ ok: true, value: { ...whole, blobs: [whole] } });
	expect(await bytesOf(blobs.stream(whole.digest, 0, whole.sizeBytes))).toEqual(Buffer.from(TEXT));
	expect(await store.storeWhole(streamOf(""))).toMatchObject({ ok: true, value: { sizeBytes: 0 } });
	expect(await store.storeBytes(streamOf(""), 10)).toMatchObject({ ok: true, value: { sizeBytes: 0, blobs: [] } });
});

it("says that the disk is full and leaves nothing behind", async () => {
	for (const room of [0, 1, 2]) {
		const store = createStore({ blobs: blobsOf(diskWithRoomFor(room)), chunkSizes: CHUNK_SIZES });
		expect(await store.storeBytes(streamOf(TEXT), 100)).toMatchObject({ ok: false, error: { kind: "disk-full" } });
		expect(filesLeft()).toEqual([]);
	}
	const store = createStore({ blobs: blobsOf(diskWithRoomFor(1)), chunkSizes: CHUNK_SIZES });
	expect(await store.storeWhole(streamOf(TEXT))).toMatchObject({ ok: false, error: { kind: "disk-full" } });
	expect(filesLeft()).toEqual([]);
});

it("leaves nothing of a stream that is too large or breaks off, but what others stored", async () => {
	const store = createStore({ blobs: blobsOf(), chunkSizes: CHUNK_SIZES });
	await store.storeBytes(streamOf("first\n"), 100);
	expect(await store.storeBytes(streamOf(TEXT), 15)).toEqual({
		ok: false,
		error: { kind: "too-large", limitBytes: 15 },
	});
	async function* broken(): AsyncGenerator<Uint8Array> {
		yield* streamOf(TEXT);
		throw new Error("gone");
	}
	await expect(store.storeBytes(broken(), 100)).rejects.toThrow("gone");
	expect(filesLeft()).toEqual([digestOf("first\n")]);
});

it("keeps a blob that one stream made and failed after, if another stream met it meanwhile", async () => {
	const store = createStore({ blobs: blobsOf(), chunkSizes: CHUNK_SIZES });
	async function* meanwhile(): AsyncGenerator<Uint8Array> {
		yield* streamOf(TEXT);
		expect(await store.storeBytes(streamOf("first\n"), 100)).toMatchObject({ ok: true });
		throw new Error("gone");
	}
	await expect(store.storeBytes(meanwhile(), 100)).rejects.toThrow("gone");
	expect(filesLeft()).toEqual([digestOf("first\n")]);
});

it("takes the same bytes from many at once", async () => {
	const store = createStore({ blobs: blobsOf(), chunkSizes: CHUNK_SIZES });
	const all = await Promise.all(Array.from({ length: 20 }, () => store.storeBytes(streamOf(TEXT), 100)));
	expect(new Set(all.map((stored) => JSON.stringify(stored))).size).toBe(1);
	expect(filesLeft()).toHaveLength(3);
});
