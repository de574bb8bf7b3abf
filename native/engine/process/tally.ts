/** What the process has done since it started, counted. Owns the figures. Pure but for its memory. */
import type { EngineCounters } from "../engine.ts";
import type { GenerateResult } from "../request.ts";
import { NO_COUNTERS } from "./protocol.ts";

/** Running figures. */
export interface Tally {
	/** What was counted so far; lanes and queue, which are not counted but looked at, stay 0. */
	readonly counters: EngineCounters;
	addStep(tokens: number): void;
	addResult(result: GenerateResult): void;
}

/** Nothing done yet. */
export function createTally(): Tally {
	let counters = NO_COUNTERS;
	return {
		get counters() {
			return counters;
		},
		addStep(tokens) {
			counters = {
				...counters,
				steps: counters.steps + 1,
				evaluatedTokens: counters.evaluatedTokens + tokens,
			};
		},
		addResult(result) {
			counters = {
				...counters,
				promptTokens: counters.promptTokens + result.promptTokens,
				cachedTokens: counters.cachedTokens + result.cachedTokens,
				completionTokens: counters.completionTokens + result.completionTokens,
			};
		},
	};
}
