import { expect, it } from "vitest";
import { sealDigest } from "../ledger.ts";
import { type LedgerUnderTest, makeBatch, resultOf, storeText } from "./fixtures.ts";

const EPOCH = { term: 3, rank: 0, device: "b" };

/** What every ledger promises about work that several machines share, as far as one of them can tell. */
export function machinesContract(given: () => LedgerUnderTest): void {
	it("remembers which machines may work on a batch; the last choice stands", async () => {
		const { ledger, reopen } = given();
		const id = await makeBatch(ledger, 1);
		expect(ledger.batch(id)?.machines).toEqual({ only: null, never: [] });
		await ledger.chooseMachines(id, { only: ["a", "b"], never: [] });
		expect(await ledger.chooseMachines(id, { only: null, never: ["c"] })).toMatchObject({ machines: { never: ["c"] } });
		expect((await reopen()).batch(id)?.machines).toEqual({ only: null, never: ["c"] });
	});

	it("fixes an end first and shows it once it is published, over a restart", async () => {
		const test = given();
		const id = await makeBatch(test.ledger, 2);
		await test.ledger.commit(id, [resultOf(0), resultOf(1, "no", true)]);
		const output = await storeText(test.ledger, "one\n");
		const seal = { status: "completed" as const, output, errors: null, extension: "jsonl" };
		const proposed = await test.ledger.propose(id, seal, { epoch: EPOCH, round: 0 });
		expect(proposed).toMatchObject({ kind: "seal", origin: test.ledger.exchange.origin });
		expect(test.ledger.batch(id)).toMatchObject({ status: "finalizing", outputFileId: null });
		expect(test.ledger.files({ after: null, limit: 9, order: "asc", purpose: "batch_output" }).rows).toEqual([]);
		const later = await test.reopen();
		const shown = await later.publish(id, sealDigest(seal));
		expect(shown).toMatchObject({ status: "completed", completed: 1, failed: 1 });
		expect(later.file(shown.outputFileId ?? "")?.digest).toBe(output.digest);
		expect(later.batchOfFile(shown.outputFileId ?? "")?.id).toBe(id);
		expect(await later.publish(id, sealDigest(seal))).toEqual(shown);
		expect(await later.propose(id, seal, { epoch: EPOCH, round: 0 })).toBeNull();
		expect(await later.seal(id, { ...seal, status: "expired" })).toEqual(shown);
		expect(later.notices(0, 9).map((notice) => notice.message)).toEqual(["1 of 2 lines answered, 1 failed"]);
	});

	it("ends the next round by itself where its end is one that was published before", async () => {
		const { ledger } = given();
		const id = await makeBatch(ledger, 1);
		await ledger.commit(id, [resultOf(0, "no", true)]);
		const seal = {
			status: "completed" as const,
			output: null,
			errors: await storeText(ledger, "no\n"),
			extension: "jsonl",
		};
		const first = await ledger.seal(id, seal);
		expect(await ledger.retry(id, "all", 1_000)).toMatchObject({ round: 1, errorFileId: null });
		await ledger.commit(id, [resultOf(0, "no", true)]);
		expect(await ledger.propose(id, seal, { epoch: EPOCH, round: 0 })).toBeNull();
		await ledger.propose(id, seal, { epoch: EPOCH, round: 1 });
		expect(ledger.batch(id)).toMatchObject({ status: "completed", round: 1, errorFileId: first.errorFileId });
	});

	it("cancels only the round that it was meant for", async () => {
		const { ledger } = given();
		const id = await makeBatch(ledger, 1);
		await ledger.cancel(id);
		await ledger.seal(id, { status: "cancelled", output: null, errors: null, extension: "jsonl" });
		expect(await ledger.retry(id, "all", 1_000)).toMatchObject({ status: "in_progress", cancellingAtMs: null });
		expect(await ledger.cancel(id)).toMatchObject({ status: "cancelling", round: 1 });
	});
}
