/**
 * Whether this host is to do for other machines' batches what only their makers do: checking a file, telling where its lines lie, ending
 * what nobody was told of. It does where the maker was not heard for long, whoever it is; what both did then is one and the same batch.
 */
import { actingEpoch, type CoreState, isHeard } from "../core/core.ts";
import type { Told } from "./view.ts";

/** Looks whose makers are away. */
export interface Absence {
	/** Logs of machines that are there, where this host does the others' part; null: it does not. Undefined: as it was. */
	look(state: CoreState, told: ReadonlyMap<string, Told>): readonly string[] | null | undefined;
}

/** Far longer than a restart or an update takes, and far shorter than a night. */
export const ABSENT_MS = 60_000;

/** Nothing seen yet. `origin`: name of this machine's own log. */
export function createAbsence(origin: string): Absence {
	/** Since when it is host without a break, by the core's clock; null: it is not. */
	let sinceMs: number | null = null;
	let said = "";

	function presentNow(state: CoreState, told: ReadonlyMap<string, Told>): readonly string[] | null {
		if (actingEpoch(state) === null || state.awakeSinceMs > (sinceMs ?? 0)) sinceMs = null;
		if (actingEpoch(state) !== null) sinceMs ??= state.nowMs;
		if (sinceMs === null || state.nowMs - sinceMs < ABSENT_MS) return null;
		const present = new Set([origin]);
		for (const device of state.peers.keys()) {
			if (!isHeard(state, device, ABSENT_MS)) continue;
			const log = told.get(device)?.origin ?? null;
			// One that is there and has not said which log is its own may have any.
			if (log === null) return null;
			present.add(log);
		}
		return [...present].sort();
	}

	return {
		look(state, told) {
			const present = presentNow(state, told);
			const text = JSON.stringify(present);
			if (text === said) return undefined;
			said = text;
			return present;
		},
	};
}
