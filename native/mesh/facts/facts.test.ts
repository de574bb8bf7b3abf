import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isEnded as hasEnded } from "../../ledger/batch-status.ts";
import { compareEpochs as compareInLedger } from "../../ledger/epochs.ts";
import type { StoredOp } from "../../ledger/ledger.ts";
import { FLEET_LINES, fleetSteps, openFleet, play } from "../../ledger/testing/fleet.ts";
import { type Batch, canonicalSeal, foldOperation, isCancelled, isEnded } from "../core/batches.ts";
import { compareEpochs } from "../core/epochs.ts";
import { eachLine } from "../core/ranges.ts";
import { createFactReader, factOf } from "./facts.ts";

describe("what operations mean", () => {
	test("agrees with what the ledger makes of them: done lines, rounds, cancels, chosen machines and ends", {
		timeout: 120_000,
	}, async () => {
		await fc.assert(
			fc.asyncProperty(fleetSteps(2), async (steps) => {
				const fleet = await openFleet(2);
				try {
					const ids = await play(fleet, steps);
					for (const { ledger } of fleet) {
						const read = createFactReader();
						let batches: ReadonlyMap<string, Batch> = new Map();
						for (const op of ledger.exchange.operations()) batches = foldOperation(batches, read(op));
						for (const id of ids) {
							const record = ledger.batch(id);
							const batch = batches.get(id);
							if (record === null || batch === undefined) continue;
							const done = (["answered", "failed"] as const).flatMap((state) =>
								ledger.linesInState(id, state, 0, FLEET_LINES),
							);
							expect([...eachLine(batch.done)]).toEqual(done.sort((left, right) => left - right));
							const { only, never } = batch.choice ?? { only: null, never: [] };
							expect({ only, never }).toEqual(record.machines);
							expect([batch.round, isEnded(batch)]).toEqual([record.round, hasEnded(record.status)]);
							if (record.cancellingAtMs !== null) expect(isCancelled(batch)).toBe(true);
							if (!hasEnded(record.status)) expect(isCancelled(batch)).toBe(record.cancellingAtMs !== null);
							const seal = isEnded(batch) ? canonicalSeal(batch) : null;
							if (seal !== null) {
								expect(seal.outcome).toBe(record.status);
								const published = [...ledger.exchange.operations()].find(
									(op) => op.kind === "published" && digestIn(op) === seal.digest && op.body.includes(id),
								);
								expect(published?.body).toContain(record.outputFileId);
							}
						}
					}
				} finally {
					for (const one of fleet) await one.dispose();
				}
			}),
			{ numRuns: 20 },
		);
	});

	test("orders tenures of hosts as the ledger does", () => {
		const epoch = fc.record({ term: fc.nat(2), rank: fc.nat(2), device: fc.constantFrom("a", "b", "c") });
		fc.assert(
			fc.property(epoch, epoch, (left, right) => {
				expect(Math.sign(compareInLedger(left, right))).toBe(Math.sign(compareEpochs(left, right)));
			}),
		);
		expect(compareInLedger(null, { term: 1, rank: 0, device: "a" })).toBeLessThan(0);
	});

	test("passes over what it can't read, and tidies what another machine wrote badly", () => {
		const op = { origin: "a", sequence: 1, previous: "", hash: "", version: 1, atMs: 0 };
		expect(factOf({ ...op, kind: "from-later", body: "{}" })).toEqual({ kind: "other" });
		expect(factOf({ ...op, kind: "cancel", body: "{" })).toEqual({ kind: "other" });
		expect(factOf({ ...op, kind: "cancel", version: 99, body: '{"batchId":"x"}' })).toEqual({ kind: "other" });
		const lines = [
			[5, 1],
			[0, 2],
			[1, 2],
			[9, 0],
		];
		const body = JSON.stringify({ batchId: "x", round: 1, lines, putBack: 1, windowMs: 1 });
		expect(factOf({ ...op, kind: "retried", body })).toMatchObject({
			lines: [
				[0, 3],
				[5, 1],
			],
		});
	});
});

function digestIn(op: StoredOp): string | null {
	const fact = factOf(op);
	return fact.kind === "published" ? fact.digest : null;
}
