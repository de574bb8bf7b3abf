/** Which night people mean by "last night". Pure. */
import { type Night, nightOf } from "../jobs/order/night.ts";

const NOON_HOUR = 12;

/** Batches that were worked on between two moments. */
export type WorkedOn = (fromMs: number, toMs: number) => ReadonlySet<string>;

/** The night to report on, by the rule of `Reports.lastNight`; ends now where it is not over. */
export function lastNightOf(nowMs: number, workedOn: WorkedOn): Night {
	const current = nightOf(nowMs);
	const untilNow = { fromMs: current.fromMs, toMs: nowMs };
	if (new Date(nowMs).getHours() < NOON_HOUR) return untilNow;
	const before = nightOf(current.fromMs - 1);
	const old = workedOn(before.fromMs, before.toMs);
	const hasOwnWork = [...workedOn(current.fromMs, nowMs)].some((batchId) => !old.has(batchId));
	return hasOwnWork ? untilNow : before;
}
