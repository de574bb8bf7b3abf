import { afterEach, beforeEach, expect, test } from "vitest";
import { collect, KEEP_ALL, lineText, makeBatch, resultOf } from "./testing/fixtures.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

let given: SqliteUnderTest;
beforeEach(async () => {
	given = await sqliteUnderTest();
});
afterEach(() => given.dispose());

const upTo = (end: number) => Array.from({ length: end }, (_, line) => line);

test("tells which lines are open, answered or failed, within the part asked for and of this batch only", async () => {
	const { ledger } = given;
	const [before, id, after] = [await makeBatch(ledger, 3), await makeBatch(ledger, 6), await makeBatch(ledger, 3)];
	await ledger.commit(id, [resultOf(1), resultOf(3, "no", true), resultOf(4)]);
	for (const other of [before, after]) await ledger.commit(other, [resultOf(0), resultOf(2, "no", true)]);
	expect(ledger.linesInState(id, "open", 0, 6)).toEqual([0, 2, 5]);
	expect(ledger.linesInState(id, "answered", 0, 6)).toEqual([1, 4]);
	expect(ledger.linesInState(id, "failed", 0, 6)).toEqual([3]);
	expect(ledger.linesInState(id, "open", 1, 5)).toEqual([2]);
	expect(ledger.linesInState(id, "answered", 2, 4)).toEqual([]);
	expect(ledger.linesInState(id, "open", 4, 400)).toEqual([5]);
});

test("reads lines with their requests and results, whichever are asked for", async () => {
	const { ledger } = given;
	const id = await makeBatch(ledger, 500);
	await ledger.commit(id, [resultOf(7, "seven"), resultOf(499, "last", true)]);
	const sparse = (await collect(ledger.browseLines(id, [0, 7, 8, 400, 499, 500, 900]))).flat();
	expect(sparse.map(({ line }) => line)).toEqual([0, 7, 8, 400, 499]);
	expect(sparse.map(({ bytes }) => Buffer.from(bytes ?? []).toString())).toEqual([0, 7, 8, 400, 499].map(lineText));
	expect(sparse.map(({ result }) => result?.isError ?? null)).toEqual([null, false, null, null, true]);
	const all = await collect(ledger.browseLines(id, upTo(500)));
	expect(all.length).toBeGreaterThan(1);
	expect(all.flat().map(({ line }) => line)).toEqual(upTo(500));
	expect(all.flat()[7]).toEqual({ ...ledger.finishedLine(id, 7), bytes: Buffer.from(lineText(7)) });
});

test("cuts its portions by size, and never in a line", async () => {
	const { ledger } = given;
	const texts = upTo(6).map((line) => `{"custom_id":"request-${line}","body":"${"x".repeat(100_000)}"}`);
	const id = await makeBatch(ledger, 6, { texts });
	const portions = await collect(ledger.browseLines(id, upTo(6)));
	expect(portions.map((portion) => portion.length)).toEqual([2, 2, 2]);
	expect(portions.flat().map(({ bytes }) => Buffer.from(bytes ?? []).toString())).toEqual(texts);
});

test("gives others their turn between portions", async () => {
	const { ledger } = given;
	const id = await makeBatch(ledger, 1_000);
	let turns = 0;
	const count = setInterval(() => {
		turns += 1;
	}, 0);
	for await (const portion of ledger.browseLines(id, upTo(1_000))) expect(portion.length).toBeLessThanOrEqual(100);
	clearInterval(count);
	expect(turns).toBeGreaterThan(0);
});

test("has no requests once the input is gone, but the results still", async () => {
	const { ledger, clock } = given;
	const id = await makeBatch(ledger, 2);
	await ledger.commit(id, [resultOf(0, "kept"), resultOf(1)]);
	await ledger.seal(id, { status: "completed", output: null, errors: null, extension: "jsonl" });
	await ledger.deleteFile(ledger.batch(id)?.manifest.inputFileId ?? "");
	// Bytes that nothing needs go a day after they were stored, by the clock of the disk.
	clock.advance(20 * 365 * 86_400_000);
	await ledger.sweep(KEEP_ALL);
	const lines = (await collect(ledger.browseLines(id, [0, 1]))).flat();
	expect(lines.map(({ bytes }) => bytes)).toEqual([null, null]);
	expect(lines[0]?.result?.payload).toContain("kept");
});
