import { isEnded } from "./batch-status.ts";
import type { Batches } from "./batches.ts";
import { LedgerMisuseError } from "./errors.ts";
import type { Journal } from "./journal.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { Lines } from "./lines.ts";
import { canonicalJson, MAX_OP_BYTES } from "./ops.ts";
import type { Fault } from "./records.ts";
import { invalidMessage } from "./wording.ts";

/** Notices kept of what was put up with: enough to see what it is. */
const MAX_NOTICES = 100;

/** Bytes of the faults that an operation names; leaves room in `MAX_OP_BYTES` for the rest of it. */
const MAX_FAULTS_BYTES = MAX_OP_BYTES - 16 * 1024;

/** Takes in what validation finds: the line index, then the verdict. */
export function createValidation(deps: {
	journal: Journal;
	batches: Batches;
	lines: Lines;
	leases: Leases;
	/** Runs a change without waiting for the disk: the next durable change takes it along. */
	unsynced: <Value>(body: () => Value) => Value;
}): Pick<Ledger, "clearIndex" | "indexLines" | "settleValidation"> {
	const { journal, batches, lines, leases, unsynced } = deps;

	/** Number of a batch whose index may still change. */
	function unsettled(batchId: string): number {
		const facts = batches.facts(batchId);
		if (facts.isIndexed) throw new LedgerMisuseError(`The lines of batch ${batchId} are settled.`);
		return facts.number;
	}

	return {
		clearIndex(batchId) {
			const batch = unsettled(batchId);
			unsynced(() => journal.derive(() => lines.clear(batch)));
			leases.forget(batch);
		},
		indexLines(batchId, found) {
			const batch = unsettled(batchId);
			unsynced(() => journal.derive(() => lines.insert(batch, found)));
		},
		settleValidation: (batchId, outcome) =>
			journal.exclusive(async () => {
				const facts = batches.facts(batchId);
				if (isEnded(facts.status) || facts.isIndexed) return batches.record(batchId);
				if (outcome.kind === "invalid") {
					journal.recordNow((append) => {
						append({
							kind: "invalid",
							body: { batchId, faults: fitting(outcome.faults), message: invalidMessage(outcome.faults) },
						});
						lines.clear(facts.number);
					});
					return batches.record(batchId);
				}
				const { total, model } = outcome;
				const notices = outcome.notices.slice(0, MAX_NOTICES);
				lines.check(facts.number, total);
				const order = await lines.makeOrder(facts.number, total);
				journal.recordNow((append) => {
					// After `rebuild` the log says so already; saying it again changes nothing and tells the watchers.
					append({ kind: "validated", body: { batchId, total, model, notices } });
					lines.settle(facts.number, order);
				});
				return batches.record(batchId);
			}),
	};
}

/** The first faults, as many as one operation holds, and how many more there are. */
function fitting(faults: readonly Fault[]): readonly Fault[] {
	let sizeBytes = 0;
	const cut = faults.findIndex((fault) => {
		sizeBytes += Buffer.byteLength(canonicalJson(fault)) + 1;
		return sizeBytes > MAX_FAULTS_BYTES;
	});
	if (cut < 0) return faults;
	const message = `${faults.length - cut} more faults are not listed here. Mend these, then send the file again.`;
	return [...faults.slice(0, cut), { code: "too_many_faults", message, param: null, line: null }];
}
