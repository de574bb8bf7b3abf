/** Adds up what the ledger tells of work. Pure. */
import type { Night } from "../jobs/order/night.ts";
import type { Stint, WorkMinute } from "../ledger/ledger.ts";

/** Lines and tokens of some minutes of work. */
export type LineSums = Omit<WorkMinute, "batchId" | "machine" | "atMs">;

/** Time and energy of some stints. */
export interface StintSums {
	/** Over all machines. */
	readonly workedMs: number;
	readonly wattHours: number;
	/** All of it was measured, was estimated, or some of each; `none`: there was no work. */
	readonly energySource: "measured" | "estimated" | "mixed" | "none";
}

/** Adds up minutes. */
export function sumMinutes(minutes: readonly WorkMinute[]): LineSums {
	const sums = { lines: 0, failed: 0, retries: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0 };
	for (const minute of minutes) {
		sums.lines += minute.lines;
		sums.failed += minute.failed;
		sums.retries += minute.retries;
		sums.inputTokens += minute.inputTokens;
		sums.cachedTokens += minute.cachedTokens;
		sums.outputTokens += minute.outputTokens;
	}
	return sums;
}

/** Adds up stints as far as they lie in a time; energy goes by time. */
export function sumStints(stints: readonly Stint[], { fromMs, toMs }: Night): StintSums {
	let workedMs = 0;
	let wattHours = 0;
	const sources = new Set<"measured" | "estimated">();
	for (const stint of stints) {
		const insideMs = Math.min(stint.toMs, toMs) - Math.max(stint.fromMs, fromMs);
		if (insideMs <= 0) continue;
		workedMs += insideMs;
		wattHours += stint.wattHours * (insideMs / (stint.toMs - stint.fromMs));
		sources.add(stint.isMeasured ? "measured" : "estimated");
	}
	const [source = "none"] = sources;
	return { workedMs, wattHours, energySource: sources.size > 1 ? "mixed" : source };
}
