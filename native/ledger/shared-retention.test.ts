import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { blobsOf, type StoredOp } from "./ledger.ts";
import type { BatchRecord, Retention } from "./records.ts";
import { collect, makeBatch, resultOf } from "./testing/fixtures.ts";
import { carry, copyBlob, propose } from "./testing/fleet.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

const DAY_MS = 86_400_000;
const KEEP: Retention = { keepCollectedMs: 30 * DAY_MS, keepUnusedMs: 10 * DAY_MS };
const LINES = 2;

/** The machine that made a batch, and one that worked on it. */
let maker: SqliteUnderTest;
let worker: SqliteUnderTest;

beforeEach(async () => {
	[maker, worker] = [await sqliteUnderTest(), await sqliteUnderTest()];
});
afterEach(async () => {
	await maker.dispose();
	await worker.dispose();
});

const blobs = ({ dataDir }: SqliteUnderTest): string[] =>
	readdirSync(join(dataDir, "blobs"), { recursive: true, encoding: "utf8" })
		.map((name) => name.slice(-64))
		.filter((name) => /^[0-9a-f]{64}$/.test(name));

/** Lets time pass on a machine, for its blobs too, and sweeps. */
async function later(machine: SqliteUnderTest, durationMs: number): Promise<void> {
	machine.clock.advance(durationMs);
	const storedAt = new Date(machine.clock.nowMs() - 2 * DAY_MS);
	for (const digest of blobs(machine)) {
		utimesSync(join(machine.dataDir, "blobs", digest.slice(0, 2), digest), storedAt, storedAt);
	}
	await machine.ledger.sweep(KEEP);
}

/** A batch of the maker that both worked on and that the worker, as host, ended. */
async function endedBatch(text = "out"): Promise<string> {
	const id = await makeBatch(maker.ledger, LINES, { texts: [`${text} 1`, `${text} 2`] });
	await maker.ledger.shareIndex(id);
	await carry(maker, worker);
	for (const { digest } of worker.ledger.missingInput(id, null)) copyBlob(maker, worker, digest);
	await worker.ledger.loadIndex(id);
	await maker.ledger.commit(id, [resultOf(0, `yes ${text}`)]);
	await worker.ledger.commit(id, [resultOf(1, `no ${text}`, true)]);
	await carry(maker, worker);
	const epoch = { term: 1, rank: 0, device: "worker" };
	await propose(worker.ledger, { id, round: 0 }, { status: "completed", text, epoch, publishes: true });
	await carry(worker, maker);
	return id;
}

/** As every machine sees it alike. */
function shared({ ledger }: SqliteUnderTest, id: string): BatchRecord | null {
	return ledger.batch(id);
}

it("is recorded by the machine that took a batch in; all others let their copies go when they hear of it", async () => {
	const id = await endedBatch();
	expect(shared(worker, id)).toEqual(shared(maker, id));
	await maker.ledger.markCollected(id);
	await carry(maker, worker);
	await later(worker, 100 * DAY_MS);
	// It is not the worker's to say that it is over.
	expect(worker.ledger.file(worker.ledger.batch(id)?.outputFileId ?? "")).not.toBeNull();
	expect(blobs(worker).length).toBeGreaterThan(2);
	await later(maker, 30 * DAY_MS);
	expect(blobs(maker)).toEqual([]);
	await carry(maker, worker);
	await later(worker, 0);
	expect(blobs(worker)).toEqual([]);
	const dropped = shared(maker, id);
	expect(dropped).toMatchObject({ completed: 1, failed: 1, resultsDroppedAtMs: maker.clock.nowMs() });
	expect(shared(worker, id)).toEqual(dropped);
	for (const machine of [maker, worker]) {
		expect(await collect(machine.ledger.verify())).toEqual([]);
		await machine.ledger.rebuild();
		expect(shared(machine, id)).toEqual(dropped);
		expect(machine.logged).toEqual([]);
	}
});

it("takes nothing that another batch on any machine still reads", async () => {
	const id = await endedBatch();
	const manifest = worker.ledger.batch(id)?.manifest;
	if (manifest === undefined) throw new Error("It is there.");
	const { batch: again } = await worker.ledger.createBatch({ ...manifest }, null);
	await maker.ledger.markCollected(id);
	await later(maker, 30 * DAY_MS);
	await carry(maker, worker);
	await later(worker, 2 * DAY_MS);
	expect(worker.ledger.missingInput(again.id, null)).toEqual([]);
});

it("leaves operations that a machine which comes later takes in without their bytes", async () => {
	const id = await endedBatch();
	const kept = await endedBatch("kept");
	await maker.ledger.markCollected(id);
	await later(maker, 30 * DAY_MS);
	await carry(maker, worker);
	await later(worker, 2 * DAY_MS);
	const joiner = await sqliteUnderTest();
	try {
		const missed: number[] = [];
		for (const [origin, length] of Object.entries(worker.ledger.exchange.lengths())) {
			const ops: readonly StoredOp[] = worker.ledger.exchange.read(origin, 1, length);
			const needed = ops.flatMap(blobsOf).map(({ digest }) => digest);
			for (const digest of needed) copyBlob(worker, joiner, digest);
			const gone = new Set(needed.filter((digest) => !blobs(joiner).includes(digest)));
			missed.push(gone.size);
			expect(await joiner.ledger.exchange.store(ops)).toMatchObject({ ok: gone.size === 0 });
			expect(await joiner.ledger.exchange.store(ops, gone)).toEqual({ ok: true, value: undefined });
		}
		// Each machine's results, the index, and the output.
		expect(missed.sort()).toEqual([2, 2]);
		expect(shared(joiner, id)).toEqual(shared(maker, id));
		expect(shared(joiner, kept)).toEqual(shared(maker, kept));
		expect(await collect(joiner.ledger.finishedLines(id))).toEqual([]);
		expect((await collect(joiner.ledger.verify())).map(({ message }) => message)).toEqual([]);
		await later(joiner, 2 * DAY_MS);
		await joiner.ledger.rebuild();
		expect(shared(joiner, kept)).toEqual(shared(maker, kept));
		// While it was folded it was not known yet that they were dropped.
		const missing = "a segment of results is missing or damaged; its lines will be run again";
		expect(new Set(joiner.logged)).toEqual(new Set([missing]));
	} finally {
		await joiner.dispose();
	}
});
