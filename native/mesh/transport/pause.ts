/** A pause that can be cut short. */
import type { Clock } from "../../base/base.ts";

/** A pause that goes on. */
export interface Pause {
	readonly over: Promise<void>;
	/** Ends it after so long, if it would last longer. */
	shorten(restMs: number): void;
}

/** Begins one. */
export function beginPause(clock: Clock, lengthMs: number): Pause {
	const { promise: over, resolve } = Promise.withResolvers<void>();
	let dueMs = clock.monotonicMs() + lengthMs;
	let timer = setTimeout(resolve, lengthMs);
	return {
		over,
		shorten(restMs) {
			const nowMs = clock.monotonicMs();
			if (nowMs + restMs >= dueMs) return;
			dueMs = nowMs + restMs;
			clearTimeout(timer);
			timer = setTimeout(resolve, restMs);
		},
	};
}
