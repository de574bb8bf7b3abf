/** Adds up all work since a moment, for those who watch how it grows. */
import type { Ledger } from "../ledger/ledger.ts";
import { sumMinutes, sumStints } from "./work-sums.ts";

/** Sums that only grow. */
export interface WorkTotal {
	/** Failed ones not among them. */
	readonly completed: number;
	readonly failed: number;
	readonly retries: number;
	readonly inputTokens: number;
	readonly outputTokens: number;
	readonly workedMs: number;
	readonly wattHours: number;
}

/** Tells the sums. */
export interface WorkTotals {
	/** From the beginning to a moment. Never less than at an earlier call, whatever was deleted meanwhile. */
	upTo(nowMs: number): WorkTotal;
}

/** What is read to add up. */
export type WorkSource = Pick<Ledger, "stints" | "workMinutes">;

/** Work may be written down later than it was done; what is older than this is not read again. */
const LATE_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;

/** Adds up from a moment on. Of a long time only the last two days are read at each call. */
export function createWorkTotals(ledger: WorkSource, sinceMs: number): WorkTotals {
	let settledUntilMs = Math.floor(sinceMs / MINUTE_MS) * MINUTE_MS;
	let settled: WorkTotal = nothing;
	let told: WorkTotal = nothing;
	return {
		upTo(nowMs) {
			if (nowMs - settledUntilMs > 2 * LATE_MS) {
				const untilMs = Math.floor((nowMs - LATE_MS) / MINUTE_MS) * MINUTE_MS;
				settled = combine(settled, sumWork(ledger, settledUntilMs, untilMs), add);
				settledUntilMs = untilMs;
			}
			const total = combine(settled, sumWork(ledger, settledUntilMs, nowMs), add);
			told = combine(told, total, Math.max);
			return told;
		},
	};
}

/** Adds up the work between two moments. */
export function sumWork(ledger: WorkSource, fromMs: number, toMs: number): WorkTotal {
	const { lines, failed, retries, inputTokens, outputTokens } = sumMinutes(
		ledger.workMinutes({ batchId: null, fromMs, toMs }),
	);
	const { workedMs, wattHours } = sumStints(ledger.stints({ fromMs, toMs }), { fromMs, toMs });
	return { completed: lines - failed, failed, retries, inputTokens, outputTokens, workedMs, wattHours };
}

const nothing: WorkTotal = {
	completed: 0,
	failed: 0,
	retries: 0,
	inputTokens: 0,
	outputTokens: 0,
	workedMs: 0,
	wattHours: 0,
};

const add = (one: number, other: number) => one + other;

function combine(one: WorkTotal, other: WorkTotal, by: (one: number, other: number) => number): WorkTotal {
	return {
		completed: by(one.completed, other.completed),
		failed: by(one.failed, other.failed),
		retries: by(one.retries, other.retries),
		inputTokens: by(one.inputTokens, other.inputTokens),
		outputTokens: by(one.outputTokens, other.outputTokens),
		workedMs: by(one.workedMs, other.workedMs),
		wattHours: by(one.wattHours, other.wattHours),
	};
}
