import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { BatchRecord, Retention } from "./records.ts";
import {
	collect,
	digestOf,
	indexOf,
	KEEP_ALL,
	lineText,
	MODEL,
	makeBatch,
	makeFile,
	resultOf,
	storeText,
} from "./testing/fixtures.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

const DAY_MS = 86_400_000;
const KEEP: Retention = { keepCollectedMs: 30 * DAY_MS, keepUnusedMs: 10 * DAY_MS };

let test: SqliteUnderTest;

beforeEach(async () => {
	test = await sqliteUnderTest();
});

afterEach(() => test.dispose());

/** Digests of all blobs on disk. */
const blobs = (): string[] =>
	readdirSync(join(test.dataDir, "blobs"), { recursive: true, encoding: "utf8" })
		.map((name) => name.slice(-64))
		.filter((name) => /^[0-9a-f]{64}$/.test(name));

/** Lets so much time pass, for blobs too, and sweeps. */
async function later(durationMs: number, retention = KEEP): Promise<void> {
	test.clock.advance(durationMs);
	const storedAt = new Date(test.clock.nowMs() - 2 * DAY_MS);
	for (const digest of blobs()) utimesSync(join(test.dataDir, "blobs", digest.slice(0, 2), digest), storedAt, storedAt);
	await test.ledger.sweep(retention);
}

/** A batch of two lines that ended with an output and an error file. */
async function ended(text = "out\n"): Promise<BatchRecord> {
	const { ledger } = test;
	const id = await makeBatch(ledger, 2);
	await ledger.commit(id, [resultOf(0, text), resultOf(1, `no ${text}`, true)]);
	const [output, errors] = [await storeText(ledger, text), await storeText(ledger, `errors of ${text}`)];
	return ledger.seal(id, { status: "completed", output, errors, extension: "jsonl" });
}

it("drops the files and results of a batch so long after they were collected, and keeps its figures", async () => {
	const batch = await ended();
	const { ledger } = test;
	await later(100 * DAY_MS);
	const collected = await ledger.markCollected(batch.id);
	await later(30 * DAY_MS - 1);
	expect(ledger.batch(batch.id)).toEqual(collected);
	expect(await collect(ledger.finishedLines(batch.id))).toHaveLength(2);
	await later(1);
	const dropped = ledger.batch(batch.id);
	expect(dropped).toEqual({ ...collected, resultsDroppedAtMs: test.clock.nowMs() });
	for (const id of [batch.manifest.inputFileId, batch.outputFileId, batch.errorFileId]) {
		expect(ledger.file(id ?? "")).toBeNull();
	}
	expect(blobs()).toEqual([]);
	expect(await collect(ledger.finishedLines(batch.id))).toEqual([]);
	expect(ledger.lineBytes(batch.id, 0)).toBeNull();
	expect(ledger.workMinutes({ batchId: batch.id, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER })).toMatchObject([
		{ lines: 2, failed: 1 },
	]);
	await expect(ledger.retry(batch.id, "all", 1)).rejects.toThrow("were removed for their age");
	expect(await collect(ledger.verify())).toEqual([]);
	await ledger.rebuild();
	expect(ledger.batch(batch.id)).toEqual(dropped);
	expect(await collect(ledger.verify())).toEqual([]);
	expect(test.logged).toEqual([]);
});

it("never drops what nobody collected, nor what an open batch reads", async () => {
	const { ledger } = test;
	const uncollected = await ended();
	const open = await makeBatch(ledger, 1);
	await later(10_000 * DAY_MS);
	expect(ledger.file(uncollected.outputFileId ?? "")).not.toBeNull();
	expect(await collect(ledger.finishedLines(uncollected.id))).toHaveLength(2);
	expect(ledger.file(ledger.batch(open)?.manifest.inputFileId ?? "")).not.toBeNull();
});

it("keeps an input and an error file as long as another batch needs it, and drops them with that one", async () => {
	const { ledger } = test;
	const first = await ended();
	const again = await ledger.createBatch({ ...first.manifest }, null);
	const retry = await ledger.createBatch({ ...first.manifest, inputFileId: first.errorFileId ?? "" }, null);
	await ledger.markCollected(first.id);
	await later(30 * DAY_MS);
	expect(ledger.file(first.outputFileId ?? "")).toBeNull();
	expect(ledger.file(first.manifest.inputFileId)).not.toBeNull();
	expect(ledger.file(first.errorFileId ?? "")).not.toBeNull();
	for (const { batch } of [again, retry]) {
		await ledger.cancel(batch.id);
		await ledger.seal(batch.id, { status: "cancelled", output: null, errors: null, extension: "jsonl" });
		await ledger.markCollected(batch.id);
	}
	await later(30 * DAY_MS);
	expect(ledger.file(first.manifest.inputFileId)).toBeNull();
	expect(ledger.file(first.errorFileId ?? "")).toBeNull();
	expect(blobs()).toEqual([]);
});

it("keeps a segment that is another batch's, byte for byte, too", async () => {
	const { ledger } = test;
	const first = await ended();
	const twin = await makeBatch(ledger, 2);
	expect(await ledger.adoptResults(twin)).toBe(1);
	await ledger.commit(twin, [resultOf(1)]);
	await ledger.markCollected(first.id);
	await later(30 * DAY_MS);
	const kept = await collect(ledger.finishedLines(twin));
	expect(kept.map((line) => line.result?.payload)).toEqual([resultOf(0, "out\n").payload, resultOf(1).payload]);
	expect(await collect(ledger.verify())).toEqual([]);
});

it("drops the files of all rounds of a batch, and replays its life without them", async () => {
	const { ledger } = test;
	const first = await ended();
	await ledger.retry(first.id, "all", DAY_MS);
	await ledger.commit(first.id, [resultOf(1)]);
	const output = await storeText(ledger, "both\n");
	const second = await ledger.seal(first.id, { status: "completed", output, errors: null, extension: "jsonl" });
	await ledger.markCollected(first.id);
	await later(30 * DAY_MS);
	for (const id of [first.outputFileId, first.errorFileId, second.outputFileId])
		expect(ledger.file(id ?? "")).toBeNull();
	expect(blobs()).toEqual([]);
	const dropped = ledger.batch(first.id);
	expect(dropped).toMatchObject({
		finalizingAtMs: second.finalizingAtMs,
		retries: 1,
		round: 1,
		completed: 2,
		failed: 0,
	});
	await ledger.rebuild();
	expect(ledger.batch(first.id)).toEqual(dropped);
	expect(await collect(ledger.verify())).toEqual([]);
});

it("drops uploads that no valid batch read, and rehearsals that were never queued, but no other files", async () => {
	const { ledger } = test;
	const unused = await makeFile(ledger, "unused\n");
	const facts = { filename: "notes.txt", purpose: "user_data", expiresAtMs: null };
	const other = await ledger.createFile(facts, await storeText(ledger, "kept\n"));
	const broken = await makeFile(ledger, "}\n");
	const { batch } = await ledger.createBatch({ ...(await ended()).manifest, inputFileId: broken.id }, null);
	await ledger.settleValidation(batch.id, { kind: "invalid", faults: [] });
	const held = await makeBatch(ledger, 1, { texts: ["held"], manifest: { rehearsal: { lines: 1, spread: false } } });
	const input = ledger.batch(held)?.manifest.inputFileId ?? "";
	await ledger.seal(held, { status: "expired", output: null, errors: null, extension: "jsonl" });
	await later(10 * DAY_MS - 1);
	for (const id of [unused.id, broken.id, input]) expect(ledger.file(id)).not.toBeNull();
	await later(1);
	for (const id of [unused.id, broken.id, input]) expect(ledger.file(id)).toBeNull();
	expect(ledger.file(other.id)).toEqual(other);
	expect(ledger.batch(held)?.resultsDroppedAtMs).toBe(test.clock.nowMs());
});

it("refuses to retry a batch whose input was deleted and is swept", async () => {
	const { ledger } = test;
	const batch = await ended();
	await ledger.deleteFile(batch.manifest.inputFileId);
	await later(DAY_MS, KEEP_ALL);
	expect(blobs()).not.toContain(digestOf(`${lineText(0)}\n${lineText(1)}\n`));
	await expect(ledger.retry(batch.id, "all", 1)).rejects.toThrow("were removed");
	expect(ledger.batch(batch.id)).toEqual(batch);
});

it("finds the lines of a retried batch again whose index a rebuild dropped", async () => {
	const { ledger } = test;
	const batch = await ended();
	await ledger.retry(batch.id, "all", DAY_MS);
	await ledger.rebuild();
	expect(ledger.batch(batch.id)).toMatchObject({ status: "validating", round: 1, completed: 1 });
	expect(ledger.claim(batch.id, 9, 1_000)).toBeNull();
	ledger.indexLines(batch.id, indexOf([lineText(0), lineText(1)]));
	await ledger.settleValidation(batch.id, { kind: "valid", total: 2, model: MODEL, notices: [] });
	expect(ledger.claim(batch.id, 9, 1_000)?.lines.map((leased) => leased.line)).toEqual([1]);
	expect(await collect(ledger.verify())).toEqual([]);
});

it("still answers line by line for an ended batch after a rebuild, and lends its answers to others", async () => {
	const { ledger } = test;
	const batch = await ended();
	const before = await collect(ledger.finishedLines(batch.id));
	await ledger.rebuild();
	expect(ledger.batch(batch.id)).toEqual(batch);
	expect(await collect(ledger.finishedLines(batch.id))).toEqual(before);
	const other = await makeBatch(ledger, 2);
	expect(await ledger.adoptResults(other)).toBe(1);
});

it("removes the results of a deleted batch at once, and their blobs with the next sweep", async () => {
	const batch = await ended();
	await test.ledger.deleteBatch(batch.id);
	await later(2 * DAY_MS, KEEP_ALL);
	expect(blobs()).toEqual([]);
	expect(await collect(test.ledger.verify())).toEqual([]);
	await test.ledger.rebuild();
	expect(test.ledger.batch(batch.id)).toBeNull();
	expect(test.logged).toEqual([]);
});
