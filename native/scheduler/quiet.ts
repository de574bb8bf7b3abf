/** How long batch work waits after the owner's last request, so that it doesn't start and stop between two of them. */

/** Bounds of the quiet time, as the user set them. */
export interface QuietLimits {
	/** Quiet time after a single request. */
	readonly quietMs: number;
	/** Quiet time that no burst of requests goes beyond. */
	readonly longestQuietMs: number;
}

/**
 * A pause up to this many quiet times long belongs to a burst: batch work would have gone on for less time than it had just
 * waited, which is not worth a freeze.
 */
const BURST_PAUSE = 2;
/** A pause longer than this many quiet times ends a burst for good. Between the two a rhythm keeps what it has. */
const CALM_PAUSE = 8;

/**
 * The quiet time after a request, from the one before it and the pause between the two in milliseconds; null: there was none
 * before. Doubles within a burst, begins anew after a calm stretch, and never leaves the limits.
 */
export function nextQuietMs(previousMs: number, pauseMs: number | null, limits: QuietLimits): number {
	const longestMs = Math.max(limits.quietMs, limits.longestQuietMs);
	const heldMs = Math.min(Math.max(previousMs, limits.quietMs), longestMs);
	if (pauseMs === null || pauseMs > heldMs * CALM_PAUSE) return limits.quietMs;
	return pauseMs > heldMs * BURST_PAUSE ? heldMs : Math.min(heldMs * 2, longestMs);
}

/** How much quiet is left, from when the owner's requests worked. All moments are monotonic milliseconds. */
export interface QuietTime {
	/** A request that arrived at that moment begins to work. */
	beginWork(arrivedMs: number): void;
	/** It is over. */
	endWork(atMs: number): void;
	/** What is left to wait once nobody works; 0 or less: nothing. */
	leftMs(atMs: number): number;
}

/** Keeps the quiet time. `limits` are asked anew for each burst: the user may change them. */
export function createQuietTime(limits: () => QuietLimits): QuietTime {
	let working = 0;
	let quietMs = 0;
	let lastEndMs: number | null = null;
	return {
		beginWork(arrivedMs) {
			working++;
			if (working > 1) return;
			const pauseMs = lastEndMs === null ? null : arrivedMs - lastEndMs;
			// Who arrived while another worked, and works only now, goes on with that one's work: no pause to judge by.
			if (pauseMs === null || pauseMs >= 0) quietMs = nextQuietMs(quietMs, pauseMs, limits());
		},
		endWork(atMs) {
			working--;
			lastEndMs = atMs;
		},
		leftMs: (atMs) => (lastEndMs === null ? 0 : lastEndMs + quietMs - atMs),
	};
}
