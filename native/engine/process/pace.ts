/** How fast this model reads on this machine, and from that how much one step may read. Owns the figures. Pure but for its memory. */

/** What bounds the pace. */
export interface PaceLimits {
	/** Most tokens one pass takes. */
	readonly batchTokens: number;
	/** Rows the kernels take at a time; steps are whole multiples of it. */
	readonly rowAlignment: number;
}

/** A running measurement. Times are monotonic. */
export interface Pace {
	/** What one token of a prompt costs in milliseconds; null until a step has told. */
	readonly msPerToken: number | null;
	/** Most prompt tokens of a step that begins now. */
	stepTokens(nowMs: number): number;
	/** Notes a step that read a prompt. */
	noteReading(tokens: number, durationMs: number): void;
	/** Notes a step in which answers grew by one token each. */
	noteWriting(durationMs: number): void;
	/** Notes that somebody needed the machine: for a while steps are kept short. */
	noteVisit(nowMs: number): void;
}

/** How long a step may take: that is how long a live request may have to wait for the machine. */
export const STEP_TARGET_MS = 50;
/**
 * A step reads at least this much while nobody is there: each pass reads all weights once, and on a slow processor that
 * alone costs as much as a handful of tokens. At 128 it is about 4 % of the step (0.5 B model, two cores).
 */
const LEAST_STEP_TOKENS = 128;
/** The same while somebody may come back: fewer rows than this cost as much as these. */
const LEAST_WATCHFUL_TOKENS = 8;
/** Who asked something is likely to ask again within this time, and unlikely after it: longer than it takes to read an answer. */
export const WATCHFUL_MS = 10 * 60_000;
/** Steps with fewer tokens than this are paced by reading the weights and say little of the cost of a token in a long one. */
const TELLING_STEP_TOKENS = 32;
/** Weight of the newest figure in the running one. */
const SMOOTHING = 0.3;

/** Starts without knowing anything: steps are as short as they get until one has told. */
export function createPace({ batchTokens, rowAlignment }: PaceLimits): Pace {
	let msPerToken: number | null = null;
	let writingMs = 0;
	let visitedAtMs = Number.NEGATIVE_INFINITY;
	let lastStepTokens = batchTokens;
	return {
		get msPerToken() {
			return msPerToken;
		},
		stepTokens(nowMs) {
			const least = nowMs - visitedAtMs < WATCHFUL_MS ? LEAST_WATCHFUL_TOKENS : LEAST_STEP_TOKENS;
			// A step that writes can't be cut: one that reads and takes no longer makes nobody wait more.
			const targetMs = Math.max(STEP_TARGET_MS, writingMs);
			const affordable = msPerToken === null ? 0 : Math.floor(targetMs / msPerToken);
			const aligned = Math.max(least, affordable - (affordable % rowAlignment));
			lastStepTokens = Math.min(batchTokens, aligned);
			return lastStepTokens;
		},
		noteReading(tokens, durationMs) {
			// Where steps are short, what counts is the cost of a token in a short one.
			if (tokens < Math.min(TELLING_STEP_TOKENS, lastStepTokens / 2)) return;
			msPerToken = smooth(msPerToken, durationMs / tokens);
		},
		noteWriting(durationMs) {
			writingMs = smooth(writingMs === 0 ? null : writingMs, durationMs);
		},
		noteVisit(nowMs) {
			visitedAtMs = nowMs;
		},
	};
}

function smooth(running: number | null, newest: number): number {
	return running === null ? newest : running + SMOOTHING * (newest - running);
}
