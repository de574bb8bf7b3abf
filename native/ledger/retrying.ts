import { isEnded } from "./batch-status.ts";
import type { Batches, BatchFacts } from "./batches.ts";
import { LedgerMisuseError } from "./errors.ts";
import type { Inputs } from "./inputs.ts";
import type { Journal } from "./journal.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { Lines } from "./lines.ts";
import { toRanges } from "./ops.ts";
import type { BatchRecord } from "./records.ts";
import type { Results } from "./results.ts";

/** Runs of lines that one operation names: at most some 24 bytes each, which keeps below `MAX_OP_BYTES`. */
const MAX_RUNS = 8_000;

/** Opens ended batches again. */
export function createRetrying(deps: {
	journal: Journal;
	batches: Batches;
	inputs: Inputs;
	lines: Lines;
	leases: Leases;
	results: Results;
}): Pick<Ledger, "retry"> {
	const { journal, batches, inputs, lines, leases, results } = deps;

	function mustBeRunnable(batch: BatchRecord, facts: BatchFacts): void {
		if (facts.isInvalid) {
			throw new LedgerMisuseError(`The input of batch ${batch.id} is invalid; there is nothing to run again.`);
		}
		if (batch.resultsDroppedAtMs !== null || inputs.isGone(facts.inputFileId)) {
			throw new LedgerMisuseError(`The input or the results of batch ${batch.id} were removed for their age.`);
		}
	}

	return {
		retry: (batchId, which, windowMs) =>
			journal.record((append) => {
				const batch = batches.record(batchId);
				const facts = batches.facts(batchId);
				if (!isEnded(batch.status)) return batch;
				mustBeRunnable(batch, facts);
				const failed =
					which === "all"
						? null
						: [...new Set(which)]
								.filter((line) => results.holder(facts.number, line)?.isError === true)
								.sort((left, right) => left - right);
				const putBack = failed === null ? batch.failed : failed.length;
				const isWhole = batch.inProgressAtMs !== null && batch.completed + batch.failed === batch.total;
				if (putBack === 0 && isWhole) return batch;
				const ranges = failed === null ? null : toRanges(failed);
				// The cursor passed these lines long ago.
				leases.forget(facts.number);
				lines.resetFloor(facts.number);
				const round = batch.round + 1;
				if (ranges === null || failed === null) {
					append({ kind: "retried", body: { batchId, round, lines: null, putBack, windowMs } });
					return batches.record(batchId);
				}
				// All of the same round, so that together they say what one could not hold.
				for (let first = 0; first === 0 || first < ranges.length; first += MAX_RUNS) {
					const part = ranges.slice(first, first + MAX_RUNS);
					append({ kind: "retried", body: { batchId, round, lines: part, putBack: countOf(part), windowMs } });
				}
				return batches.record(batchId);
			}),
	};
}

function countOf(runs: readonly (readonly [first: number, count: number])[]): number {
	return runs.reduce((sum, [, count]) => sum + count, 0);
}
