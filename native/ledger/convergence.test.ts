import fc from "fast-check";
import { expect, it } from "vitest";
import { isEnded } from "./batch-status.ts";
import type { BatchRecord, StoredOp } from "./ledger.ts";
import { collect } from "./testing/fixtures.ts";
import { deliver, fleetSteps, openFleet, play, winnersOf } from "./testing/fleet.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "./testing/sqlite.ts";

/** Machines that write, each at its own. */
const WRITERS = 3;

/**
 * A batch without what is each machine's own while it runs: when it saw the last result come in, and whether it has the index of the
 * lines.
 */
function shared(batch: BatchRecord): object {
	return isEnded(batch.status) ? batch : { ...batch, finalizingAtMs: null, status: null };
}

function view({ ledger }: SqliteUnderTest, ids: readonly string[]): object[] {
	return ids.map((id) => {
		const batch = ledger.batch(id);
		if (batch === null) return { id };
		const lines = (["answered", "failed"] as const).map((state) => ledger.linesInState(id, state, 0, batch.total));
		const files = [batch.outputFileId, batch.errorFileId].map((file) => file && ledger.file(file)?.digest);
		return { ...shared(batch), lines, files, durations: ledger.durations(id).counts };
	});
}

/** All operations of a ledger in another order, each log in its own. */
function shuffled(ops: readonly StoredOp[], picks: readonly number[]): StoredOp[] {
	const logs = [...Map.groupBy(ops, (op) => op.origin).values()].map((log) => [...log]);
	const order: StoredOp[] = [];
	for (let at = 0; logs.some((log) => log.length > 0); at += 1) {
		const filled = logs.filter((log) => log.length > 0);
		const next = filled[(picks[at % picks.length] ?? 0) % filled.length]?.shift();
		if (next !== undefined) order.push(next);
	}
	return order;
}

it("comes to the same batches, winners and ends whatever the order of arrival", { timeout: 120_000 }, async () => {
	await fc.assert(
		fc.asyncProperty(
			fleetSteps(WRITERS),
			fc.array(fc.nat(WRITERS), { minLength: 20, maxLength: 60 }),
			async (steps, picks) => {
				const writers = await openFleet(WRITERS);
				const late = await sqliteUnderTest();
				const all = [...writers, late];
				try {
					const ids = await play(writers, steps);
					const [first] = writers;
					if (first === undefined) return;
					for (const op of shuffled([...first.ledger.exchange.operations()], picks)) {
						expect(await deliver(first, late, [op])).toBe(true);
					}
					const expected = view(first, ids);
					for (const one of all) {
						expect(view(one, ids)).toEqual(expected);
						expect(await collect(one.ledger.verify())).toEqual([]);
						expect(one.logged).toEqual([]);
					}
					await late.ledger.rebuild();
					for (const one of all) await one.close();
					for (const one of all) expect(winnersOf(one)).toEqual(winnersOf(first));
				} finally {
					for (const one of all) await one.dispose();
				}
			},
		),
		{ numRuns: 20, endOnFailure: true },
	);
});
