/** How far the work is, how fast, and when it is done: figures for people, pure. */
import type { BatchDetails } from "../../native/contract/contract.ts";
import type { ShellState } from "./state.ts";

/** How far the batches are that are worked on. */
export interface SummaryProgress {
	/** Lines that are finished, answered or failed, and lines in all. */
	readonly done: number;
	readonly total: number;
	/** 0 to 1; 0 of batches whose lines are not counted yet. */
	readonly fraction: number;
	/** Null: no lines run, or too few yet to tell. */
	readonly linesPerSecond: number | null;
	/** When all of them should be done, Unix milliseconds; null: it can't be told. */
	readonly readyByMs: number | null;
}

/** Fewer seconds tell a rate that jumps. */
const LEAST_RATE_MS = 2_000;

/** How it stands at this moment. */
interface Moment {
	/** Lines run here. */
	readonly isWorking: boolean;
	/** Other machines work on them. */
	readonly isElsewhere: boolean;
	readonly nowMs: number;
}

/** Figures of batches that run or could; `nowMs` in Unix milliseconds. */
export function progressOf(
	state: ShellState,
	running: readonly BatchDetails[],
	{ isWorking, isElsewhere, nowMs }: Moment,
): SummaryProgress {
	const done = sumOf(running, doneOf);
	const total = sumOf(running, totalOf);
	return {
		done,
		total,
		fraction: total === 0 ? 0 : done / total,
		linesPerSecond: isWorking || isElsewhere ? rateOf(state, running, nowMs) : null,
		readyByMs: readyBy(state, running, isElsewhere),
	};
}

/** Lines a second over what is remembered of all running batches; a batch that stands still is not told of. */
function rateOf({ progress }: ShellState, running: readonly BatchDetails[], nowMs: number): number | null {
	const tracks = running.map(({ id }) => progress.get(id) ?? []);
	const startMs = Math.min(...tracks.flatMap(([first]) => first?.atMs ?? []));
	const spanMs = nowMs - startMs;
	if (!Number.isFinite(spanMs) || spanMs < LEAST_RATE_MS) return null;
	const lines = tracks.reduce((sum, track) => sum + (track.at(-1)?.lines ?? 0) - (track[0]?.lines ?? 0), 0);
	return lines / (spanMs / 1_000);
}

/** One after the other, from when the first may begin; null where a batch's time, or the hour work comes back, can't be told. */
function readyBy({ machine }: ShellState, running: readonly BatchDetails[], isElsewhere: boolean): number | null {
	if (!isElsewhere && machine !== null && machine.verdict.rung !== "run" && machine.verdict.untilMs === null)
		return null;
	const spans = running.map(({ forecast }) =>
		forecast === null ? null : { endS: forecast.finish_at.expected, lengthS: forecast.seconds.expected },
	);
	const known = spans.filter((span) => span !== null);
	if (known.length < spans.length) return null;
	const startS = Math.min(...known.map(({ endS, lengthS }) => endS - lengthS));
	const inTurnS = startS + known.reduce((sum, { lengthS }) => sum + lengthS, 0);
	return Math.max(inTurnS, ...known.map(({ endS }) => endS)) * 1_000;
}

/** Lines that are finished, answered or failed. */
export function doneOf({ request_counts: { completed, failed } }: BatchDetails): number {
	return completed + failed;
}

/** Lines in all; 0 until they are counted. */
export function totalOf({ request_counts: { total } }: BatchDetails): number {
	return total;
}

/** A figure over several batches. */
export function sumOf(batches: readonly BatchDetails[], figure: (batch: BatchDetails) => number): number {
	return batches.reduce((sum, batch) => sum + figure(batch), 0);
}
