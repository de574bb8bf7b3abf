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
}): Pick<Ledger, "restrict" | "assign" | "withdraw" | "openOf" | "missingInput" | "bringInput"> {
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

	/** Where lines lie is not known without the index: any of the input may be needed, which null says too. */
	function partsOf(batchId: string, runs: LineRuns | null): Iterable<LineRow> | null {
		const { number, total, isIndexed } = batches.facts(batchId);
		return runs === null || !isIndexed ? null : extents(number, total, runs);
	}

	return {
		restrict: (isRestricted) => leases.restrict(isRestricted),
		assign(batchId, sliceId, lines) {
			const { number, total } = batches.facts(batchId);
			leases.slices.assign(number, total, sliceId, lines);
		},
		withdraw: (sliceId, lines) => leases.slices.withdraw(sliceId, lines),
		missingInput(batchId, runs) {
			const { inputFileId } = batches.facts(batchId);
			return inputs.missing(inputFileId, partsOf(batchId, runs));
		},
		async bringInput(batchId, runs) {
			const { inputFileId } = batches.facts(batchId);
			if (await inputs.bring(inputFileId, partsOf(batchId, runs))) return "here";
			return inputs.isGone(inputFileId) ? "gone" : "away";
		},
		openOf: (sliceId) => leases.slices.openOf(sliceId),
	};
}
