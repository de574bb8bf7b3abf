import { afterEach, beforeEach, expect, it } from "vitest";
import type { BatchRecord } from "./records.ts";
import { bytesOf, collect, resultOf } from "./testing/fixtures.ts";
import { untouched } from "./testing/manifest.ts";
import { writeOldLedger } from "./testing/old-ledger.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

let test: SqliteUnderTest;

beforeEach(async () => {
	test = await sqliteUnderTest((dataDir) => writeOldLedger(dataDir, 1));
});

afterEach(() => test.dispose());

const all = (): readonly BatchRecord[] =>
	test.ledger.batches({ after: null, limit: 99, order: "asc", surface: null, withHeld: true }).rows;

/** The batches of the old ledger, oldest first. */
function oldBatches() {
	const [running, done, first, twin, invalid, gone] = all();
	if (running === undefined || done === undefined || first === undefined) throw new Error("Batches are missing.");
	if (twin === undefined || invalid === undefined || gone === undefined) throw new Error("Batches are missing.");
	return { running, done, first, twin, invalid, gone };
}

it("takes over a ledger of schema 1, which then is just what its log says", async () => {
	const { running, done, first, twin, invalid, gone } = oldBatches();
	const statuses = [running, done, first, twin, invalid, gone].map((batch) => batch.status);
	expect(statuses).toEqual(["in_progress", "completed", "completed", "finalizing", "failed", "cancelled"]);
	for (const batch of all()) {
		expect(batch).toMatchObject(untouched);
		expect(batch.manifest).toMatchObject({
			surface: "openai",
			format: "openai",
			priority: "standard",
			rehearsal: null,
		});
		expect(batch.manifest.policy).toMatchObject({ most_crashes: 2, give_up_percent: 50, runaway_factor: 10 });
	}
	expect(running).toMatchObject({
		completed: 2,
		failed: 1,
		manifest: { metadata: { area: "north", team: "support" } },
	});
	expect(invalid.faults).toEqual([{ code: "invalid_json_line", message: "Line 1 is not JSON.", param: null, line: 1 }]);
	expect(await collect(test.ledger.verify())).toEqual([]);
	const before = all();
	await test.ledger.rebuild();
	const settled = new Set(["completed", "failed", "cancelled"]);
	expect(all().filter((batch) => settled.has(batch.status))).toEqual(
		before.filter((batch) => settled.has(batch.status)),
	);
	expect(await collect(test.ledger.verify())).toEqual([]);
	expect(test.logged).toEqual([]);
});

it("tells nobody what happened before there was anybody to tell", () => {
	expect(test.ledger.notices(0, 99)).toEqual([]);
});

it("reads the results of old segments, whose lines were started once as far as is known", async () => {
	const { running } = oldBatches();
	const results = (await collect(test.ledger.finishedLines(running.id))).map((line) => line.result);
	expect(results.map((result) => result?.isError ?? null)).toEqual([false, false, true, null, null]);
	expect(results[0]?.provenance.attempts).toBe(1);
});

it("goes on with old batches: runs, retries and deletes them", async () => {
	const { ledger } = test;
	const { running, done, first, twin } = oldBatches();
	expect(ledger.claim(running.id, 9, 1_000)?.lines.map((line) => [line.line, line.crashes])).toEqual([
		[3, 1],
		[4, 0],
	]);
	await ledger.commit(running.id, [resultOf(3)]);
	const output = ledger.file(done.outputFileId ?? "");
	expect(ledger.batchOfFile(output?.id ?? "")).toEqual(done);
	expect(await ledger.retry(done.id, "all", 1_000)).toMatchObject({ status: "in_progress", round: 1, failed: 0 });
	expect(ledger.claim(done.id, 9, 1_000)?.lines.map((line) => line.line)).toEqual([1]);
	// Its segment is, byte for byte, the other's too.
	await ledger.deleteBatch(first.id);
	const kept = await collect(ledger.finishedLines(twin.id));
	expect(kept.map((line) => line.result?.payload)).toEqual([resultOf(0, "A").payload, resultOf(1, "B").payload]);
	if (output !== null) expect((await bytesOf(ledger.readFile(output))).toString()).toBe("out\n");
	expect(await collect(ledger.verify())).toEqual([]);
});
