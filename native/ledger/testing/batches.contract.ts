import { expect, it } from "vitest";
import type { BatchStatus } from "../records.ts";
import {
	bytesOf,
	indexOf,
	type LedgerUnderTest,
	lineText,
	MODEL,
	makeBatch,
	makeFile,
	manifestOf,
	recordChanges,
	resultOf,
	storeText,
} from "./fixtures.ts";

const FAULT = { code: "invalid_json_line", message: "Line 2 is not JSON.", param: null, line: 2 };

/** What every ledger promises about the life of a batch. */
export function batchesContract(given: () => LedgerUnderTest): void {
	it("answers the batch of then to a key seen before, also to two at once and after a restart", async () => {
		const test = given();
		const manifest = { ...manifestOf((await makeFile(test.ledger, "{}\n")).id), metadata: { team: "support" } };
		const [one, two] = await Promise.all([
			test.ledger.createBatch(manifest, "key-1"),
			test.ledger.createBatch(manifest, "key-1"),
		]);
		expect([one.created, two.created]).toEqual([true, false]);
		expect(two.batch).toEqual(one.batch);
		await test.reopen();
		expect(await test.ledger.createBatch(manifest, "key-1")).toEqual({ batch: one.batch, created: false });
		expect((await test.ledger.createBatch(manifest, null)).created).toBe(true);
		expect(one.batch).toMatchObject({ status: "validating", manifest, total: 0, model: null, faults: [] });
		expect(one.batch.expiresAtMs - one.batch.createdAtMs).toBe(manifest.windowMs);
	});

	it("stamps each step of a batch that completes", async () => {
		const test = given();
		const { ledger, clock } = test;
		const file = await makeFile(ledger, `${lineText(0)}\n`);
		const { batch } = await ledger.createBatch(manifestOf(file.id), null);
		ledger.indexLines(batch.id, indexOf([lineText(0)]));
		clock.advance(1);
		const begun = await ledger.settleValidation(batch.id, { kind: "valid", total: 1, model: MODEL, notices: [] });
		expect(begun).toEqual({
			...batch,
			status: "in_progress",
			total: 1,
			model: MODEL,
			inProgressAtMs: batch.createdAtMs + 1,
		});
		clock.advance(1);
		await ledger.commit(batch.id, [resultOf(0)]);
		expect(ledger.batch(batch.id)).toMatchObject({
			status: "finalizing",
			completed: 1,
			finalizingAtMs: batch.createdAtMs + 2,
		});
		clock.advance(1);
		const output = await storeText(ledger, "output\n");
		const ended = await ledger.seal(batch.id, { status: "completed", output, errors: null, extension: "jsonl" });
		expect(ended).toMatchObject({ status: "completed", completedAtMs: batch.createdAtMs + 3, errorFileId: null });
		await test.reopen();
		expect(test.ledger.batch(batch.id)).toEqual(ended);
	});

	it("keeps all faults of an invalid file and fails the batch", async () => {
		const test = given();
		const file = await makeFile(test.ledger, "{}\n}\n");
		const { batch } = await test.ledger.createBatch(manifestOf(file.id), null);
		test.clock.advance(7);
		const failed = await test.ledger.settleValidation(batch.id, { kind: "invalid", faults: [FAULT] });
		expect(failed).toEqual({ ...batch, status: "failed", faults: [FAULT], failedAtMs: batch.createdAtMs + 7 });
		expect(await test.ledger.cancel(batch.id)).toEqual(failed);
		expect(
			await test.ledger.seal(batch.id, { status: "expired", output: null, errors: null, extension: "jsonl" }),
		).toEqual(failed);
		await test.reopen();
		expect(test.ledger.batch(batch.id)).toEqual(failed);
		expect(test.ledger.openBatches()).toEqual([]);
	});

	it("starts validation over after a crash", async () => {
		const test = given();
		const texts = [lineText(0), lineText(1)];
		const file = await makeFile(test.ledger, texts.map((text) => `${text}\n`).join(""));
		const { batch } = await test.ledger.createBatch(manifestOf(file.id), null);
		test.ledger.indexLines(batch.id, indexOf(texts).slice(0, 1));
		await test.reopen();
		test.ledger.clearIndex(batch.id);
		test.ledger.indexLines(batch.id, indexOf(texts));
		const settled = await test.ledger.settleValidation(batch.id, {
			kind: "valid",
			total: 2,
			model: MODEL,
			notices: [],
		});
		expect(settled).toMatchObject({ status: "in_progress", total: 2 });
		expect(() => test.ledger.clearIndex(batch.id)).toThrow("are settled");
	});

	it("refuses a verdict on lines that are not all in the index", async () => {
		const { ledger } = given();
		const { batch } = await ledger.createBatch(manifestOf((await makeFile(ledger, "x\n")).id), null);
		ledger.indexLines(batch.id, indexOf(["x"]));
		const early = ledger.settleValidation(batch.id, { kind: "valid", total: 2, model: MODEL, notices: [] });
		await expect(early).rejects.toThrow("2 lines were announced, 1 are in the index");
		expect(ledger.batch(batch.id)?.status).toBe("validating");
	});

	it("cancels at once, in every state that has not ended, and once only", async () => {
		const { ledger, clock } = given();
		const validating = (await ledger.createBatch(manifestOf((await makeFile(ledger, "x\n")).id), null)).batch.id;
		const running = await makeBatch(ledger, 2);
		const finalizing = await makeBatch(ledger, 1);
		await ledger.commit(finalizing, [resultOf(0)]);
		for (const id of [validating, running, finalizing]) {
			const first = await ledger.cancel(id);
			expect(first).toMatchObject({ status: "cancelling", cancellingAtMs: clock.nowMs() });
			clock.advance(5);
			expect(await ledger.cancel(id)).toEqual(first);
			const sealed = await ledger.seal(id, { status: "cancelled", output: null, errors: null, extension: "jsonl" });
			expect(sealed).toMatchObject({ status: "cancelled", cancelledAtMs: clock.nowMs(), completedAtMs: null });
			expect(await ledger.cancel(id)).toEqual(sealed);
		}
	});

	it("lets the first seal stand", async () => {
		const { ledger, clock } = given();
		const id = await makeBatch(ledger, 2);
		await ledger.commit(id, [resultOf(0)]);
		const output = await storeText(ledger, "first\n");
		const first = await ledger.seal(id, { status: "expired", output, errors: null, extension: "jsonl" });
		expect(first).toMatchObject({ status: "expired", expiredAtMs: clock.nowMs(), completed: 1 });
		const other = {
			status: "completed",
			output: await storeText(ledger, "second\n"),
			errors: null,
			extension: "jsonl",
		} as const;
		const { changes } = recordChanges(ledger);
		expect(await ledger.seal(id, other)).toEqual(first);
		expect(changes).toEqual([]);
		expect(await ledger.commit(id, [resultOf(1)])).toEqual({ accepted: 0, duplicate: 1 });
		expect(ledger.batch(id)).toEqual(first);
	});

	it("publishes output and error file under names made of their content", async () => {
		const { ledger, clock } = given();
		const id = await makeBatch(ledger, 1, { manifest: { outputExpiresAfterMs: 1_000 } });
		const output = await storeText(ledger, "same bytes\n");
		const ended = await ledger.seal(id, { status: "completed", output, errors: output, extension: "jsonl" });
		const outputFile = ledger.file(ended.outputFileId ?? "");
		const errorFile = ledger.file(ended.errorFileId ?? "");
		const facts = { purpose: "batch_output", digest: output.digest, expiresAtMs: clock.nowMs() + 1_000 };
		expect(outputFile).toMatchObject({ ...facts, filename: `${id}_output.jsonl` });
		expect(errorFile).toMatchObject({ ...facts, filename: `${id}_error.jsonl` });
		expect(outputFile?.id).toMatch(/^file-[0-9a-f]{32}$/);
		expect(outputFile?.id).not.toBe(errorFile?.id);
		if (outputFile !== null) expect(await bytesOf(ledger.readFile(outputFile))).toEqual(Buffer.from("same bytes\n"));
		clock.advance(1_000);
		expect(ledger.file(ended.outputFileId ?? "")).toBeNull();
	});

	it("lists open batches oldest first, and all of them page by page, newest first", async () => {
		const { ledger } = given();
		const ids = [await makeBatch(ledger, 1), await makeBatch(ledger, 1), await makeBatch(ledger, 1)];
		await ledger.seal(ids[1] ?? "", { status: "expired", output: null, errors: null, extension: "jsonl" });
		expect(ledger.openBatches().map((batch) => batch.id)).toEqual([ids[0], ids[2]]);
		const first = ledger.batches({ after: null, limit: 2, order: "desc", surface: null, withHeld: true });
		expect(first.rows.map((row) => row.id)).toEqual([ids[2], ids[1]]);
		expect(first.hasMore).toBe(true);
		const second = ledger.batches({ after: ids[1] ?? "", limit: 2, order: "desc", surface: null, withHeld: true });
		expect(second.rows.map((row) => row.id)).toEqual([ids[0]]);
		expect(second.hasMore).toBe(false);
	});

	it("tells its watchers of every step, until they stop, and survives one that throws", async () => {
		const { ledger } = given();
		ledger.watch(() => {
			throw new Error("a careless listener");
		});
		const { changes, stop } = recordChanges(ledger);
		const id = await makeBatch(ledger, 1);
		await ledger.commit(id, [resultOf(0)]);
		await ledger.seal(id, {
			status: "completed",
			output: await storeText(ledger, "x"),
			errors: null,
			extension: "jsonl",
		});
		const kinds = changes.map((change) => change.kind);
		expect(kinds).toEqual(["file", "batch", "batch", "batch", "file", "batch", "notice"]);
		stop();
		await ledger.deleteFile(ledger.batch(id)?.outputFileId ?? "");
		expect(changes).toHaveLength(7);
	});

	it("answers null for a batch it does not know", () => {
		const { ledger } = given();
		expect(ledger.batch("batch_unknown")).toBeNull();
		expect(() => ledger.claim("batch_unknown", 1, 1)).toThrow("There is no batch batch_unknown.");
	});

	it("hands out nothing of a batch that waits, ends or has ended", async () => {
		const { ledger, clock } = given();
		const statuses: (BatchStatus | undefined)[] = [];
		const refuse = (id: string): void => {
			expect(ledger.claim(id, 1, 1_000)).toBeNull();
			statuses.push(ledger.batch(id)?.status);
		};
		refuse((await ledger.createBatch(manifestOf((await makeFile(ledger, "x\n")).id), null)).batch.id);
		const cancelled = await makeBatch(ledger, 2);
		await ledger.cancel(cancelled);
		refuse(cancelled);
		await ledger.seal(cancelled, { status: "cancelled", output: null, errors: null, extension: "jsonl" });
		refuse(cancelled);
		const late = await makeBatch(ledger, 1, { manifest: { windowMs: 1_000 } });
		clock.advance(999);
		expect(ledger.claim(late, 1, 1)).not.toBeNull();
		clock.advance(1);
		refuse(late);
		expect(statuses).toEqual(["validating", "cancelling", "cancelled", "in_progress"]);
	});
}
