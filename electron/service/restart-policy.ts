/**
 * Whether a service that ended is started again, and when. Pure: ends and moments in, a decision out.
 *
 * A crash costs nothing but time, so the service comes back by itself. What crashes again and again does not get better by that, and
 * somebody has to look.
 */
import type { ServiceFailureKind } from "../../native/contract/contract.ts";
import { serviceWords } from "../words/service.ts";

/** How a run of the service ended that nobody had asked to end. */
export type RunEnd =
	| {
			readonly kind: "crashed";
			/** How long it was up; null: it never got ready. */
			readonly upMs: number | null;
			/** How it ended, in words. */
			readonly detail: string;
	  }
	/** It said itself why it does not start. */
	| { readonly kind: "refused"; readonly failure: ServiceFailureKind; readonly message: string };

/** What earlier ends have left to be known. */
export interface RestartHistory {
	/** Moments of the ends of the last minute, monotonic milliseconds, oldest first. */
	readonly endsAtMs: readonly number[];
	/** Ends in a row, before which the service was never up for a while. */
	readonly inARow: number;
	/** Runs in a row that never got ready. */
	readonly neverReady: number;
}

/** What to do about an end. */
export type RestartDecision =
	/** `attempt` counts from 1. */
	| { readonly kind: "restart"; readonly attempt: number; readonly delayMs: number }
	| { readonly kind: "give-up"; readonly message: string };

/** Nothing ended yet, or somebody said to try anew. */
export const freshHistory: RestartHistory = { endsAtMs: [], inARow: 0, neverReady: 0 };

/** Short enough that nobody notices a single crash: the service itself needs about a second to start. */
const FIRST_DELAY_MS = 250;
/** A computer that is short of something, such as memory, is left alone for so long. */
const LONGEST_DELAY_MS = 30_000;
/** Up for so long it counts as well: the next end is a first one. */
const UP_FOR_A_WHILE_MS = 60_000;
/** Ends are counted within this time. */
const WINDOW_MS = 60_000;
/** That many ends within the window are put up with; the next one is a matter for people. */
const MOST_ENDS_IN_WINDOW = 3;
/** Runs in a row that never got ready, each of which may have taken longer than the window. */
const MOST_NEVER_READY = 4;

/** Decides what follows an end at a moment, monotonic milliseconds. */
export function afterEnd(
	history: RestartHistory,
	end: RunEnd,
	atMs: number,
): { readonly history: RestartHistory; readonly decision: RestartDecision } {
	if (end.kind === "refused" && isForPeople(end.failure)) {
		return { history: freshHistory, decision: { kind: "give-up", message: end.message } };
	}
	const detail = end.kind === "refused" ? end.message : end.detail;
	const upMs = end.kind === "refused" ? null : end.upMs;
	const wasWell = upMs !== null && upMs >= UP_FOR_A_WHILE_MS;
	const next: RestartHistory = {
		endsAtMs: [...history.endsAtMs.filter((endMs) => atMs - endMs < WINDOW_MS), atMs],
		inARow: wasWell ? 1 : history.inARow + 1,
		neverReady: upMs === null ? history.neverReady + 1 : 0,
	};
	return { history: next, decision: decide(next, detail) };
}

function decide({ endsAtMs, inARow, neverReady }: RestartHistory, detail: string): RestartDecision {
	if (endsAtMs.length > MOST_ENDS_IN_WINDOW) {
		return { kind: "give-up", message: serviceWords.tooManyCrashes(endsAtMs.length, detail) };
	}
	if (neverReady >= MOST_NEVER_READY) {
		return { kind: "give-up", message: serviceWords.neverStarts(neverReady, detail) };
	}
	const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (inARow - 1), LONGEST_DELAY_MS);
	return { kind: "restart", attempt: inARow, delayMs };
}

/** Starting again is of no use until somebody has done something. */
function isForPeople(failure: ServiceFailureKind): boolean {
	switch (failure) {
		case "data-folder-in-use":
		case "data-folder-unusable":
			return true;
		case "transient":
			return false;
		default:
			return failure satisfies never;
	}
}
