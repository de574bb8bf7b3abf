/**
 * Turns findings over time into a verdict that does not flap. Pure: all it remembers is in the state it is given and answers.
 *
 * Durations are monotonic. Wall time is told to people and never measured with, so that clock changes neither stretch nor shorten
 * a cool-down.
 */
import type { CauseKind, SettingsValues, Verdict } from "../contract/contract.ts";
import type { Finding } from "./rules/rules.ts";
import type { SettleState } from "./settle-state.ts";
import { releaseMs, type Tracking, trackAll } from "./tracks.ts";
import { describeVerdict, gravestRung, isStop } from "./verdicts.ts";

export type { SettleState } from "./settle-state.ts";

/** Before anything was settled. Settle first when this computer was looked at: what nobody has seen keeps nothing from running. */
export const initialState: SettleState = {
	tracks: [],
	last: null,
	wallOffsetMs: 0,
	hasRun: false,
	startedMs: null,
	notBeforeMs: null,
	awaySinceMs: null,
	keepsLeases: false,
};

/** What there is to settle. */
export interface SettleInput {
	readonly findings: readonly Finding[];
	/** Wall time, for what people read. */
	readonly nowMs: number;
	/** For all durations. */
	readonly monotonicMs: number;
	readonly limits: Pick<SettingsValues["limits"], "coolDownMinutes" | "gameCoolDownMinutes">;
	/** The owner just said resume: no cool-down is waited for. */
	readonly isWordGiven: boolean;
	/** Part of the GPU's time that batch work takes at most; handed through. */
	readonly share: number;
}

/** What came of it. */
export interface Settled {
	readonly state: SettleState;
	readonly verdict: Verdict;
	/** When to settle again without any news, monotonic; null: only on news. */
	readonly againAtMs: number | null;
}

/** Lines that were reserved stay so for as long after work was frozen or stopped; then other machines may have them. */
export const KEEP_LEASES_MS = 10 * 60_000;

/** After sleep stopped work stays stopped for so long: two looks of the slow pace, and time to log in. */
const AFTER_SLEEP_MS = 30_000;
/** The wall clock moved so much against the other: the computer slept, or somebody set it. */
const CLOCKS_APART_MS = 30_000;
/** Nobody settled for so long, while looks are never further apart than 15 s. */
const LONGEST_GAP_MS = 60_000;
/** So far the clocks may drift apart before the times told are taken anew. */
const DRIFT_MS = 1_000;

/** The verdict by what is found now and what was before. */
export function settle(state: SettleState, input: SettleInput): Settled {
	const monotonicMs = Math.max(input.monotonicMs, state.last?.monotonicMs ?? input.monotonicMs);
	const hasSlept = sleptSince(state, input.nowMs, monotonicMs);
	const isStopped = state.last === null || isStop(state.last.rung);
	const tracking: Tracking = {
		nowMs: input.nowMs,
		monotonicMs,
		limits: input.limits,
		isWordGiven: input.isWordGiven,
		isStopped,
		hasRun: state.hasRun,
		startedMs: state.startedMs,
		notBeforeMs: hasSlept && isStopped ? monotonicMs + AFTER_SLEEP_MS : state.notBeforeMs,
	};
	const tracks = trackAll(state.tracks, input.findings, tracking);
	const rung = gravestRung(tracks.filter(({ isInForce }) => isInForce));
	const isRungNew = rung !== state.last?.rung;
	const awaySinceMs = rung === "run" ? null : (state.awaySinceMs ?? monotonicMs);
	const next: SettleState = {
		tracks,
		last: {
			rung,
			rungSinceMs: isRungNew ? monotonicMs : (state.last?.rungSinceMs ?? monotonicMs),
			nowMs: input.nowMs,
			monotonicMs,
		},
		wallOffsetMs: nextOffset(state, input.nowMs - monotonicMs),
		hasRun: state.hasRun || !isStop(rung),
		startedMs: isStopped && !isStop(rung) ? monotonicMs : state.startedMs,
		notBeforeMs: isStop(rung) ? tracking.notBeforeMs : null,
		awaySinceMs,
		keepsLeases: mayKeepLeases(state, rung, awaySinceMs, monotonicMs),
	};
	const verdict = describeVerdict(next, tracking, input.share);
	return { state: next, verdict, againAtMs: nextMoment(next, tracking, input) };
}

/** Causes that are there now and counted: `judge` lets go of them only below a lower threshold. */
export function heldCauses(state: SettleState): ReadonlySet<CauseKind> {
	return new Set(state.tracks.filter(({ seen }) => seen?.isSustained === true).map(({ kind }) => kind));
}

function sleptSince({ last }: SettleState, nowMs: number, monotonicMs: number): boolean {
	if (last === null) return false;
	const passedMs = monotonicMs - last.monotonicMs;
	return passedMs > LONGEST_GAP_MS || Math.abs(nowMs - last.nowMs - passedMs) > CLOCKS_APART_MS;
}

function mayKeepLeases(
	state: SettleState,
	rung: Verdict["rung"],
	awaySinceMs: number | null,
	monotonicMs: number,
): boolean {
	if (awaySinceMs === null) return true;
	const isSoon = rung !== "leave" && monotonicMs - awaySinceMs < KEEP_LEASES_MS;
	return isSoon && (state.keepsLeases || state.awaySinceMs === null);
}

function nextOffset(state: SettleState, offsetMs: number): number {
	return state.last !== null && Math.abs(offsetMs - state.wallOffsetMs) <= DRIFT_MS ? state.wallOffsetMs : offsetMs;
}

/** The next moment at which the same findings come to another verdict, or findings end by the clock. */
function nextMoment(state: SettleState, tracking: Tracking, { findings, nowMs }: SettleInput): number | null {
	const { monotonicMs } = tracking;
	const moments = [
		...state.tracks.filter(({ seen }) => seen === null).map((track) => releaseMs(track, tracking)),
		...findings.flatMap(({ untilMs }) => (untilMs === null ? [] : [monotonicMs + untilMs - nowMs])),
	];
	if (state.keepsLeases && state.awaySinceMs !== null) moments.push(state.awaySinceMs + KEEP_LEASES_MS);
	const ahead = moments.filter((momentMs) => momentMs > monotonicMs);
	return ahead.length === 0 ? null : Math.min(...ahead);
}
