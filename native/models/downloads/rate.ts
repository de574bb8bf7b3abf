/** How fast bytes come, over the last seconds. */

/** Counts what comes. */
export interface Rate {
	/** Counts bytes that came at a time. */
	add(bytes: number, atMs: number): void;
	/** Bytes a second; null: too early to say. */
	at(atMs: number): number | null;
}

/** Long enough to be steady, short enough to see a change. */
const WINDOW_MS = 5_000;
/** Bytes that come within so long are counted together. */
const MARK_MS = 250;
/** A figure over less than this would jump. */
const LEAST_MS = 500;

/** Makes a count that begins at a time. */
export function createRate(startMs: number): Rate {
	let marks: { atMs: number; bytes: number }[] = [{ atMs: startMs, bytes: 0 }];
	let oldest = startMs;
	return {
		add(bytes, atMs) {
			const last = marks.at(-1);
			if (last !== undefined && atMs - last.atMs < MARK_MS) last.bytes += bytes;
			else marks.push({ atMs, bytes });
		},
		at(atMs) {
			const kept = marks.filter((mark) => atMs - mark.atMs <= WINDOW_MS);
			if (kept.length < marks.length) oldest = Math.max(oldest, atMs - WINDOW_MS);
			marks = kept;
			const spanMs = atMs - oldest;
			if (spanMs < LEAST_MS) return null;
			return (marks.reduce((sum, mark) => sum + mark.bytes, 0) * 1_000) / spanMs;
		},
	};
}
