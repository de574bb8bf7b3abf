/** How fast this model reads on this machine, and from that how much one step may read. Owns the figures. Pure but for its memory. */

/** A running measurement. */
export interface Pace {
	/** What one token of a prompt costs in milliseconds; null until a step has told. */
	readonly msPerToken: number | null;
	/** Most prompt tokens of the next step. */
	readonly stepTokens: number;
	/** Notes a step. */
	note(tokens: number, durationMs: number): void;
}

/** How long a step may take: that is how long a live request may have to wait for the machine. */
export const STEP_TARGET_MS = 50;
/**
 * A step reads at least this much, however slow the machine: each pass reads all weights once, and on a slow processor that
 * alone costs as much as a handful of tokens. At 128 it is about 4 % of the step (0.5 B model, two cores).
 */
const LEAST_STEP_TOKENS = 128;
/** Steps with fewer tokens than this are paced by reading the weights and say little of the cost of a token. */
const TELLING_STEP_TOKENS = 32;
/** Weight of the newest figure in the running one. */
const SMOOTHING = 0.3;

/** Starts without knowing anything: steps are as short as they get until one has told. */
export function createPace(batchTokens: number): Pace {
	let msPerToken: number | null = null;
	return {
		get msPerToken() {
			return msPerToken;
		},
		get stepTokens() {
			const affordable = msPerToken === null ? 0 : Math.floor(STEP_TARGET_MS / msPerToken);
			return Math.min(batchTokens, Math.max(LEAST_STEP_TOKENS, affordable));
		},
		note(tokens, durationMs) {
			if (tokens < TELLING_STEP_TOKENS) return;
			const cost = durationMs / tokens;
			msPerToken = msPerToken === null ? cost : msPerToken + SMOOTHING * (cost - msPerToken);
		},
	};
}
