/**
 * Turns requests into tokens. Owns the inference process: starts it, feeds it, notices its death, starts it again. Must never
 * know of batches, files, HTTP or other machines, and never import node-llama-cpp (only `process/`, which runs on the other
 * side of the fork, does).
 */
import type { Result } from "../base/base.ts";
import type { Delta, EngineRequest, EngineResult } from "./request.ts";

/** A model to load. */
export interface ModelSource {
	/** Absolute path of a GGUF file. */
	readonly path: string;
	/** Name shown to people and clients. */
	readonly name: string;
}

/** How to load; null means: find the best for this machine. */
export interface LoadOptions {
	/** Batch lanes; 0: none, the model is for live requests only. */
	readonly lanes: number | null;
	/** Tokens of context each batch lane holds. */
	readonly contextTokens: number | null;
	readonly gpuLayers: number | null;
	readonly threads: number | null;
	/** Lanes kept for live requests, in a context of their own; 0: none. */
	readonly interactiveLanes: number;
	/** Tokens of context each of those holds: editors send far longer prompts than batch lines are. */
	readonly interactiveContextTokens: number | null;
	/**
	 * True: another model is in memory and stays there. Loading then fails with `out-of-memory` rather than settle for less
	 * (fewer layers on the GPU, less than the memory that is really free).
	 */
	readonly beside: boolean;
}

/** What came of loading. */
export interface LoadedModel {
	readonly source: ModelSource;
	readonly architecture: string;
	readonly sizeBytes: number;
	readonly lanes: number;
	readonly contextTokens: number;
	readonly interactiveLanes: number;
	/** 0 where there are no interactive lanes. */
	readonly interactiveContextTokens: number;
	readonly trainedContextTokens: number;
	readonly gpu: "cuda" | "vulkan" | "metal" | "none";
	readonly gpuLayers: number;
	readonly totalLayers: number;
	readonly threads: number;
	readonly vocabularySize: number;
	/** Most tokens any chat template adds around messages, measured; for a cheap upper bound of a prompt's length. */
	readonly templateOverheadTokens: number;
	/** node-llama-cpp and llama.cpp release. */
	readonly engineVersion: string;
	/** What was chosen and why, in words, for people. */
	readonly notes: readonly string[];
}

/** Why a model could not be loaded. `message` names what, where and how to mend it. */
export interface LoadFailure {
	readonly kind: "not-found" | "not-a-model" | "unsupported" | "out-of-memory" | "process-died";
	readonly message: string;
}

/** Why a request gave no result. */
export type EngineFailure =
	/** The request can't be honoured: a 400 for this request, final. `param` is the field, in the engine's words. */
	| { readonly kind: "invalid-request"; readonly message: string; readonly param: string | null }
	| { readonly kind: "context-exceeded"; readonly promptTokens: number; readonly contextTokens: number }
	/** The inference process went while it held this request. `crashed`: by its own fault; `killed`: by a signal from outside. */
	| {
			readonly kind: "process-died";
			readonly cause: "crashed" | "killed";
			readonly started: boolean;
			readonly detail: string;
	  }
	| { readonly kind: "aborted" }
	| { readonly kind: "not-loaded"; readonly message: string };

/** What is known of a request when it enters a lane. */
export interface RunStart {
	readonly promptTokens: number;
	/** Of these, how many need not be computed. */
	readonly cachedTokens: number;
}

/** How a request is to be run. */
export interface RunOptions {
	/** Batch requests wait at the gate; interactive ones never do. */
	readonly priority: "batch" | "interactive";
	/** Ends the request at the next step and frees its lane. */
	readonly signal?: AbortSignal;
	/** Called when the request enters a lane, before its first step. */
	readonly onStart?: (start: RunStart) => void;
	/** Called with each new piece of text; only then are deltas sent across. */
	readonly onDelta?: (delta: Delta) => void;
}

/** Counters of the running process, for status pages and benchmarks. */
export interface EngineCounters {
	readonly steps: number;
	/** Tokens that went through the model, prompts and answers: what is not cached, and nothing twice. */
	readonly evaluatedTokens: number;
	readonly promptTokens: number;
	readonly cachedTokens: number;
	readonly completionTokens: number;
	readonly busyLanes: number;
	readonly waitingRequests: number;
	/** Of the busy lanes, those of batch work. */
	readonly batchLanes: number;
	/** Tokens these have computed and hold. */
	readonly batchLaneTokens: number;
}

/** What closing the gate came to. All zero where no batch work was under way. */
export interface FreezeReport {
	/** Batch steps that ended after the moment given: in flight then, or begun before the word reached the process. */
	readonly batchSteps: number;
	/** Tokens those steps evaluated. */
	readonly batchTokens: number;
	/** From that moment to the end of the last batch step; 0 when none ran. */
	readonly lastStepMs: number;
	/** Batch lanes that hold work, now frozen. */
	readonly frozenLanes: number;
	/** Tokens these lanes have computed and keep. */
	readonly frozenTokens: number;
}

/** What opening the gate came to. */
export interface ThawReport {
	/** Tokens frozen lanes had computed and hold no more, so that they are computed again. 0 unless the process was lost. */
	readonly recomputedTokens: number;
}

/** What the engine is doing. */
export type EngineState =
	| { readonly kind: "empty" }
	| { readonly kind: "loading"; readonly source: ModelSource; readonly progress: number }
	| { readonly kind: "ready"; readonly model: LoadedModel }
	| {
			readonly kind: "restarting";
			readonly source: ModelSource;
			readonly attempt: number;
			/** Where the last try failed for want of memory: what it said, and when it is tried again (monotonic). */
			readonly outOfMemory?: { readonly message: string; readonly nextTryMs: number };
	  }
	| { readonly kind: "failed"; readonly failure: LoadFailure };

/** One loaded model and the lanes that serve it. */
export interface Engine {
	readonly state: EngineState;
	/** Loads a model, replacing the one before. Loading what is loaded already, with the same options, answers at once. */
	load(source: ModelSource, options: LoadOptions): Promise<Result<LoadedModel, LoadFailure>>;
	/** Runs one request to its end. Any number may be waiting; the caller limits how many it hands over. */
	run(request: EngineRequest, options: RunOptions): Promise<Result<EngineResult, EngineFailure>>;
	/** Length of each request's prompt in tokens as it would be run, or why it can't be. */
	countPromptTokens(
		requests: readonly EngineRequest[],
	): Promise<Result<readonly Result<number, EngineFailure>[], EngineFailure>>;
	/**
	 * Freezes batch work after the step in flight; its state stays. Resolves when no batch step is running. The report counts
	 * from `sinceMs` (monotonic), when whoever needs the machine arrived. Closing a closed gate reports anew and changes nothing.
	 */
	closeGate(sinceMs: number): Promise<FreezeReport>;
	/** Lets batch lanes go on from the token where they stood. */
	openGate(): Promise<ThawReport>;
	/** Batch steps take at most this part of the time, above 0 to 1; holds over restarts. Live requests are not slowed. */
	setBatchShare(fraction: number): void;
	counters(): Promise<EngineCounters>;
	/** Batch requests that are in lanes, by what the process has said so far; told at once, also by one that hangs. */
	readonly batchInLanes: number;
	/** Process id of the inference process, while there is one: for subtraction of our own use, and for tests that kill it. */
	readonly processId: number | null;
	/** Kills the inference process; all memory it held is free when this resolves. Requests in it end as `aborted`. */
	stop(): Promise<void>;
}
