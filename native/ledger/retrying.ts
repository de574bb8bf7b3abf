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
		if (batch.resultsDroppedAtMs !== null || !inputs.isThere(facts.inputFileId)) {
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
				append({ kind: "retried", body: { batchId, round: batch.round + 1, lines: ranges, putBack, windowMs } });
				return batches.record(batchId);
			}),
	};
}
