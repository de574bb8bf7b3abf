import type { DurationHistogram } from "./records.ts";

/** Ten bounds a decade, each a quarter above the one before, so that a quantile read off them is at most as much too high. */
const MANTISSAS = [10, 12.5, 16, 20, 25, 32, 40, 50, 63, 80] as const;

/** From 10 ms to 10,000 s. */
const DECADES = [1, 10, 100, 1_000, 10_000, 100_000] as const;

/**
 * Upper bounds of the buckets in which durations of lines are counted, in milliseconds, ascending; the last is infinite.
 * Operations name buckets by their place here: never change them.
 */
export const DURATION_BOUNDS_MS: readonly number[] = [
	...DECADES.flatMap((decade) => MANTISSAS.map((mantissa) => mantissa * decade)),
	Number.POSITIVE_INFINITY,
];

/** Buckets in the key space of one batch; more than there are bounds. */
const BUCKETS_PER_BATCH = 64;

/** Key of the row that counts a bucket of a batch. */
export function durationKey(batch: number, bucket: number): number {
	return batch * BUCKETS_PER_BATCH + bucket;
}

/** Place of the first bound that is not below a duration. */
export function durationBucket(durationMs: number): number {
	let low = 0;
	let high = DURATION_BOUNDS_MS.length - 1;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((DURATION_BOUNDS_MS[middle] ?? 0) >= durationMs) high = middle;
		else low = middle + 1;
	}
	return low;
}

/** A histogram of the counts in some buckets. */
export function histogramOf(rows: readonly { readonly bucket: number; readonly count: number }[]): DurationHistogram {
	const counts = DURATION_BOUNDS_MS.map(() => 0);
	for (const { bucket, count } of rows) if (bucket < counts.length) counts[bucket] = count;
	return { boundsMs: DURATION_BOUNDS_MS, counts };
}
