import type { Clock } from "../../base/base.ts";
import type { BatchRecord } from "../../ledger/ledger.ts";

/** How fast batches come on, whoever works on them: told from how far the ledger says they are. */
export interface Paces {
	/** Looks how far all open batches are. */
	look(open: readonly BatchRecord[]): void;
	/** Null: nothing of it was done within the last minute. */
	of(batchId: string): Pace | null;
}

/** Speed of one batch over the last minute. */
export interface Pace {
	readonly linesPerSecond: number;
	/** Tokens that went through a model, read and not cached, or written. */
	readonly tokensPerSecond: number;
	/** How long it has come on like that. */
	readonly workedMs: number;
}

/** How far a batch was at a moment of the monotonic clock. */
interface Point {
	readonly atMs: number;
	readonly lines: number;
	readonly tokens: number;
}

/** Longer than a segment of results takes to come from another machine, and than a slow line. */
const WINDOW_MS = 60_000;

/** Within less than this results of other machines come all at once. */
const LEAST_SPAN_MS = 2_000;

/** Nothing looked at yet. */
export function createPaces(clock: Clock): Paces {
	let tracks = new Map<string, { readonly sinceMs: number; readonly points: readonly Point[] }>();

	return {
		look(open) {
			const atMs = clock.monotonicMs();
			const next: typeof tracks = new Map();
			for (const batch of open) {
				const known = tracks.get(batch.id);
				const point = pointOf(batch, atMs);
				const points = trim([...(known?.points ?? []), point], atMs);
				const isMoving = points.length > 1;
				next.set(batch.id, { sinceMs: isMoving ? (known?.sinceMs ?? atMs) : atMs, points });
			}
			tracks = next;
		},
		of(batchId) {
			const track = tracks.get(batchId);
			const [first] = track?.points ?? [];
			const last = track?.points.at(-1);
			if (track === undefined || first === undefined || last === undefined || last.lines === first.lines) return null;
			const nowMs = clock.monotonicMs();
			const seconds = Math.max(nowMs - first.atMs, LEAST_SPAN_MS) / 1_000;
			return {
				linesPerSecond: (last.lines - first.lines) / seconds,
				tokensPerSecond: Math.max(last.tokens - first.tokens, 0) / seconds,
				workedMs: nowMs - track.sinceMs,
			};
		},
	};
}

function pointOf({ completed, failed, adopted, usage }: BatchRecord, atMs: number): Point {
	const { inputTokens, cachedTokens, outputTokens } = usage;
	return { atMs, lines: completed + failed - adopted, tokens: inputTokens - cachedTokens + outputTokens };
}

/**
 * Only the last minute, from the moment before its first line: before that nobody worked on it. A retry puts lines back, which begins
 * anew.
 */
function trim(points: readonly Point[], nowMs: number): readonly Point[] {
	const back = points.findLastIndex(({ lines }, index) => lines < (points[index - 1]?.lines ?? 0));
	const recent = points.slice(Math.max(back, 0)).filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
	const moved = recent.findIndex(({ lines }) => lines > (recent[0]?.lines ?? 0));
	return moved < 0 ? recent.slice(-1) : recent.slice(moved - 1);
}
