/** How many lanes of what size. Pure rules; the loader tries what they say. */
import type { LoadOptions } from "../engine.ts";

/** Lanes of one context and their size. */
export interface Shape {
	readonly lanes: number;
	/** Of each lane. */
	readonly contextTokens: number;
	/** Most tokens of one pass. */
	readonly batchTokens: number;
}

/** What the choice depends on. */
export interface ShapeFacts {
	readonly hasGpu: boolean;
	readonly trainedContextTokens: number;
}

/** Context a batch lane gets unless asked for more: chat and batch lines rarely need more, and lanes pay for all of it. */
const DEFAULT_CONTEXT_TOKENS = 4_096;
/** Context a live lane gets at most unless asked for more: editors send prompts of this size, and there are few live lanes. */
const DEFAULT_LIVE_CONTEXT_TOKENS = 16_384;
/** Live lanes take at most this share of the free memory by themselves: batch work has many more lanes. */
export const LIVE_MEMORY_SHARE = 0.25;
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

/** First choice for batch work: what was asked for, else the rule. Null: no lanes are wanted. */
export function chooseBatchShape(options: LoadOptions, facts: ShapeFacts): Shape | null {
	const lanes = options.lanes ?? (facts.hasGpu ? DEFAULT_GPU_LANES : DEFAULT_CPU_LANES);
	return shapeOf(lanes, options.contextTokens ?? DEFAULT_CONTEXT_TOKENS, facts);
}

/** Next choice for batch work when one does not fit: fewer lanes, then less context; null when there is nothing left to give. */
export function smallerBatchShape(shape: Shape, options: LoadOptions): Shape | null {
	if (options.beside) return null;
	if (options.lanes === null && shape.lanes > 4) return { ...shape, lanes: Math.ceil(shape.lanes / 8) * 4 };
	const smaller = options.contextTokens === null ? halved(shape) : null;
	if (smaller !== null) return smaller;
	if (options.lanes === null && shape.lanes > 1) return { ...shape, lanes: Math.floor(shape.lanes / 2) };
	return null;
}

/** First choice for live requests: what was asked for, else the rule. Null: no lanes are wanted. */
export function chooseLiveShape(options: LoadOptions, facts: ShapeFacts): Shape | null {
	return shapeOf(options.interactiveLanes, options.interactiveContextTokens ?? DEFAULT_LIVE_CONTEXT_TOKENS, facts);
}

/** Next choice for live requests when one takes too much: half the context; null when there is nothing left to give. */
export function smallerLiveShape(shape: Shape, options: LoadOptions): Shape | null {
	return options.interactiveContextTokens === null ? halved(shape) : null;
}

function shapeOf(lanes: number, contextTokens: number, facts: ShapeFacts): Shape | null {
	if (lanes <= 0) return null;
	return {
		lanes: Math.min(lanes, MOST_SEQUENCES),
		contextTokens: Math.min(contextTokens, facts.trainedContextTokens),
		batchTokens: facts.hasGpu ? GPU_BATCH_TOKENS : CPU_BATCH_TOKENS,
	};
}

function halved(shape: Shape): Shape | null {
	const half = Math.floor(shape.contextTokens / 2);
	return half < LEAST_CONTEXT_TOKENS ? null : { ...shape, contextTokens: half };
}
