import fc from "fast-check";
import { expect, it } from "vitest";
import type { LineResult } from "../records.ts";
import {
	digestOf,
	type LedgerUnderTest,
	lineText,
	MODEL,
	makeBatch,
	makeFile,
	manifestOf,
	resultOf,
} from "./fixtures.ts";

const MINUTE_MS = 60_000;
/** Start of a minute. */
const START_MS = 28_333_333 * MINUTE_MS;

/** A result of a line that one machine produced after so many milliseconds. */
function producedAt(line: number, afterMs: number, changes: Partial<LineResult["provenance"]> = {}, isError = false) {
	const result = resultOf(line, "answer", isError);
	return { ...result, provenance: { ...result.provenance, producedAtMs: START_MS + afterMs, ...changes } };
}

/** What every ledger promises about what was done, when, and what people are told. */
export function figuresContract(given: () => LedgerUnderTest): void {
	const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

	it("adds up work by machine and minute, in whatever calls it came, over a restart", async () => {
		const test = given();
		const tokens = { promptTokens: 10, cachedTokens: 4, completionTokens: 3 };
		const results = [
			producedAt(0, 0, tokens),
			producedAt(1, 59_999, { ...tokens, attempts: 3 }),
			producedAt(2, 60_000, tokens, true),
			producedAt(3, 1, { ...tokens, machine: "attic" }),
		];
		const ids = [await makeBatch(test.ledger, 5), await makeBatch(test.ledger, 5)];
		await test.ledger.commit(ids[0] ?? "", results);
		for (const result of results.toReversed()) await test.ledger.commit(ids[1] ?? "", [result]);
		await test.ledger.commit(ids[1] ?? "", results);
		await test.reopen();
		for (const batchId of ids) {
			const none = { batchId, lines: 1, failed: 0, retries: 0, inputTokens: 10, cachedTokens: 4, outputTokens: 3 };
			expect(test.ledger.workMinutes({ ...everything, batchId })).toEqual([
				{ ...none, machine: "attic", atMs: START_MS },
				{
					...none,
					machine: "test",
					atMs: START_MS,
					lines: 2,
					retries: 2,
					inputTokens: 20,
					cachedTokens: 8,
					outputTokens: 6,
				},
				{ ...none, machine: "test", atMs: START_MS + MINUTE_MS, failed: 1 },
			]);
			expect(test.ledger.batch(batchId)?.retries).toBe(2);
		}
		expect(test.ledger.workMinutes({ batchId: null, fromMs: START_MS, toMs: START_MS + 1 })).toHaveLength(4);
		expect(test.ledger.workMinutes({ ...everything, batchId: null })).toHaveLength(6);
	});

	it("does not count lines taken over from another batch as work", async () => {
		const { ledger } = given();
		const first = await makeBatch(ledger, 3);
		await ledger.commit(first, [producedAt(0, 0, { attempts: 4 }), producedAt(1, 0)]);
		const id = await makeBatch(ledger, 3, { texts: [lineText(1), lineText(0), "other"] });
		expect(await ledger.adoptResults(id)).toBe(2);
		await ledger.commit(id, [producedAt(2, 0)]);
		expect(ledger.batch(id)).toMatchObject({ adopted: 2, completed: 3, retries: 0 });
		expect(ledger.workMinutes({ ...everything, batchId: id })).toMatchObject([{ lines: 1 }]);
		expect(ledger.durations(id).counts.reduce((sum, count) => sum + count, 0)).toBe(1);
		expect(ledger.batch(first)).toMatchObject({ adopted: 0, retries: 3 });
	});

	it("counts every duration between the bound before and its own", async () => {
		const { ledger } = given();
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.oneof(fc.nat(200), fc.nat(100_000_000), fc.constantFrom(10, 12.5, 8_000_000)), {
					minLength: 1,
					maxLength: 20,
				}),
				async (all) => {
					const id = await makeBatch(ledger, all.length + 1);
					await ledger.commit(
						id,
						all.map((durationMs, line) => producedAt(line, 0, { durationMs })),
					);
					const { boundsMs, counts } = ledger.durations(id);
					expect(boundsMs).toEqual([...boundsMs].sort((left, right) => left - right));
					expect(boundsMs.at(-1)).toBe(Number.POSITIVE_INFINITY);
					const expected = boundsMs.map(
						(bound, index) => all.filter((ms) => ms <= bound && ms > (boundsMs[index - 1] ?? -1)).length,
					);
					expect(counts).toEqual(expected);
				},
			),
			{ numRuns: 20 },
		);
	});

	it("adds up the time and the power of stints, and says whether all of it was measured", async () => {
		const test = given();
		const id = await makeBatch(test.ledger, 2);
		const stint = { batchId: id, machine: "test", fromMs: 1_000, toMs: 4_000, wattHours: 0.25, isMeasured: true };
		await test.ledger.recordStint(stint);
		expect(test.ledger.batch(id)).toMatchObject({ workedMs: 3_000, wattHours: 0.25, isEnergyMeasured: true });
		const later = { ...stint, fromMs: 9_000, toMs: 9_500, wattHours: 0.1, isMeasured: false };
		await test.ledger.recordStint(later);
		await test.ledger.recordStint({ ...stint, fromMs: 7_000.4, toMs: 6_000 });
		await test.reopen();
		expect(test.ledger.batch(id)).toMatchObject({ workedMs: 3_500, lastWorkedAtMs: 9_500, isEnergyMeasured: false });
		expect(test.ledger.stints({ fromMs: 3_999, toMs: 9_000 })).toEqual([
			stint,
			{ ...stint, fromMs: 7_000, toMs: 7_000 },
		]);
		expect(test.ledger.stints({ fromMs: 4_000, toMs: 10_000 })).toHaveLength(2);
		await expect(test.ledger.recordStint({ ...stint, batchId: "batch_unknown" })).rejects.toThrow("no batch");
	});

	it("knows the speed of a model from its last hour of work, and of no other model", async () => {
		const { ledger } = given();
		const tokens = { promptTokens: 100, cachedTokens: 40, completionTokens: 60 };
		expect(ledger.modelSpeed(MODEL.digest)).toBeNull();
		const worked = async (startMs: number, minutes: number, linesAMinute: number, model = MODEL): Promise<void> => {
			const id = await makeBatch(ledger, minutes * linesAMinute, { model });
			const results = Array.from({ length: minutes * linesAMinute }, (_, line) =>
				producedAt(line, startMs + Math.floor(line / linesAMinute) * MINUTE_MS, tokens),
			);
			await ledger.commit(id, results);
			const fromMs = START_MS + startMs;
			const toMs = fromMs + minutes * MINUTE_MS;
			await ledger.recordStint({ batchId: id, machine: "test", fromMs, toMs, wattHours: 0, isMeasured: true });
		};
		await worked(0, 60, 1);
		expect(ledger.modelSpeed(MODEL.digest)?.tokensPerSecond).toBeCloseTo(120 / 60);
		await worked(200 * MINUTE_MS, 30, 3);
		await worked(300 * MINUTE_MS, 30, 5);
		await worked(300 * MINUTE_MS, 5, 9, { name: "other", digest: digestOf("other") });
		const speed = ledger.modelSpeed(MODEL.digest);
		expect(speed?.workedMs).toBe(60 * MINUTE_MS);
		expect(speed?.tokensPerSecond).toBeCloseTo((4 * 120) / 60);
	});

	it("gives notices by number, and keeps what became of webhooks", async () => {
		const test = given();
		const id = await makeBatch(test.ledger, 1);
		const first = await test.ledger.notify("report", null, "Ready.");
		const second = await test.ledger.notify("report", id, "");
		expect(first).toMatchObject({ atMs: test.clock.nowMs(), kind: "report", batchId: null, message: "Ready." });
		expect(second.number).toBeGreaterThan(first.number);
		const delivery = { notice: first.number, target: digestOf("https://a.example"), outcome: "delivered" } as const;
		await test.ledger.settleDelivery(delivery);
		await test.ledger.settleDelivery({ ...delivery, outcome: "given-up" });
		const other = { ...delivery, target: digestOf("https://b.example"), outcome: "given-up" } as const;
		await test.ledger.settleDelivery(other);
		await test.reopen();
		expect(test.ledger.notices(0, 9)).toEqual([first, second]);
		expect(test.ledger.notices(0, 1)).toEqual([first]);
		expect(test.ledger.notices(first.number, 9)).toEqual([second]);
		expect(test.ledger.deliveries(0)).toEqual([delivery, other]);
		expect(test.ledger.deliveries(first.number)).toEqual([]);
	});

	it("tells how batches ended, in figures", async () => {
		const { ledger } = given();
		const seal = async (total: number, results: readonly LineResult[], status: "completed" | "expired") => {
			const id = await makeBatch(ledger, total);
			await ledger.commit(id, results);
			await ledger.seal(id, { status, output: null, errors: null, extension: "jsonl" });
		};
		await seal(1, [resultOf(0)], "completed");
		const results = Array.from({ length: 1_200 }, (_, line) => resultOf(line, "x", line < 5));
		await seal(1_200, results, "completed");
		await seal(3, [resultOf(0)], "expired");
		const { batch } = await ledger.createBatch(manifestOf((await makeFile(ledger, "}\n")).id), null);
		const fault = { code: "invalid_json_line", message: "Line 2 is not JSON.", param: null, line: 2 };
		await ledger.settleValidation(batch.id, { kind: "invalid", faults: [fault, fault, fault] });
		expect(ledger.notices(0, 9).map(({ kind, message }) => [kind, message])).toEqual([
			["completed", "1 of 1 line answered"],
			["completed", "1,195 of 1,200 lines answered, 5 failed"],
			["expired", "1 of 3 lines answered, 2 not run"],
			["failed", "Line 2 is not JSON. 2 more faults"],
		]);
	});
}
