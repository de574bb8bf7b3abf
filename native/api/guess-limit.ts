/** Counts wrong secrets, so that guessing is slow and shows in the log. */
import type { Clock, Log } from "../base/base.ts";

/** The wrong guesses of the last while. */
export interface GuessLimit {
	/** Counts a wrong one. */
	count(): void;
	/** Seconds until guesses are looked at again; 0: they are. */
	readonly secondsLeft: number;
}

/** A program with a wrong key in its settings tries a few times; who tries more often is guessing. */
const MOST_GUESSES = 30;
const WINDOW_MS = 60_000;

/** Makes a limit for one kind of secret, named in the log. */
export function createGuessLimit(
	kind: string,
	{ clock, log }: { readonly clock: Clock; readonly log: Log },
): GuessLimit {
	let startedAtMs = Number.NEGATIVE_INFINITY;
	let guesses = 0;
	return {
		count() {
			const nowMs = clock.monotonicMs();
			if (nowMs - startedAtMs >= WINDOW_MS) {
				startedAtMs = nowMs;
				guesses = 0;
			}
			guesses += 1;
			if (guesses === MOST_GUESSES) log.warn({ kind, guesses }, `${guesses} requests with a wrong ${kind} in a minute`);
		},
		get secondsLeft() {
			const leftMs = startedAtMs + WINDOW_MS - clock.monotonicMs();
			return guesses < MOST_GUESSES || leftMs <= 0 ? 0 : Math.ceil(leftMs / 1000);
		},
	};
}
