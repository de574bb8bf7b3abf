/** A verdict from what keeps work from running: which cause is the gravest, and how it is said. */
import { timeInWords } from "../base/base.ts";
import { type Cause, causeKindSchema, type Rung, type Verdict } from "../contract/contract.ts";
import type { SettleState } from "./settle-state.ts";
import { releaseMs, type Track, type Tracking } from "./tracks.ts";

/** How far each rung steps back. */
const gravity = { run: 0, freeze: 1, yield: 2, leave: 3 } as const satisfies Record<Rung, number>;

/** Whether inference is stopped on this rung. */
export function isStop(rung: Rung): boolean {
	return gravity[rung] > gravity.freeze;
}

/** The rung of the cause that steps back furthest. */
export function gravestRung(causes: readonly { readonly rung: Rung }[]): Rung {
	return causes.reduce<Rung>((gravest, { rung }) => (gravity[rung] > gravity[gravest] ? rung : gravest), "run");
}

/** The verdict for people and programs. The state is that after settling. */
export function describeVerdict(state: SettleState, tracking: Tracking, shareFraction: number): Verdict {
	const wallMs = (momentMs: number): number => Math.round(momentMs + state.wallOffsetMs);
	const inForce = state.tracks.filter(({ isInForce }) => isInForce).sort(gravestFirst);
	const telling: Telling = { tracking, wallMs };
	const causes = inForce.map((track) => describeCause(track, telling));
	return {
		rung: gravestRung(causes),
		reason: describeReason(inForce, telling),
		causes,
		sinceMs: wallMs(state.last?.rungSinceMs ?? tracking.monotonicMs),
		untilMs: latest(causes.map(({ untilMs }) => untilMs)),
		keepsLeases: state.keepsLeases,
		shareFraction,
	};
}

/** Gravest rung, then what is still there, then the order of the contract: the most telling first. */
function gravestFirst(one: Track, other: Track): number {
	const isGone = ({ seen }: Track): number => (seen === null ? 1 : 0);
	const place = ({ kind }: Track): number => causeKindSchema.options.indexOf(kind);
	return gravity[other.rung] - gravity[one.rung] || isGone(one) - isGone(other) || place(one) - place(other);
}

interface Telling {
	readonly tracking: Tracking;
	/** The wall time of a monotonic moment. */
	readonly wallMs: (momentMs: number) => number;
}

function describeCause(track: Track, telling: Telling): Cause {
	const { tracking, wallMs } = telling;
	const { kind, rung, seen } = track;
	const sinceMs = wallMs(track.sinceMs);
	if (seen === null) {
		const untilMs = wallMs(releaseMs(track, tracking));
		return { kind, rung, words: pastOf(track, tracking), sinceMs, isGone: true, untilMs };
	}
	return { kind, rung, words: track.words, sinceMs, isGone: false, untilMs: track.untilMs };
}

/**
 * The gravest of what is there; where all that stops work is gone, the one that holds it longest, and when work comes back. A
 * live request that would only freeze work is not told while something stops it.
 */
function describeReason(inForce: readonly Track[], telling: Telling): string {
	const { tracking, wallMs } = telling;
	const [first] = inForce;
	if (first === undefined) return "may run";
	const stopping = inForce.filter(({ rung }) => isStop(rung));
	const present = stopping.find(({ seen }) => seen !== null);
	if (present !== undefined) return isOwnersWord(present) ? present.words : `waiting: ${present.words}`;
	const [longest] = stopping.sort((one, other) => releaseMs(other, tracking) - releaseMs(one, tracking));
	if (longest === undefined) return `frozen: ${first.words}`;
	const isLong = longest.gone?.wait === "cool-down";
	const back = isLong
		? `at ${timeInWords(wallMs(releaseMs(longest, tracking)) / 1_000, tracking.nowMs)}`
		: "within a minute";
	return `waiting: ${pastOf(longest, tracking)}; work comes back ${back}`;
}

/** What the owner said needs no "waiting" before it. */
function isOwnersWord({ kind }: Track): boolean {
	return kind === "paused" || kind === "snoozed";
}

function pastOf({ pastWords, gone }: Track, { nowMs }: Tracking): string {
	return gone === null ? pastWords : `${pastWords} until ${timeInWords(gone.wallMs / 1_000, nowMs)}`;
}

/** The latest of them; null where one is not known, or there is none. */
function latest(momentsMs: readonly (number | null)[]): number | null {
	const known = momentsMs.filter((momentMs) => momentMs !== null);
	return known.length === 0 || known.length < momentsMs.length ? null : Math.max(...known);
}
