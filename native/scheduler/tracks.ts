/** What is remembered of each thing that keeps batch work from running: since when it is there, and how long it still counts. */
import { assertNever } from "../base/base.ts";
import type { CauseKind, SettingsValues } from "../contract/contract.ts";
import type { Finding } from "./rules/rules.ts";

/**
 * What is waited for after a cause is gone: its cool-down; only a moment, because it had stopped no work; or nothing, because it
 * did not last long enough to count.
 */
export type Wait = "cool-down" | "moment" | "nothing";

/** One of them. Moments are monotonic milliseconds. */
export interface Track {
	readonly kind: CauseKind;
	readonly rung: Finding["rung"];
	/** As last seen. */
	readonly words: string;
	readonly pastWords: string;
	/** When it ends by what is known, Unix milliseconds; null: nobody knows. */
	readonly untilMs: number | null;
	/** Since when it keeps work from running, or would. */
	readonly sinceMs: number;
	/** Null: it is gone. `isSustained`: long enough to stop running work. */
	readonly seen: { readonly sinceMs: number; readonly isSustained: boolean } | null;
	/** When it was last gone, by the wall clock of then too, and what is waited for since; null: it never was. */
	readonly gone: { readonly atMs: number; readonly wallMs: number; readonly wait: Wait } | null;
	/** It keeps work from running. */
	readonly isInForce: boolean;
}

/** What tracks are kept by. */
export interface Tracking {
	/** Wall time. */
	readonly nowMs: number;
	readonly monotonicMs: number;
	readonly limits: Pick<SettingsValues["limits"], "coolDownMinutes" | "gameCoolDownMinutes">;
	/** The owner just said resume. */
	readonly isWordGiven: boolean;
	/** Work does not run, so there is nothing to stop and only a start to hold back. */
	readonly isStopped: boolean;
	readonly hasRun: boolean;
	readonly startedMs: number | null;
	readonly notBeforeMs: number | null;
}

/** What lies outside other programs, or stopped nothing yet, must be gone for so long. */
export const LEAVE_SETTLE_MS = 30_000;

const MINUTE_MS = 60_000;

/** All that is seen now, and all that is gone and still waited for. */
export function trackAll(tracks: readonly Track[], findings: readonly Finding[], tracking: Tracking): readonly Track[] {
	const seen = findings.map((finding) =>
		see(tracks.find(({ kind }) => kind === finding.kind) ?? null, finding, tracking),
	);
	const found = new Set(findings.map(({ kind }) => kind));
	const gone = tracks
		.filter(({ kind }) => !found.has(kind))
		.map((track) => miss(track, tracking))
		.filter((track) => track.isInForce && !tracking.isWordGiven && releaseMs(track, tracking) > tracking.monotonicMs);
	const all = [...seen, ...gone];
	// While nothing stops work, what is not yet sustained only waits to be. What is seen never lets work come back.
	const isStopped = tracking.isStopped || all.some(({ isInForce, rung }) => isInForce && rung !== "freeze");
	return isStopped ? all.map((track) => ({ ...track, isInForce: true })) : all;
}

/** Before this moment work does not come back for a cause that is gone. */
export function releaseMs({ kind, gone }: Track, { limits, startedMs, notBeforeMs }: Tracking): number {
	if (kind === "live-request") return Number.NEGATIVE_INFINITY;
	const coolMs = gone === null ? Number.NEGATIVE_INFINITY : gone.atMs + waitMs(kind, gone.wait, limits);
	const startMs = startedMs === null ? Number.NEGATIVE_INFINITY : startedMs + LEAVE_SETTLE_MS;
	return Math.max(coolMs, startMs, notBeforeMs ?? Number.NEGATIVE_INFINITY);
}

function see(track: Track | null, finding: Finding, { monotonicMs, isWordGiven }: Tracking): Track {
	const { kind, rung, words, pastWords, untilMs } = finding;
	const seenSinceMs = track?.seen?.sinceMs ?? monotonicMs;
	const isSustained = track?.seen?.isSustained === true || monotonicMs - seenSinceMs >= finding.sustainMs;
	return {
		kind,
		rung,
		words,
		pastWords,
		untilMs,
		sinceMs: track?.sinceMs ?? monotonicMs,
		seen: { sinceMs: seenSinceMs, isSustained },
		gone: isWordGiven ? null : (track?.gone ?? null),
		isInForce: track?.isInForce === true || isSustained,
	};
}

/** It is not seen now: from here on it cools down, if it ever counted. */
function miss(track: Track, { nowMs, monotonicMs, hasRun }: Tracking): Track {
	if (track.seen === null) return track;
	// What did not last counts for nothing, also not against the cool-down of an earlier time.
	const gone = track.seen.isSustained
		? { atMs: monotonicMs, wallMs: nowMs, wait: waitAfter(track.kind, hasRun) }
		: (track.gone ?? { atMs: monotonicMs, wallMs: nowMs, wait: "nothing" as const });
	return { ...track, seen: null, gone };
}

function waitMs(kind: CauseKind, wait: Wait, limits: Tracking["limits"]): number {
	switch (wait) {
		case "cool-down":
			return (kind === "game" ? limits.gameCoolDownMinutes : limits.coolDownMinutes) * MINUTE_MS;
		case "moment":
			return LEAVE_SETTLE_MS;
		case "nothing":
			return 0;
		default:
			return assertNever(wait);
	}
}

function waitAfter(kind: CauseKind, hasRun: boolean): Wait {
	switch (kind) {
		case "live-request":
		case "paused":
		case "snoozed":
			return "nothing";
		case "game":
			return "cool-down";
		case "full-screen":
		case "presentation":
		case "program":
		case "gpu-memory":
		case "gpu-busy":
		case "cpu-busy":
		case "memory":
		// What our own work heats is cool again soon after it stops: without a cool-down it would go back and forth all night.
		case "hot":
			return hasRun ? "cool-down" : "moment";
		case "battery":
		case "outside-hours":
		case "user-present":
			return "moment";
		default:
			return assertNever(kind);
	}
}
