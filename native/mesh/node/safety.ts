/** How safe each batch is, told to the service whenever it changed. */
import type { Durability } from "../../contract/contract.ts";
import { type CoreState, canonicalSeal, durabilityOf, isEnded } from "../core/core.ts";
import type { BatchPlace } from "./messages.ts";

/** Looks after the safety of batches. */
export interface Safety {
	/** A batch is there, by this operation. */
	note(place: BatchPlace): void;
	/** Those that changed since the last look. */
	look(state: CoreState): readonly (readonly [batchId: string, durability: Durability])[];
}

const PENDING: Durability = { level: 1, reason: "pending" };

/** Batches looked after at once; the oldest that are safe on two are forgotten beyond. More than a year of nights. */
const MOST_BATCHES = 20_000;

/** Knows of no batch. */
export function createSafety(): Safety {
	const places = new Map<string, BatchPlace>();
	/** Of those not safe on two machines yet, and of those that ended since. */
	const told = new Map<string, Durability>();

	function levelOf(state: CoreState, place: BatchPlace): Durability {
		const batch = state.batches.get(place.batchId);
		const seal = batch !== undefined && isEnded(batch) ? canonicalSeal(batch) : null;
		return durabilityOf(state, seal === null ? place : seal.place) ?? PENDING;
	}

	return {
		note(place) {
			places.set(place.batchId, place);
			for (const oldest of places.keys()) {
				if (places.size <= MOST_BATCHES) break;
				places.delete(oldest);
				told.delete(oldest);
			}
		},
		look(state) {
			const changed: (readonly [string, Durability])[] = [];
			for (const [batchId, place] of places) {
				const level = levelOf(state, place);
				const before = told.get(batchId);
				if (before?.level === level.level && before.reason === level.reason) continue;
				told.set(batchId, level);
				changed.push([batchId, level]);
			}
			return changed;
		},
	};
}
