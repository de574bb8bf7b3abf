/**
 * The rests of batch work between its steps, so that it takes no more of the machine than it may. Owns how long they are and
 * their end. Must never hold up live work, nor know what a step does.
 */
import type { Clock } from "../../base/base.ts";

/** Rests, one after another. */
export interface Rest {
	/** Part of the time that steps may take, above 0 to 1; a rest under way is counted anew. */
	setShare(fraction: number): void;
	/** A step of this length has just ended. */
	begin(stepMs: number): void;
	/** Waits for the end of the rest; at once where there is none or `signal` is aborted. */
	over(signal?: AbortSignal): Promise<void>;
	/** Ends it early: what comes now is a longer rest than any. */
	end(): void;
}

/**
 * A rest is never longer: a step after a long one would look like a standstill to whoever watches the progress. Steps of more
 * than a fraction of this take more than their share then, which only processors too slow for the model see.
 */
export const LONGEST_REST_MS = 2_000;

/** How long to rest after a step so that it took `fraction` of both. Pure. */
export function restMs(stepMs: number, fraction: number): number {
	return Math.min(LONGEST_REST_MS, stepMs * (1 / fraction - 1));
}

/** No rests: steps may take all of the time. */
export function createRest(clock: Clock): Rest {
	let fraction = 1;
	let lastStep = { endedAtMs: Number.NEGATIVE_INFINITY, durationMs: 0 };
	const sleepers = new Set<() => void>();

	const wakeAll = (): void => {
		for (const wake of sleepers) wake();
	};
	const leftMs = (): number => {
		const { endedAtMs, durationMs } = lastStep;
		return endedAtMs + restMs(durationMs, fraction) - clock.monotonicMs();
	};
	const sleep = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
		new Promise((resolve) => {
			const wake = (): void => {
				clearTimeout(timer);
				sleepers.delete(wake);
				signal?.removeEventListener("abort", wake);
				resolve();
			};
			const timer = setTimeout(wake, Math.ceil(ms));
			sleepers.add(wake);
			signal?.addEventListener("abort", wake, { once: true });
		});

	return {
		setShare(share) {
			fraction = share;
			wakeAll();
		},
		begin(stepMs) {
			lastStep = { endedAtMs: clock.monotonicMs(), durationMs: stepMs };
		},
		async over(signal) {
			for (let ms = leftMs(); ms > 0 && !signal?.aborted; ms = leftMs()) await sleep(ms, signal);
		},
		end() {
			lastStep = { endedAtMs: Number.NEGATIVE_INFINITY, durationMs: 0 };
			wakeAll();
		},
	};
}
