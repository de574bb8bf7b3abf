import { rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createBlobs } from "./blobs.ts";
import { LedgerDamageError, LedgerInputElsewhereError } from "./errors.ts";
import { systemRandom } from "./ids.ts";
import { GENESIS, opHash } from "./log.ts";
import { canonicalJson } from "./ops.ts";
import { bytesOf, collect, digestOf, lineText, MODEL, makeBatch, resultOf, streamOf } from "./testing/fixtures.ts";
import { carry, copyBlob } from "./testing/fleet.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

let here: SqliteUnderTest;
let there: SqliteUnderTest;

beforeEach(async () => {
	[here, there] = await Promise.all([sqliteUnderTest(), sqliteUnderTest()]);
});

afterEach(async () => {
	await here.dispose();
	await there.dispose();
});

const inputOf = (id: string) => there.ledger.file(there.ledger.batch(id)?.manifest.inputFileId ?? "");

/** Another folder's door to the same blobs, as a thread of its own would have. */
const blobsIn = ({ dataDir }: SqliteUnderTest) => createBlobs({ folder: join(dataDir, "blobs"), random: systemRandom });

describe("an index that was shared", () => {
	it("lets a machine without the input know its lines, and run them once their bytes are there", async () => {
		const total = 12_345;
		const id = await makeBatch(there.ledger, total, { familyOf: (line) => line % 3 });
		await there.ledger.shareIndex(id);
		await there.ledger.shareIndex(id);
		await carry(there, here);
		const { ledger } = here;
		expect(ledger.batch(id)).toMatchObject({ status: "validating", total, model: MODEL });
		const both = await Promise.all([ledger.loadIndex(id), ledger.loadIndex(id)]);
		expect([...both, await ledger.loadIndex(id)]).toEqual([true, true, true]);
		expect(ledger.batch(id)?.status).toBe("in_progress");
		const blobs = inputOf(id)?.blobs ?? [];
		expect(ledger.missingInput(id, [[3, 2]])).toEqual(blobs.slice(0, 1));
		expect(ledger.missingInput(id, null)).toEqual(blobs);
		expect(() => ledger.claim(id, 2, 1_000)).toThrow(LedgerInputElsewhereError);
		expect(await collect(ledger.verify())).toEqual([]);
		for (const { digest } of blobs) copyBlob(there, here, digest);
		expect(ledger.missingInput(id, null)).toEqual([]);
		const [mine, theirs] = [ledger, there.ledger].map((one) => one.claim(id, 5_000, 1_000)?.lines);
		expect(mine).toEqual(theirs);
		expect(Buffer.from(mine?.[1]?.bytes ?? []).toString()).toBe(lineText(3));
		await ledger.commit(id, [resultOf(7)]);
		await ledger.rebuild();
		expect([ledger.batch(id)?.status, await ledger.loadIndex(id)]).toEqual(["validating", true]);
		expect(ledger.lineByCustomId(id, "request-7")?.result?.payload).toBe(resultOf(7).payload);
		expect(await collect(ledger.verify())).toEqual([]);
		// One of many operations: the second `shareIndex` said nothing.
		const kinds = [...ledger.exchange.operations()].map((op) => op.kind);
		expect(kinds.filter((kind) => kind === "indexed")).toHaveLength(1);
	});

	it("keeps its blob through sweeps while the batch has its results", async () => {
		const id = await makeBatch(there.ledger, 3);
		await there.ledger.shareIndex(id);
		there.clock.advance(10 * 86_400_000 + Date.now());
		await there.ledger.sweep({ keepCollectedMs: Number.MAX_SAFE_INTEGER, keepUnusedMs: Number.MAX_SAFE_INTEGER });
		await carry(there, here);
		expect(await here.ledger.loadIndex(id)).toBe(true);
	});

	it("is not there before somebody shared it, nor for what is not validated", async () => {
		const id = await makeBatch(there.ledger, 2);
		await carry(there, here);
		expect(await here.ledger.loadIndex(id)).toBe(false);
		await expect(here.ledger.shareIndex(id)).rejects.toThrow("has no index to share");
		expect(here.ledger.missingInput(id, [[0, 1]])).toEqual(inputOf(id)?.blobs);
	});

	it.each([
		["no rows at all", "", "has 0 lines of 2"],
		["too few rows", row(0, 5), "has 1 lines of 2"],
		["too many", row(0, 5) + row(6, 5) + row(12, 5), "more than 2 lines"],
		["a place outside of the input", row(0, 5) + row(60, 50), "is wrong about line 1"],
		["a wrong key", row(0, 5) + row(6, 5).replace("00", "zz"), "is wrong about line 1"],
		["a custom_id without end", `["${"x".repeat(9_000)}`, "too long"],
		["half a row", row(0, 5) + row(6, 5).slice(0, 9), "ends within a row"],
		["something else", "rows of nothing\n", "is wrong about line 0"],
	])("is refused where it has %s", async (_, text, why) => {
		const id = await makeBatch(there.ledger, 2);
		await carry(there, here);
		const bytes = gzipSync(text);
		await share(id, bytes);
		await expect(here.ledger.loadIndex(id)).rejects.toThrow(why);
		expect(here.ledger.batch(id)?.status).toBe("validating");
	});

	it("is refused where it can't be unpacked, and taken where another machine shared a good one", async () => {
		const id = await makeBatch(there.ledger, 2);
		await carry(there, here);
		await share(id, Buffer.from("not packed"));
		await expect(here.ledger.loadIndex(id)).rejects.toThrow(LedgerDamageError);
		await there.ledger.shareIndex(id);
		await carry(there, here);
		expect(await here.ledger.loadIndex(id)).toBe(true);
	});
});

/** A row of an index. */
function row(offset: number, length: number): string {
	return `${JSON.stringify([`id-${offset}`, offset, length, "0".repeat(32), 0])}\n`;
}

/** Lets a third machine share bytes as the index of a batch of two lines. */
async function share(batchId: string, bytes: Buffer): Promise<void> {
	const { digest, sizeBytes } = await blobsIn(here).put(bytes);
	const body = canonicalJson({ batchId, digest, model: MODEL.digest, sizeBytes, total: 2 });
	const link = { origin: "far", sequence: 1, previous: GENESIS, kind: "indexed", version: 1, body, atMs: 1 };
	expect(await here.ledger.exchange.store([{ ...link, hash: opHash(link) }])).toMatchObject({ ok: true });
}

describe("bytes of other machines", () => {
	it("are taken only if they are what was asked for", async () => {
		const blobs = blobsIn(here);
		const digest = digestOf("hello");
		expect(await blobs.receive(digest, streamOf("other"), 99)).toMatchObject({ error: { kind: "other-bytes" } });
		expect(await blobs.receive(digest, streamOf("hello"), 4)).toMatchObject({ error: { kind: "too-large" } });
		const broken = (async function* () {
			yield Buffer.from("hel");
			throw new Error("gone");
		})();
		await expect(blobs.receive(digest, broken, 99)).rejects.toThrow("gone");
		expect([blobs.has(digest), [...blobs.list()]]).toEqual([false, []]);
		expect(await blobs.receive(digest, streamOf("hello"), 5)).toMatchObject({ value: { created: true, sizeBytes: 5 } });
		expect(await blobs.receive(digest, streamOf("hello"), 5)).toMatchObject({ value: { created: false } });
		expect((await bytesOf(blobs.stream(digest, 1, 4))).toString()).toBe("ell");
	});

	it("are fetched where a file is read that is elsewhere", async () => {
		const id = await makeBatch(there.ledger, 2);
		await carry(there, here);
		const file = inputOf(id);
		if (file === null) throw new Error("There is an input.");
		const text = (await bytesOf(there.ledger.readFile(file))).toString();
		await expect(bytesOf(here.ledger.readFile(file))).rejects.toThrow(LedgerDamageError);
		const asked: string[] = [];
		const fetching = await sqliteUnderTest(undefined, async (digest) => {
			asked.push(digest);
			copyBlob(there, fetching, digest);
			return true;
		});
		try {
			await carry(there, fetching);
			const copy = fetching.ledger.file(file.id) ?? file;
			expect((await bytesOf(fetching.ledger.readFile(copy))).toString()).toBe(text);
			expect((await bytesOf(fetching.ledger.readFile(copy))).toString()).toBe(text);
			expect(asked).toEqual(file.blobs.map((blob) => blob.digest));
		} finally {
			await fetching.dispose();
		}
	});

	it("are missed by verify where this machine took them in, and only there", async () => {
		const id = await makeBatch(there.ledger, 2);
		await carry(there, here);
		for (const { digest } of inputOf(id)?.blobs ?? []) {
			rmSync(join(there.dataDir, "blobs", digest.slice(0, 2), digest));
		}
		expect(await collect(here.ledger.verify())).toEqual([]);
		expect((await collect(there.ledger.verify())).map((problem) => problem.kind)).toEqual(["missing-blob"]);
	});
});
