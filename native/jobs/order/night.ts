import { durationInWords, formatCount } from "../../base/base.ts";
import type { Stint, WorkMinute } from "../../ledger/ledger.ts";

/** From one noon to the next in local time: what people mean by "last night" lies in the middle of it. */
export interface Night {
	readonly fromMs: number;
	readonly toMs: number;
}

/** What may be used up in a night, from the settings; null: no limit. */
export interface NightBudget {
	readonly nightTokens: number | null;
	readonly nightMinutes: number | null;
}

/** What was done, as the ledger tells it. The caller adds a stint under way. */
export interface NightWork {
	readonly minutes: readonly Pick<WorkMinute, "atMs" | "outputTokens">[];
	readonly stints: readonly Pick<Stint, "fromMs" | "toMs">[];
}

const NOON_HOUR = 12;

/** The night a moment lies in, by this machine's time zone. 23 or 25 hours long where the clocks change. */
export function nightOf(nowMs: number): Night {
	let from = noon(nowMs, 0);
	// More than one step only where a zone left out a whole day, and with it a noon.
	for (let daysBack = 1; from > nowMs; daysBack++) from = noon(nowMs, -daysBack);
	let to = noon(nowMs, 0);
	for (let daysOn = 1; to <= nowMs; daysOn++) to = noon(nowMs, daysOn);
	return { fromMs: from, toMs: to };
}

/** Why no more batch work is to be done this night, as a sentence; null: the budget is not used up, or there is none. */
export function nightSpent(night: Night, work: NightWork, budget: NightBudget): string | null {
	const tokens = work.minutes
		.filter(({ atMs }) => atMs >= night.fromMs && atMs < night.toMs)
		.reduce((sum, { outputTokens }) => sum + outputTokens, 0);
	if (budget.nightTokens !== null && tokens >= budget.nightTokens) {
		const limit = formatCount(budget.nightTokens);
		return `The night's budget of ${limit} output tokens is used up.`;
	}
	const workedMs = work.stints.reduce((sum, stint) => sum + overlapMs(night, stint), 0);
	if (budget.nightMinutes !== null && workedMs >= budget.nightMinutes * 60_000) {
		return `The night's budget of ${durationInWords(budget.nightMinutes * 60_000)} of batch work is used up.`;
	}
	return null;
}

function noon(nowMs: number, daysOn: number): number {
	const at = new Date(nowMs);
	at.setHours(NOON_HOUR, 0, 0, 0);
	if (daysOn !== 0) at.setDate(at.getDate() + daysOn);
	return at.getTime();
}

function overlapMs(night: Night, { fromMs, toMs }: Pick<Stint, "fromMs" | "toMs">): number {
	return Math.max(Math.min(toMs, night.toMs) - Math.max(fromMs, night.fromMs), 0);
}
