import { afterEach, beforeEach, expect, it } from "vitest";
import type { BatchRecord } from "./records.ts";
import { collect, resultOf } from "./testing/fixtures.ts";
import { oldRecords, writeOldLedger } from "./testing/old-ledger.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

let test: SqliteUnderTest;

beforeEach(async () => {
	test = await sqliteUnderTest((dataDir) => writeOldLedger(dataDir, 2));
});

afterEach(() => test.dispose());

const all = (): readonly BatchRecord[] =>
	test.ledger.batches({ after: null, limit: 99, order: "asc", surface: null, withHeld: true }).rows;

it("shows the batches and notices of a ledger of schema 2 as the program of then did", async () => {
	const { batches, notices } = oldRecords();
	const origin = "00000000000000000000000000000001";
	const machines = { only: null, never: [] };
	const { length } = all();
	expect(length).toBeGreaterThan(4);
	expect(all().map((batch) => ({ ...batch, origin: batch.origin.length }))).toEqual(
		batches.map((batch) => ({ ...batch, machines, origin: origin.length })),
	);
	expect(test.ledger.notices(0, 999)).toEqual(notices);
	expect(await collect(test.ledger.verify())).toEqual([]);
	expect(test.logged).toEqual([]);
});

it("goes on in the rounds that batches had come to", async () => {
	const { ledger } = test;
	const [running, twice, held, failed] = all();
	const leased = ledger.claim(running?.id ?? "", 9, 1_000)?.lines;
	expect(leased?.map(({ line, crashes }) => [line, crashes])).toEqual([[1, 1]]);
	await ledger.commit(running?.id ?? "", [resultOf(1)]);
	expect(ledger.batch(running?.id ?? "")).toMatchObject({ status: "finalizing", completed: 4, failed: 1 });
	expect(await ledger.retry(twice?.id ?? "", "all", 1_000)).toMatchObject({
		round: 2,
		failed: 0,
		cancellingAtMs: null,
	});
	expect(await ledger.queue(held?.id ?? "", 1_000)).toMatchObject({ isHeld: false });
	expect(await ledger.retry(failed?.id ?? "", "all", 1_000)).toMatchObject({ status: "in_progress", faults: [] });
	expect(await collect(ledger.verify())).toEqual([]);
	const before = all();
	await ledger.rebuild();
	expect(all().map((batch) => [batch.id, batch.round, batch.completed])).toEqual(
		before.map((batch) => [batch.id, batch.round, batch.completed]),
	);
});
