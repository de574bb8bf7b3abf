import type { Batches } from "./batches.ts";
import type { Inputs } from "./inputs.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { LineRow, Lines } from "./lines.ts";
import type { LineRuns } from "./slices.ts";

/** Lines whose places are read at a time. */
const LINES_AT_ONCE = 5_000;

/** Takes what another machine says this one is to work on. */
export function createAssigning(deps: {
	batches: Batches;
	leases: Leases;
	lines: Lines;
	inputs: Inputs;
}): Pick<Ledger, "restrict" | "assign" | "withdraw" | "openOf" | "missingInput"> {
	const { batches, leases, lines, inputs } = deps;

	/** Where lines lie, as far as they are in the index. */
	function* extents(batch: number, total: number, runs: LineRuns): Generator<LineRow> {
		for (const [first, count] of runs) {
			const end = Math.min(first + count, total);
			for (let from = first; from < end; from += LINES_AT_ONCE) {
				yield* lines.range(batch, from, Math.min(from + LINES_AT_ONCE, end));
			}
		}
	}

	return {
		restrict: (isRestricted) => leases.restrict(isRestricted),
		assign(batchId, sliceId, lines) {
			const { number, total } = batches.facts(batchId);
			leases.slices.assign(number, total, sliceId, lines);
		},
		withdraw: (sliceId, lines) => leases.slices.withdraw(sliceId, lines),
		missingInput(batchId, runs) {
			const { number, total, inputFileId, isIndexed } = batches.facts(batchId);
			// Where lines lie is not known without the index: any of it may be needed.
			return inputs.missing(inputFileId, runs === null || !isIndexed ? null : extents(number, total, runs));
		},
		openOf: (sliceId) => leases.slices.openOf(sliceId),
	};
}
