/** Bounds of live requests, each with its reason. Tests pass smaller ones. */
export interface LiveLimits {
	/**
	 * Requests at once, running and waiting. An editor with a handful of agents has fewer than twenty; more is a loop that ran
	 * away, or work for a batch.
	 */
	readonly requests: number;
	/** Wait for a model to load: shorter than the minute after which many clients give up without a word. */
	readonly loadWaitMs: number;
	/** When to come again while too many wait: about one short answer. */
	readonly queueRetrySeconds: number;
	/** When to come again while a model loads: soon, since the next request waits as long again. */
	readonly loadRetrySeconds: number;
}

/** What the product runs with. */
export const liveLimits: LiveLimits = {
	requests: 64,
	loadWaitMs: 45_000,
	queueRetrySeconds: 2,
	loadRetrySeconds: 5,
};
