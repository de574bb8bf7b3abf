/** How many lanes of what size. Pure rules; the loader tries what they say. */
import type { LoadOptions } from "../engine.ts";

/** Lanes and their size. */
export interface Shape {
	readonly batchLanes: number;
	readonly contextTokens: number;
	/** Most tokens of one step. */
	readonly batchTokens: number;
}

/** What the choice depends on. */
export interface ShapeFacts {
	readonly hasGpu: boolean;
	readonly trainedContextTokens: number;
}

/** Context a lane gets unless asked for more: chat and batch lines rarely need more, and lanes pay for all of it. */
const DEFAULT_CONTEXT_TOKENS = 4_096;
/** llama.cpp's kernels work on four rows at a time, so lanes come in multiples of four; 16 is where CPU speed levels off. */
const DEFAULT_CPU_LANES = 16;
/** A GPU has room for more rows in one pass before it is out of breath. */
const DEFAULT_GPU_LANES = 32;
/** Rows of one step: on a CPU more brings nothing but a longer step; a GPU fills up later. */
const CPU_BATCH_TOKENS = 512;
const GPU_BATCH_TOKENS = 2_048;
/** llama.cpp's own limit on sequences in one context (LLAMA_MAX_SEQ). */
const MOST_SEQUENCES = 256;
/** Below this a lane is of no use to chat. */
const LEAST_CONTEXT_TOKENS = 512;

/** First choice: what was asked for, else the rule. */
export function chooseShape(options: LoadOptions, facts: ShapeFacts): Shape {
	const wanted = options.contextTokens ?? DEFAULT_CONTEXT_TOKENS;
	const lanes = options.lanes ?? (facts.hasGpu ? DEFAULT_GPU_LANES : DEFAULT_CPU_LANES);
	return {
		batchLanes: Math.max(1, Math.min(lanes, MOST_SEQUENCES - options.interactiveLanes)),
		contextTokens: Math.min(wanted, facts.trainedContextTokens),
		batchTokens: facts.hasGpu ? GPU_BATCH_TOKENS : CPU_BATCH_TOKENS,
	};
}

/** Next choice when one does not fit: fewer lanes, then less context; null when there is nothing left to give. */
export function smallerShape(shape: Shape, options: LoadOptions): Shape | null {
	if (options.lanes === null && shape.batchLanes > 4)
		return { ...shape, batchLanes: Math.ceil(shape.batchLanes / 8) * 4 };
	const half = Math.floor(shape.contextTokens / 2);
	if (options.contextTokens === null && half >= LEAST_CONTEXT_TOKENS) return { ...shape, contextTokens: half };
	if (options.lanes === null && shape.batchLanes > 1) return { ...shape, batchLanes: Math.floor(shape.batchLanes / 2) };
	return null;
}
