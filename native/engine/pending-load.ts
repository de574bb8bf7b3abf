/** A load that somebody waits for. Owns its promise. Must never load anything. */
import type { Result } from "../base/base.ts";
import type { LoadedModel, LoadFailure } from "./engine.ts";

type LoadOutcome = Result<LoadedModel, LoadFailure>;

/** At most one load under way. */
export interface PendingLoad {
	/** What will come of it; null while none is under way. */
	readonly outcome: Promise<LoadOutcome> | null;
	begin(): Promise<LoadOutcome>;
	/** Ends it; does nothing while none is under way. */
	settle(outcome: LoadOutcome): void;
}

/** No load under way. */
export function createPendingLoad(): PendingLoad {
	let outcome: Promise<LoadOutcome> | null = null;
	let resolveOutcome: ((outcome: LoadOutcome) => void) | null = null;
	return {
		get outcome() {
			return outcome;
		},
		begin() {
			outcome = new Promise((resolve) => {
				resolveOutcome = resolve;
			});
			return outcome;
		},
		settle(settled) {
			resolveOutcome?.(settled);
			resolveOutcome = null;
			outcome = null;
		},
	};
}
