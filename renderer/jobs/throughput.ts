/** A job's work minute by minute as a chart and a table show it. Pure. */
import type { WorkMinuteObject, Yield } from "../../native/contract/contract.ts";

/** The chart's columns: one entry a minute without gaps, a minute of rest on either side. */
export interface Throughput {
	/** Starts of the minutes, Unix seconds. */
	readonly at: readonly number[];
	readonly answered: readonly number[];
	readonly failed: readonly number[];
}

/** A time that batch work stepped aside, within the chart. Unix seconds. */
export interface YieldBand {
	readonly from: number;
	readonly to: number;
}

/** A row of the table that stands for the chart. */
export interface ThroughputRow {
	/** Unix seconds. */
	readonly from: number;
	readonly answered: number;
	readonly failed: number;
}

const MINUTE_SECONDS = 60;
/** More rows than this nobody reads; they get longer instead. */
const MOST_ROWS = 48;
/** Lengths of a table's rows, minutes. */
const LONGEST_ROW_MINUTES = 720;
const ROW_MINUTES = [1, 5, 10, 30, 60, 180, LONGEST_ROW_MINUTES] as const;

/** Sums the machines' minutes and fills the rests between them with nothing done. */
export function composeThroughput(minutes: readonly WorkMinuteObject[]): Throughput {
	const answered = new Map<number, number>();
	const failed = new Map<number, number>();
	for (const minute of minutes) {
		answered.set(minute.at, (answered.get(minute.at) ?? 0) + minute.lines - minute.failed);
		failed.set(minute.at, (failed.get(minute.at) ?? 0) + minute.failed);
	}
	if (answered.size === 0) return { at: [], answered: [], failed: [] };
	let first = Number.POSITIVE_INFINITY;
	let last = 0;
	for (const at of answered.keys()) {
		first = Math.min(first, at);
		last = Math.max(last, at);
	}
	const count = Math.floor((last - first) / MINUTE_SECONDS) + 3;
	const at = Array.from({ length: count }, (_, index) => first + (index - 1) * MINUTE_SECONDS);
	return {
		at,
		answered: at.map((moment) => answered.get(moment) ?? 0),
		failed: at.map((moment) => failed.get(moment) ?? 0),
	};
}

/** The times of stepping aside that fall into the chart, cut to it; those that touch are one. */
export function bandsOf(yields: readonly Yield[], { at }: Pick<Throughput, "at">): readonly YieldBand[] {
	const start = at[0];
	const end = at.at(-1);
	if (start === undefined || end === undefined) return [];
	const bands: YieldBand[] = [];
	for (const one of within(yields, start, end)) {
		const from = Math.max(start, one.arrivedAtMs / 1_000);
		const to = Math.min(end, (one.arrivedAtMs + one.frozenMs) / 1_000);
		const before = bands.at(-1);
		if (before !== undefined && from <= before.to) {
			bands[bands.length - 1] = { from: before.from, to: Math.max(before.to, to) };
		} else bands.push({ from, to });
	}
	return bands;
}

/** The times of stepping aside during the chart's time, oldest first. */
export function yieldsDuring(yields: readonly Yield[], { at }: Pick<Throughput, "at">): readonly Yield[] {
	const start = at[0];
	const end = at.at(-1);
	return start === undefined || end === undefined ? [] : within(yields, start, end);
}

function within(yields: readonly Yield[], start: number, end: number): readonly Yield[] {
	return yields
		.filter((one) => one.arrivedAtMs <= end * 1_000 && one.arrivedAtMs + one.frozenMs >= start * 1_000)
		.toSorted((one, other) => one.arrivedAtMs - other.arrivedAtMs);
}

/** The same in few rows: as short ones as keep the table readable; those in which nothing was done are left out. */
export function tableOf({ at, answered, failed }: Throughput): readonly ThroughputRow[] {
	const minutes = ROW_MINUTES.find((length) => at.length / length <= MOST_ROWS) ?? LONGEST_ROW_MINUTES;
	const step = minutes * MINUTE_SECONDS;
	const rows = new Map<number, ThroughputRow>();
	for (const [index, moment] of at.entries()) {
		const from = moment - (moment % step);
		const before = rows.get(from) ?? { from, answered: 0, failed: 0 };
		rows.set(from, {
			from,
			answered: before.answered + (answered[index] ?? 0),
			failed: before.failed + (failed[index] ?? 0),
		});
	}
	return [...rows.values()].filter((row) => row.answered + row.failed > 0);
}
