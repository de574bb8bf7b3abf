/** When something that failed is tried again. */
import type { Clock } from "../../base/base.ts";

const FIRST_PAUSE_MS = 1_000;
/** A network that is repaired is back within a minute. */
const LONGEST_PAUSE_MS = 60_000;
/** What has worked so long works: the next failure is a first one. */
const SETTLED_MS = 10_000;

/** Doubling pauses between attempts: from a second to a minute. */
export interface Backoff {
	/** An attempt begins now. */
	begin(): void;
	/** The attempt came to nothing, now. */
	fail(): void;
	/** Tells whether the next attempt may begin. */
	isDue(): boolean;
	/** Tells whether the attempt that runs has gone well for a while. */
	hasSettled(): boolean;
}

/** Due at once. */
export function createBackoff(clock: Clock): Backoff {
	let begunAtMs = Number.POSITIVE_INFINITY;
	let dueAtMs = Number.NEGATIVE_INFINITY;
	let pauseMs = FIRST_PAUSE_MS;
	const hasSettled = () => clock.monotonicMs() - begunAtMs >= SETTLED_MS;
	return {
		begin() {
			begunAtMs = clock.monotonicMs();
		},
		fail() {
			if (hasSettled()) pauseMs = FIRST_PAUSE_MS;
			dueAtMs = clock.monotonicMs() + pauseMs;
			pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
			begunAtMs = Number.POSITIVE_INFINITY;
		},
		isDue: () => clock.monotonicMs() >= dueAtMs,
		hasSettled,
	};
}
