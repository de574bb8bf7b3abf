import type { Epoch } from "./records.ts";

/** What a machine alone seals under: before all others. */
const ALONE: Epoch = { term: 0, rank: 0, device: "" };

/**
 * Negative: `left` is the earlier one. The same order as that of `native/mesh/core`, whose test compares the two; null is a machine
 * alone.
 */
export function compareEpochs(left: Epoch | null, right: Epoch | null): number {
	const [one, other] = [left ?? ALONE, right ?? ALONE];
	if (one.term !== other.term) return one.term - other.term;
	if (one.rank !== other.rank) return other.rank - one.rank;
	if (one.device === other.device) return 0;
	return one.device < other.device ? 1 : -1;
}
