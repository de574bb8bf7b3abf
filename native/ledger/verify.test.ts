import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LedgerProblem } from "./records.ts";
import {
	collect,
	digestOf,
	indexOf,
	KEEP_ALL,
	lineText,
	MODEL,
	makeBatch,
	makeFile,
	manifestOf,
	resultOf,
	storeText,
} from "./testing/fixtures.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

let test: SqliteUnderTest;

beforeEach(async () => {
	test = await sqliteUnderTest();
});

afterEach(() => test.dispose());

/** Something of every kind of operation; answers the batch that still runs. */
async function live(): Promise<string> {
	const { ledger, clock } = test;
	const running = await makeBatch(ledger, 6);
	await ledger.commit(running, [resultOf(0), resultOf(1, "no", true)]);
	await ledger.commit(running, [resultOf(1)]);
	await ledger.countCrash(running, 2);
	const done = await makeBatch(ledger, 2);
	await ledger.commit(done, [resultOf(0), resultOf(1)]);
	await ledger.seal(done, {
		status: "completed",
		output: await storeText(ledger, "out\n"),
		errors: null,
		extension: "jsonl",
	});
	const invalid = await ledger.createBatch(manifestOf((await makeFile(ledger, "}\n")).id), "key");
	await ledger.settleValidation(invalid.batch.id, { kind: "invalid", faults: [] });
	await ledger.cancel(await makeBatch(ledger, 1));
	const facts = { filename: "f", purpose: "batch", mimeType: "text/plain", sizeBytes: 1, fileExpiresAfterMs: null };
	const upload = await ledger.createUpload({ ...facts, expiresAtMs: clock.nowMs() + 10 });
	const part = await ledger.addUploadPart(upload.id, await storeText(ledger, "part"));
	await ledger.completeUpload(upload.id, [part.id]);
	await ledger.createUpload({ ...facts, expiresAtMs: clock.nowMs() + 10 });
	clock.advance(20);
	await ledger.deleteFile((await makeFile(ledger, "deleted\n")).id);
	await decideAll();
	await ledger.sweep(KEEP_ALL);
	return running;
}

/** Batches that were rehearsed, paused, warned, given up, retried, collected, dropped and deleted. */
async function decideAll(): Promise<void> {
	const { ledger, clock } = test;
	const end = { output: null, errors: null, extension: "jsonl" };
	const fault = { code: "too_many_failures", message: "Too many.", param: null, line: null };
	const held = await makeBatch(ledger, 2, {
		manifest: { rehearsal: { lines: 1, spread: true }, metadata: { b: "", a: "" } },
	});
	await ledger.settleRehearsal(held, { durationMs: 5, lines: 1, failed: 0, inputTokens: 1, outputTokens: 1 });
	await ledger.queue(held, 1_000);
	await ledger.warn(held, "Late.");
	await ledger.pause(held, "budget", "Used up.");
	await ledger.resume(held);
	await ledger.giveUp(held, fault);
	await ledger.commit(held, [resultOf(0, "x"), resultOf(1, "no", true)]);
	await ledger.recordStint({
		batchId: held,
		machine: "test",
		fromMs: 5,
		toMs: 9,
		wattHours: 0.1 + 0.2,
		isMeasured: false,
	});
	await ledger.seal(held, { ...end, status: "failed" });
	await ledger.retry(held, "all", 1_000);
	const dropped = await makeBatch(ledger, 2);
	await ledger.commit(dropped, [resultOf(0), resultOf(1)]);
	await ledger.seal(dropped, { ...end, status: "completed", output: await storeText(ledger, "gone\n") });
	await ledger.markCollected(dropped);
	clock.advance(1);
	await ledger.sweep({ ...KEEP_ALL, keepCollectedMs: 1 });
	const deleted = await makeBatch(ledger, 1);
	await ledger.seal(deleted, { ...end, status: "expired" });
	await ledger.deleteBatch(deleted);
	const { number } = await ledger.notify("report", null, "Ready.");
	await ledger.settleDelivery({ notice: number, target: digestOf("https://example.com"), outcome: "delivered" });
}

const problems = (): Promise<LedgerProblem[]> => collect(test.ledger.verify());
const kinds = async (): Promise<string[]> => (await problems()).map((problem) => problem.kind);

/** Changes the closed database behind the ledger's back and opens it again. */
async function tamper(sql: string): Promise<void> {
	await test.close();
	const database = new SqliteDatabase(join(test.dataDir, "ledger.sqlite"));
	expect(database.prepare(sql).run().changes).toBeGreaterThan(0);
	database.close();
	await test.reopen();
}

const blobPath = (digest: string): string => join(test.dataDir, "blobs", digest.slice(0, 2), digest);

/** A segment of the running batch. */
function segmentPath(): string {
	const folder = join(test.dataDir, "blobs");
	const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
	const found = names.find((name) => /[0-9a-f]{64}$/.test(name) && readFileSync(name, "utf8").startsWith('{"line":'));
	if (found === undefined) throw new Error("There is no segment.");
	return found;
}

describe("verify", () => {
	it("finds nothing wrong with a ledger that has seen everything, nor leaves anything behind", async () => {
		await live();
		expect(await problems()).toEqual([]);
		expect(readdirSync(test.dataDir).filter((name) => name.includes("verify"))).toEqual([]);
	});

	it("names a blob that is missing and one that holds other bytes", async () => {
		await live();
		const input = [0, 1, 2, 3, 4, 5].map((line) => `${lineText(line)}\n`).join("");
		rmSync(blobPath(digestOf(input)));
		writeFileSync(blobPath(digestOf("out\n")), "tuo\n");
		const found = await problems();
		expect(found.map((problem) => problem.kind).sort()).toEqual(["damaged-blob", "missing-blob"]);
		expect(found.map((problem) => problem.message).join()).toContain(digestOf(input));
	});

	it("names a damaged segment once, not all its results", async () => {
		await live();
		const path = segmentPath();
		writeFileSync(path, readFileSync(path, "utf8").replace("answer", "forged"));
		expect(await kinds()).toEqual(["damaged-blob"]);
	});

	it("notices a change to any operation, and one that was taken out", async () => {
		await live();
		await tamper("UPDATE op SET body = replace(body, '24h', '25h') WHERE kind = 'batch'");
		expect(await kinds()).toEqual(["broken-chain"]);
		await tamper("DELETE FROM op WHERE sequence = 2");
		expect((await problems())[0]?.message).toContain("Operation 2 is missing");
	});

	it("notices tables that differ from the log", async () => {
		await live();
		await tamper("UPDATE batch SET completed = completed + 1 WHERE number = 1");
		expect(await kinds()).toEqual(["fold-differs"]);
		await tamper("DELETE FROM file WHERE ordinal = (SELECT max(ordinal) FROM file)");
		expect(await kinds()).toEqual(["fold-differs", "fold-differs"]);
		await test.ledger.rebuild();
		expect(await problems()).toEqual([]);
	});

	it("notices a result that no operation brought", async () => {
		await live();
		await tamper(
			"INSERT INTO result SELECT key + 3, is_error, round, hash, segment, offset, length, 0, 0, 0, 0 FROM result LIMIT 1",
		);
		expect(await kinds()).toEqual(["stray-result"]);
	});
});

describe("rebuild", () => {
	it("sends open batches back to validating, which restores them with all their results", async () => {
		const id = await live();
		const before = test.ledger.batch(id);
		expect(test.ledger.claim(id, 2, 1_000)?.lines).toHaveLength(2);
		await test.ledger.rebuild();
		expect(test.ledger.batch(id)).toEqual({ ...before, status: "validating" });
		expect(test.ledger.claim(id, 9, 1_000)).toBeNull();
		const texts = [0, 1, 2, 3, 4, 5].map(lineText);
		test.ledger.indexLines(id, indexOf(texts));
		expect(await test.ledger.settleValidation(id, { kind: "valid", total: 6, model: MODEL, notices: [] })).toEqual(
			before,
		);
		const lease = test.ledger.claim(id, 9, 1_000);
		expect(lease?.lines.map((leased) => [leased.line, leased.crashes])).toEqual([
			[2, 1],
			[3, 0],
			[4, 0],
			[5, 0],
		]);
		expect(await problems()).toEqual([]);
	});

	it("runs the lines of a lost segment again", async () => {
		const id = await live();
		rmSync(segmentPath());
		const sealed = test.ledger.batches({ after: null, limit: 9, order: "asc", surface: null, withHeld: true }).rows[1];
		await test.ledger.rebuild();
		const texts = [0, 1, 2, 3, 4, 5].map(lineText);
		test.ledger.indexLines(id, indexOf(texts));
		await test.ledger.settleValidation(id, { kind: "valid", total: 6, model: MODEL, notices: [] });
		const counts = [test.ledger.batch(id)?.completed ?? 0, test.ledger.batch(sealed?.id ?? "")?.completed ?? 0];
		expect(counts).not.toEqual([2, 2]);
		expect(test.logged).toContain("a segment of results is missing or damaged; its lines will be run again");
	});
});
