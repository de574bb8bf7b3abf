/** Arithmetic of the engine bench: rates, medians, ratios, and the speed that raw llama.cpp would allow. Pure. */

/** What one side did with one set of lines. */
export interface SideRun {
	readonly lineCount: number;
	readonly seconds: number;
	/** Processor time of the side's process; null where the system does not tell. */
	readonly processorSeconds: number | null;
	readonly promptTokens: number;
	/** Prompt tokens not computed again, as the side reports it. */
	readonly cachedTokens: number;
	readonly completionTokens: number;
	/** Lines that did not give exactly `maxTokens` tokens, or failed. */
	readonly oddLines: number;
	/** What the first line that failed said; null: none failed. */
	readonly firstFailure: string | null;
}

/** Smallest, middle and largest of several figures. */
export interface Spread {
	readonly min: number;
	readonly median: number;
	readonly max: number;
}

/** One row of llama-batched-bench: `sequences` lines at once, times in seconds. */
export interface RawRun {
	readonly sequences: number;
	readonly promptTokens: number;
	readonly generatedTokens: number;
	readonly promptSeconds: number;
	readonly generateSeconds: number;
}

/** Lines a second. */
export function linesPerSecond(run: Pick<SideRun, "lineCount" | "seconds">): number {
	return run.lineCount / run.seconds;
}

/** Spread of at least one figure. */
export function spread(figures: readonly number[]): Spread {
	const sorted = [...figures].sort((a, b) => a - b);
	const middle = (sorted.length - 1) / 2;
	const low = sorted[Math.floor(middle)] ?? Number.NaN;
	const high = sorted[Math.ceil(middle)] ?? Number.NaN;
	return { min: sorted[0] ?? Number.NaN, median: (low + high) / 2, max: sorted.at(-1) ?? Number.NaN };
}

/**
 * Lines a second if nothing but the model's forward passes took time: one prefill of a line's own prompt tokens, then a step
 * for every token but the first, whose logits the prefill gives.
 */
export function rawLinesPerSecond(run: RawRun): number {
	const steps = (run.generatedTokens - 1) / run.generatedTokens;
	return run.sequences / (run.promptSeconds + run.generateSeconds * steps);
}

/** Ratio of two medians with two decimals; null where the second is missing. */
export function ratio(ours: Spread, theirs: Spread | null): number | null {
	return theirs === null ? null : Math.round((ours.median / theirs.median) * 100) / 100;
}
