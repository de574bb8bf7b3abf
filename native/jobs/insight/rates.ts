import type { Clock } from "../../base/base.ts";

/** Speed of a running batch over the last half minute, so that it follows a freeze or a change of prompts. */
export interface Rates {
	count(lines: number, tokens: number): void;
	linesPerSecond(): number;
	tokensPerSecond(): number;
	/** Starts anew, for the next batch. */
	reset(): void;
}

/** Long enough to be steady with slow lines, short enough to show a stall. */
const WINDOW_MS = 30_000;
/** One bucket a second keeps the memory fixed whatever the speed. */
const BUCKET_MS = 1_000;

/** Builds rates over a clock; time counts from the first `count`. */
export function createRates(clock: Clock): Rates {
	let buckets: { startMs: number; lines: number; tokens: number }[] = [];

	function recent(): typeof buckets {
		const oldestMs = clock.monotonicMs() - WINDOW_MS;
		buckets = buckets.filter((bucket) => bucket.startMs > oldestMs);
		return buckets;
	}

	function perSecond(pick: (bucket: { lines: number; tokens: number }) => number): number {
		const counted = recent();
		const first = counted[0];
		if (!first) return 0;
		const spanMs = Math.max(clock.monotonicMs() - first.startMs, BUCKET_MS);
		return (counted.reduce((sum, bucket) => sum + pick(bucket), 0) / spanMs) * 1_000;
	}

	return {
		count(lines, tokens) {
			const nowMs = clock.monotonicMs();
			const last = buckets.at(-1);
			if (last && nowMs - last.startMs < BUCKET_MS) {
				last.lines += lines;
				last.tokens += tokens;
			} else {
				recent().push({ startMs: nowMs, lines, tokens });
			}
		},
		linesPerSecond: () => perSecond((bucket) => bucket.lines),
		tokensPerSecond: () => perSecond((bucket) => bucket.tokens),
		reset() {
			buckets = [];
		},
	};
}
