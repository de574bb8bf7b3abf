import { expect, it } from "vitest";
import type { Ledger } from "../ledger.ts";
import { collect, digestOf, type LedgerUnderTest, lineText, makeBatch, resultOf } from "./fixtures.ts";

/** What every ledger promises about results of equal lines. */
export function adoptionContract(given: () => LedgerUnderTest): void {
	const claimed = (ledger: Ledger, id: string, max: number): number[] =>
		ledger.claim(id, max, 1_000)?.lines.map((leased) => leased.line) ?? [];

	it("adopts successful results of equal lines run by the same model, from several batches", async () => {
		const { ledger } = given();
		const [one, two, other] = [
			await makeBatch(ledger, 4),
			await makeBatch(ledger, 6),
			await makeBatch(ledger, 6, { model: { name: "demo", digest: digestOf("another") } }),
		];
		await ledger.commit(one, [resultOf(0, "zero"), resultOf(1, "failed", true), resultOf(3, "three")]);
		await ledger.commit(two, [resultOf(5, "five"), resultOf(0, "zero again")]);
		await ledger.commit(other, [resultOf(2, "by another model")]);
		const texts = [lineText(5), lineText(1), lineText(0), lineText(2), "a new line", lineText(3)];
		const id = await makeBatch(ledger, 6, { texts });
		expect(await ledger.adoptResults(id)).toBe(3);
		expect(await ledger.adoptResults(id)).toBe(0);
		const finished = await collect(ledger.finishedLines(id));
		const bodies = finished.map((line) =>
			line.result === null ? null : JSON.parse(line.result.payload).response.body,
		);
		expect(bodies[0]).toBe("five");
		expect(["zero", "zero again"]).toContain(bodies[2]);
		expect(bodies[5]).toBe("three");
		expect([bodies[1], bodies[3], bodies[4]]).toEqual([null, null, null]);
		expect(ledger.batch(id)).toMatchObject({ completed: 3, status: "in_progress" });
		expect(claimed(ledger, id, 9)).toEqual([1, 3, 4]);
	});

	it("adopts nothing for a batch that was made to run every line, and lets others have what it ran", async () => {
		const { ledger } = given();
		const first = await makeBatch(ledger, 2);
		await ledger.commit(first, [resultOf(0), resultOf(1)]);
		const id = await makeBatch(ledger, 2, { manifest: { reuseAnswers: false } });
		expect(await ledger.adoptResults(id)).toBe(0);
		expect(claimed(ledger, id, 9)).toEqual([0, 1]);
		await ledger.commit(id, [resultOf(0)]);
		const later = await makeBatch(ledger, 1);
		expect(await ledger.adoptResults(later)).toBe(1);
	});

	it("finishes a batch whose lines were all answered before", async () => {
		const { ledger } = given();
		const first = await makeBatch(ledger, 3);
		await ledger.commit(
			first,
			[0, 1, 2].map((line) => resultOf(line)),
		);
		await ledger.seal(first, { status: "completed", output: null, errors: null, extension: "jsonl" });
		const second = await makeBatch(ledger, 3);
		expect(await ledger.adoptResults(second)).toBe(3);
		expect(ledger.batch(second)).toMatchObject({ status: "finalizing", completed: 3 });
		expect(ledger.batch(second)?.usage).toEqual(ledger.batch(first)?.usage);
	});

	it("adopts nothing that is stale, or of a batch that was deleted", async () => {
		const { ledger, clock } = given();
		const stale = await makeBatch(ledger, 1, { manifest: { effectiveUntilMs: clock.nowMs() + 10 } });
		const deleted = await makeBatch(ledger, 2);
		await ledger.commit(stale, [resultOf(0)]);
		await ledger.commit(deleted, [resultOf(1)]);
		const early = await makeBatch(ledger, 3);
		expect(await ledger.adoptResults(early)).toBe(2);
		await ledger.deleteBatch((await ended(ledger, early)).id);
		await ledger.deleteBatch((await ended(ledger, deleted)).id);
		clock.advance(10);
		expect(await ledger.adoptResults(await makeBatch(ledger, 3))).toBe(0);
	});

	it("looks again once another batch has got results, or its own lines are open again", async () => {
		const { ledger } = given();
		const [source, id] = [await makeBatch(ledger, 3), await makeBatch(ledger, 3)];
		await ledger.commit(source, [resultOf(0)]);
		expect(await ledger.adoptResults(id)).toBe(1);
		expect(await ledger.adoptResults(id)).toBe(0);
		await ledger.commit(id, [resultOf(1, "no", true)]);
		await ledger.commit(source, [resultOf(1), resultOf(2)]);
		expect(await ledger.adoptResults(id)).toBe(1);
		await ended(ledger, id);
		await ledger.retry(id, "all", 5_000);
		expect(await ledger.adoptResults(id)).toBe(1);
		expect(ledger.batch(id)).toMatchObject({ completed: 3, failed: 0, adopted: 3, status: "finalizing" });
	});

	it("runs only the changed lines of a file that was rehearsed, whose rehearsal stays held", async () => {
		const { ledger } = given();
		const first = await makeBatch(ledger, 3, { manifest: { rehearsal: { lines: 2, spread: false } } });
		await ledger.commit(first, [resultOf(0), resultOf(1)]);
		const texts = [lineText(0), "changed", lineText(2)];
		const second = await makeBatch(ledger, 3, { texts });
		expect(await ledger.adoptResults(second)).toBe(1);
		expect(claimed(ledger, second, 9)).toEqual([1, 2]);
		await ledger.commit(second, [resultOf(2)]);
		expect(await ledger.adoptResults(first)).toBe(1);
		expect(ledger.batch(first)).toMatchObject({ status: "in_progress", isHeld: true, completed: 3 });
	});

	function ended(ledger: Ledger, id: string) {
		return ledger.seal(id, { status: "expired", output: null, errors: null, extension: "jsonl" });
	}
}
