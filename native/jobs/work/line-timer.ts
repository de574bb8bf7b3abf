import type { Clock } from "../../base/base.ts";

/** Measures one line from its start in a lane, and ends it when its time is up. */
export interface LineTimer {
	/** Aborts when the time is up, or when all work is to stop. */
	readonly signal: AbortSignal;
	/** The line entered a lane. False: it did before, with another of its requests. */
	begin(): boolean;
	/** The line ended. Answers how long it ran without the time it was frozen, in whole milliseconds (0: it never began). */
	end(): { readonly ranMs: number; readonly isTimeUp: boolean };
}

/** What `createLineTimer` needs. */
export interface LineTimerDeps {
	/** Null: no limit. */
	readonly limitSeconds: number | null;
	/** Ends the line whatever its time. */
	readonly stop: AbortSignal;
	readonly clock: Clock;
	/** Time so far that nobody is charged for. */
	readonly frozenMs: () => number;
}

/** A line that is frozen just before its end would else be looked at without a pause. */
const LEAST_LOOK_MS = 50;
/** Node takes longer ones for none at all. */
const LONGEST_LOOK_MS = 2 ** 31 - 1;

/** A timer that has not begun. */
export function createLineTimer({ limitSeconds, stop, clock, frozenMs }: LineTimerDeps): LineTimer {
	const ended = new AbortController();
	const onStop = () => ended.abort();
	let began: { readonly atMs: number; readonly frozenMs: number } | null = null;
	let isTimeUp = false;
	let timer: NodeJS.Timeout | undefined;

	function ranMs(): number {
		if (began === null) return 0;
		return Math.max(clock.monotonicMs() - began.atMs - (frozenMs() - began.frozenMs), 0);
	}

	/** Looks again where the line was frozen in between. */
	function look(limitMs: number): void {
		const leftMs = limitMs - ranMs();
		if (leftMs <= 0) {
			isTimeUp = true;
			ended.abort();
			return;
		}
		timer = setTimeout(() => look(limitMs), Math.min(Math.max(leftMs, LEAST_LOOK_MS), LONGEST_LOOK_MS));
	}

	// Not AbortSignal.any: the signal outlives millions of lines and would remember each for a while.
	if (stop.aborted) onStop();
	else stop.addEventListener("abort", onStop);
	return {
		signal: ended.signal,
		begin() {
			if (began !== null) return false;
			began = { atMs: clock.monotonicMs(), frozenMs: frozenMs() };
			if (limitSeconds !== null) look(limitSeconds * 1_000);
			return true;
		},
		end() {
			clearTimeout(timer);
			stop.removeEventListener("abort", onStop);
			return { ranMs: Math.round(ranMs()), isTimeUp: isTimeUp && !stop.aborted };
		},
	};
}
