import { expect, it } from "vitest";
import type { Ledger } from "../ledger.ts";
import {
	collect,
	indexOf,
	type LedgerUnderTest,
	lineText,
	MODEL,
	makeBatch,
	makeFile,
	manifestOf,
	resultOf,
	storeText,
} from "./fixtures.ts";

const FAULT = { code: "too_many_failures", message: "Too many lines failed.", param: null, line: null };

/** What every ledger promises about running failed lines again. */
export function retryContract(given: () => LedgerUnderTest): void {
	const claimed = (ledger: Ledger, id: string): number[] =>
		ledger.claim(id, 99, 1_000)?.lines.map((leased) => leased.line) ?? [];

	/** An ended batch of six lines: 0, 1 and 4 answered, 2 and 3 failed, 5 never run where it expired. */
	async function ended(ledger: Ledger, status: "completed" | "expired" | "cancelled" | "failed"): Promise<string> {
		const id = await makeBatch(ledger, 6);
		claimed(ledger, id);
		const isWhole = status === "completed";
		await ledger.commit(id, [resultOf(0), resultOf(1), resultOf(2, "no", true), resultOf(3, "nor this", true)]);
		await ledger.commit(id, [resultOf(4), ...(isWhole ? [resultOf(5)] : [])]);
		if (status === "failed") await ledger.giveUp(id, FAULT);
		if (status === "cancelled") await ledger.cancel(id);
		const output = await storeText(ledger, "three\n");
		await ledger.seal(id, { status, output, errors: await storeText(ledger, "two\n"), extension: "jsonl" });
		return id;
	}

	it("hands out exactly the failed lines and those that never ran, over a restart", async () => {
		for (const [status, lines] of [
			["completed", [2, 3]],
			["expired", [2, 3, 5]],
			["cancelled", [2, 3, 5]],
			["failed", [2, 3, 5]],
		] as const) {
			const test = given();
			const id = await ended(test.ledger, status);
			test.clock.advance(90_000_000);
			const before = test.ledger.batch(id);
			const retried = await test.ledger.retry(id, "all", 5_000);
			expect(retried).toMatchObject({ status: "in_progress", round: 1, failed: 0, retries: 2, faults: [] });
			expect(retried).toMatchObject({ outputFileId: null, errorFileId: null, givenUp: null, cancellingAtMs: null });
			expect([retried.completed, retried.expiresAtMs]).toEqual([before?.completed, test.clock.nowMs() + 5_000]);
			expect(test.ledger.openBatches().map((batch) => batch.id)).toContain(id);
			expect(claimed(test.ledger, id)).toEqual(lines);
			await test.reopen();
			expect(test.ledger.batch(id)).toEqual(retried);
			expect(claimed(test.ledger, id)).toEqual(lines);
		}
	});

	it("hands out failed lines that an adoption had passed", async () => {
		const { ledger } = given();
		await ledger.commit(await makeBatch(ledger, 6), [resultOf(2)]);
		const id = await makeBatch(ledger, 6);
		await ledger.commit(id, [resultOf(0, "no", true), resultOf(1)]);
		expect(await ledger.adoptResults(id)).toBe(1);
		await ledger.seal(id, { status: "expired", output: null, errors: null, extension: "jsonl" });
		await ledger.retry(id, "all", 5_000);
		expect(claimed(ledger, id)).toEqual([0, 3, 4, 5]);
	});

	it("runs only the lines named of those that failed; the others keep their errors", async () => {
		const { ledger } = given();
		const id = await ended(ledger, "completed");
		expect(await ledger.retry(id, [3, 0, 99, 3], 5_000)).toMatchObject({ failed: 1, retries: 1, completed: 4 });
		expect(claimed(ledger, id)).toEqual([3]);
		await ledger.commit(id, [resultOf(3)]);
		expect(ledger.batch(id)).toMatchObject({ status: "finalizing", completed: 5, failed: 1 });
	});

	it("keeps counts and tokens those of the results that are there, through every round", async () => {
		const { ledger } = given();
		const id = await ended(ledger, "completed");
		for (let round = 1; round <= 3; round += 1) {
			await ledger.retry(id, "all", 5_000);
			await ledger.commit(id, [resultOf(2, "still no", true), resultOf(3, `well ${round}`, round < 3)]);
			const end = { output: null, errors: null, extension: "jsonl" };
			const batch = await ledger.seal(id, { status: "completed", ...end });
			const results = (await collect(ledger.finishedLines(id))).flatMap((line) => line.result ?? []);
			const sum = (of: "promptTokens" | "completionTokens"): number =>
				results.reduce((total, result) => total + result.provenance[of], 0);
			expect(batch.usage).toMatchObject({ inputTokens: sum("promptTokens"), outputTokens: sum("completionTokens") });
			expect(batch.failed).toBe(results.filter((result) => result.isError).length);
			expect(batch).toMatchObject({ round, total: 6, completed: 6 - batch.failed, retries: 2 * round });
		}
	});

	it("starts lines that crashed the inference process with a clean slate", async () => {
		const { ledger } = given();
		const id = await makeBatch(ledger, 2);
		await ledger.countCrash(id, 1);
		await ledger.countCrash(id, 1);
		await ledger.commit(id, [resultOf(0), resultOf(1, "It crashed the process.", true)]);
		await ledger.seal(id, { status: "completed", output: null, errors: null, extension: "jsonl" });
		await ledger.retry(id, "all", 5_000);
		expect(ledger.claim(id, 9, 1_000)?.lines.map(({ line, crashes }) => [line, crashes])).toEqual([[1, 0]]);
	});

	it("leaves what was published as it is, and publishes anew, the same bytes under the same name", async () => {
		const { ledger } = given();
		const id = await ended(ledger, "completed");
		const first = ledger.batch(id);
		await ledger.markCollected(id);
		expect(await ledger.retry(id, "all", 5_000)).toMatchObject({ collectedAtMs: null });
		expect(ledger.file(first?.outputFileId ?? "")).not.toBeNull();
		expect(ledger.batchOfFile(first?.outputFileId ?? "")?.id).toBe(id);
		await ledger.deleteFile(first?.errorFileId ?? "");
		await ledger.commit(id, [resultOf(2), resultOf(3, "nor this", true)]);
		const output = await storeText(ledger, "four\n");
		const errors = await storeText(ledger, "two\n");
		const again = await ledger.seal(id, { status: "completed", output, errors, extension: "jsonl" });
		expect(again.outputFileId).not.toBe(first?.outputFileId);
		expect(again.errorFileId).toBe(first?.errorFileId);
		expect(ledger.file(again.errorFileId ?? "")).toMatchObject({ sizeBytes: 4 });
		expect(ledger.notices(0, 9).map((notice) => notice.message)).toEqual([
			"4 of 6 lines answered, 2 failed",
			"5 of 6 lines answered, 1 failed",
		]);
	});

	it("changes nothing where nothing is to be run, or while it runs", async () => {
		const { ledger } = given();
		const whole = await makeBatch(ledger, 1);
		await ledger.commit(whole, [resultOf(0)]);
		const end = { output: null, errors: null, extension: "jsonl" };
		const sealed = await ledger.seal(whole, { status: "completed", ...end });
		expect(await ledger.retry(whole, "all", 5_000)).toEqual(sealed);
		const id = await ended(ledger, "completed");
		expect((await ledger.retry(id, [0, 5], 5_000)).status).toBe("completed");
		const retried = await ledger.retry(id, [2], 5_000);
		expect(await ledger.retry(id, "all", 9_000)).toEqual(retried);
	});

	it("validates a batch that was cancelled before it was", async () => {
		const { ledger } = given();
		const { batch } = await ledger.createBatch(manifestOf((await makeFile(ledger, `${lineText(0)}\n`)).id), null);
		await ledger.cancel(batch.id);
		await ledger.seal(batch.id, { status: "cancelled", output: null, errors: null, extension: "jsonl" });
		expect(await ledger.retry(batch.id, "all", 5_000)).toMatchObject({ status: "validating", round: 1 });
		ledger.clearIndex(batch.id);
		ledger.indexLines(batch.id, indexOf([lineText(0)]));
		await ledger.settleValidation(batch.id, { kind: "valid", total: 1, model: MODEL, notices: [] });
		expect(claimed(ledger, batch.id)).toEqual([0]);
	});

	it("refuses a batch whose input is invalid, and reads one whose input was deleted meanwhile", async () => {
		const { ledger } = given();
		const { batch } = await ledger.createBatch(manifestOf((await makeFile(ledger, "}\n")).id), null);
		await ledger.settleValidation(batch.id, { kind: "invalid", faults: [FAULT] });
		await expect(ledger.retry(batch.id, "all", 5_000)).rejects.toThrow("is invalid");
		const id = await ended(ledger, "expired");
		await ledger.deleteFile(ledger.batch(id)?.manifest.inputFileId ?? "");
		await ledger.retry(id, "all", 5_000);
		expect(Buffer.from(ledger.claim(id, 1, 1_000)?.lines[0]?.bytes ?? []).toString()).toBe(lineText(2));
	});

	it("rehearses a held batch anew", async () => {
		const { ledger } = given();
		const id = await makeBatch(ledger, 3, { manifest: { rehearsal: { lines: 1, spread: false } } });
		await ledger.commit(id, [resultOf(0, "no", true)]);
		await ledger.settleRehearsal(id, { lines: 1, failed: 1, inputTokens: 1, outputTokens: 1, durationMs: 1 });
		await ledger.cancel(id);
		await ledger.seal(id, { status: "cancelled", output: null, errors: null, extension: "jsonl" });
		expect(await ledger.retry(id, "all", 5_000)).toMatchObject({ isHeld: true, rehearsed: null, failed: 0 });
		expect(claimed(ledger, id)).toEqual([]);
		expect(ledger.openLines(id, [0])).toHaveLength(1);
	});
}
