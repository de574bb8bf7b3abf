/** Batches whose maker is away and of which the others know no lines: whether this machine does the maker's part. */
import type { Clock } from "../../base/base.ts";
import type { BatchRecord, Ledger } from "../../ledger/ledger.ts";

/** Doing the part of makers that are away. */
export interface StandIn {
	/** Logs of machines that are there, while this host stands in for the others; null: it does not. */
	set(present: readonly string[] | null): void;
	/** Whether this machine does the maker's part for a batch. `ending`: to end it; else to check it, which rehearsals are left without. */
	for(batch: Pick<BatchRecord, "id" | "origin" | "isHeld">, part?: "ending"): boolean;
	/** It could not be done here; others come first for a while. */
	putOff(batchId: string): void;
}

/** What it is made of. */
export interface StandInDeps {
	readonly ledger: Pick<Ledger, "isIndexShared">;
	readonly clock: Clock;
	/** There may be something to be done, or not any more. */
	onChange(): void;
}

/** A machine with the input may come back, or a model be put here. */
const PUT_OFF_MS = 5 * 60_000;

/** Stands in for nobody. */
export function createStandIn({ ledger, clock, onChange }: StandInDeps): StandIn {
	let present: ReadonlySet<string> | null = null;
	const putOffMs = new Map<string, number>();

	function isPutOff(batchId: string): boolean {
		const atMs = putOffMs.get(batchId);
		if (atMs !== undefined && clock.monotonicMs() - atMs < PUT_OFF_MS) return true;
		putOffMs.delete(batchId);
		return false;
	}

	return {
		set(next) {
			present = next === null ? null : new Set(next);
			onChange();
		},
		for({ id, origin, isHeld }, part) {
			if (present === null || present.has(origin) || ledger.isIndexShared(id)) return false;
			return part === "ending" || (!isHeld && !isPutOff(id));
		},
		putOff: (batchId) => void putOffMs.set(batchId, clock.monotonicMs()),
	};
}
