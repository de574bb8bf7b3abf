/** What batch work did lately, for whoever asks what it did after a moment that is past already. Pure but for its memory. */
import type { FreezeReport } from "../engine.ts";

/** One batch step that is over. */
export interface BatchStep {
	/** Monotonic milliseconds. */
	readonly endedAtMs: number;
	/** Tokens it evaluated. */
	readonly tokens: number;
}

/** The part of a freeze report that is about steps. */
export type StepsSince = Pick<FreezeReport, "batchSteps" | "batchTokens" | "lastStepMs">;

/** A short memory of batch steps. */
export interface RecentSteps {
	add(step: BatchStep): void;
	/** Sums up the steps that ended after the moment. */
	since(sinceMs: number): StepsSince;
}

/**
 * Steps remembered. The word to stop comes milliseconds after the moment it counts from, and a step takes a millisecond with
 * the smallest of models: this covers a service that was held up for a second.
 */
export const REMEMBERED_STEPS = 1_024;

/** An empty memory. */
export function createRecentSteps(): RecentSteps {
	let steps: BatchStep[] = [];
	return {
		add(step) {
			steps.push(step);
			// Cut at twice the length, so that it is not copied at every step.
			if (steps.length >= 2 * REMEMBERED_STEPS) steps = steps.slice(-REMEMBERED_STEPS);
		},
		since(sinceMs) {
			const after = steps.filter((step) => step.endedAtMs > sinceMs);
			return {
				batchSteps: after.length,
				batchTokens: after.reduce((sum, step) => sum + step.tokens, 0),
				lastStepMs: Math.max(0, (after.at(-1)?.endedAtMs ?? sinceMs) - sinceMs),
			};
		},
	};
}
