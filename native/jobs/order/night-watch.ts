import type { Clock } from "../../base/base.ts";
import type { Ledger, Stint } from "../../ledger/ledger.ts";
import { type NightBudget, nightOf, nightSpent } from "./night.ts";

/** Whether work is to rest until the next noon. */
export interface NightWatch {
	/** Why no more batch work is to be done this night, and when it goes on, in words; null: it may go on. */
	spent(): string | null;
}

/** What `createNightWatch` needs. */
export interface NightWatchDeps {
	readonly ledger: Pick<Ledger, "workMinutes" | "stints">;
	readonly clock: Clock;
	readonly nightBudget: () => NightBudget;
	/** Work that is not in the ledger yet. */
	readonly unrecorded: () => readonly Pick<Stint, "fromMs" | "toMs">[];
}

/** Figures of a whole night are added up no more often than this: a few seconds of work more are no harm. */
const ADD_UP_MS = 10_000;

/** Builds the watch over a budget that may change at any time. */
export function createNightWatch({ ledger, clock, nightBudget, unrecorded }: NightWatchDeps): NightWatch {
	let known: { readonly atMs: number; readonly budget: NightBudget; readonly reason: string | null } | null = null;

	function reasonNow(budget: NightBudget): string | null {
		const night = nightOf(clock.nowMs());
		const minutes = budget.nightTokens === null ? [] : ledger.workMinutes({ batchId: null, ...night });
		const stints = budget.nightMinutes === null ? [] : [...ledger.stints(night), ...unrecorded()];
		const reason = nightSpent(night, { minutes, stints }, budget);
		return reason === null ? null : `${reason} Work goes on at noon.`;
	}

	return {
		spent() {
			const budget = nightBudget();
			if (budget.nightTokens === null && budget.nightMinutes === null) return null;
			const atMs = clock.monotonicMs();
			const isSame =
				known?.budget.nightTokens === budget.nightTokens && known.budget.nightMinutes === budget.nightMinutes;
			if (known === null || !isSame || atMs - known.atMs >= ADD_UP_MS) {
				known = { atMs, budget, reason: reasonNow(budget) };
			}
			return known.reason;
		},
	};
}
