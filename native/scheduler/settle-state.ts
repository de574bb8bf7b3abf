import type { Verdict } from "../contract/contract.ts";
import type { Track } from "./tracks.ts";

/** What is remembered between two verdicts. Made by `initialState` and `settle` only. Moments are monotonic milliseconds. */
export interface SettleState {
	readonly tracks: readonly Track[];
	/** Null: nothing was settled yet. */
	readonly last: {
		readonly rung: Verdict["rung"];
		readonly rungSinceMs: number;
		readonly nowMs: number;
		readonly monotonicMs: number;
	} | null;
	/** What to add to a monotonic moment for its wall time. Held still while the clocks go together, so that times told do too. */
	readonly wallOffsetMs: number;
	/** Work ran, or might have, since the service started. */
	readonly hasRun: boolean;
	/** When work last came back; null: it never did. */
	readonly startedMs: number | null;
	/** Stopped work stays stopped until then: the computer slept, and what was true before may not be. */
	readonly notBeforeMs: number | null;
	/** Since when batch work does not run, frozen or stopped; null: it runs. */
	readonly awaySinceMs: number | null;
	/** Lines that were reserved are. Once given back they stay so until work runs again. */
	readonly keepsLeases: boolean;
}
