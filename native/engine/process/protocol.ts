/**
 * Everything said between the service and the inference process, both ways, as plain data that survives structured
 * cloning. Owns no behaviour; both sides import it, so it must never import node-llama-cpp.
 */
import type { Result } from "../../base/base.ts";
import type {
	EngineCounters,
	EngineFailure,
	FreezeReport,
	LoadedModel,
	LoadFailure,
	LoadOptions,
	ModelSource,
	RunOptions,
	RunStart,
	ThawReport,
} from "../engine.ts";
import type { Delta, EngineRequest, EngineResult } from "../request.ts";

/** How the native library is brought up; separate from LoadOptions because it is the machine's matter, not the model's. */
export interface NativeOptions {
	/** "auto" takes the best backend there is; false stays on the CPU. */
	readonly gpu: "auto" | "cuda" | "vulkan" | "metal" | false;
	/** Packages outside the program that bring a backend; by default none. */
	readonly packs?: PackUse;
}

/** A package of node-llama-cpp that lies outside the program. */
export interface PackModule {
	/** As node-llama-cpp imports it, e.g. `@node-llama-cpp/linux-x64-cuda`. */
	readonly name: string;
	/** The package's own folder, with its package.json. */
	readonly folder: string;
}

/** What is to be used of GPU packs. */
export interface PackUse {
	readonly modules: readonly PackModule[];
	/** Why a pack that is here is not used, for people; null: it is, or there is none. */
	readonly note: string | null;
}

/** What is said of a pack that is here and can't be used. */
export function packNote(reason: string): string {
	return `The CUDA pack is here, but CUDA can't be used. ${reason}`;
}

/** What the service says. Ids are the service's own and never reused within one process. */
export type ToProcess =
	| {
			readonly kind: "load";
			readonly source: ModelSource;
			readonly options: LoadOptions;
			readonly native: NativeOptions;
	  }
	| {
			readonly kind: "run";
			readonly id: number;
			readonly request: EngineRequest;
			readonly priority: RunOptions["priority"];
			/** Whether pieces of text are wanted while the answer grows. */
			readonly deltas: boolean;
	  }
	| { readonly kind: "abort"; readonly id: number }
	| { readonly kind: "count"; readonly id: number; readonly requests: readonly EngineRequest[] }
	| { readonly kind: "close-gate"; readonly id: number; readonly sinceMs: number }
	| { readonly kind: "open-gate"; readonly id: number }
	| { readonly kind: "batch-share"; readonly fraction: number }
	| { readonly kind: "counters"; readonly id: number };

/** What the inference process says. */
export type FromProcess =
	| { readonly kind: "progress"; readonly fraction: number }
	| { readonly kind: "loaded"; readonly model: LoadedModel }
	| { readonly kind: "load-failed"; readonly failure: LoadFailure }
	| { readonly kind: "started"; readonly id: number; readonly start: RunStart }
	| { readonly kind: "delta"; readonly id: number; readonly delta: Delta }
	| { readonly kind: "finished"; readonly id: number; readonly result: Result<EngineResult, EngineFailure> }
	| {
			readonly kind: "counted";
			readonly id: number;
			readonly counts: readonly Result<number, EngineFailure>[];
	  }
	| { readonly kind: "gate-closed"; readonly id: number; readonly report: FreezeReport }
	| { readonly kind: "gate-opened"; readonly id: number; readonly report: ThawReport }
	| { readonly kind: "counters"; readonly id: number; readonly counters: EngineCounters }
	| { readonly kind: "log"; readonly level: "info" | "warn" | "error"; readonly message: string };

/** What the counters are where no model is loaded. */
export const NO_COUNTERS: EngineCounters = {
	steps: 0,
	evaluatedTokens: 0,
	promptTokens: 0,
	cachedTokens: 0,
	completionTokens: 0,
	busyLanes: 0,
	waitingRequests: 0,
	batchLanes: 0,
	batchLaneTokens: 0,
};

/** What closing the gate came to where nothing was under way. */
export const NOTHING_FROZEN: FreezeReport = {
	batchSteps: 0,
	batchTokens: 0,
	lastStepMs: 0,
	frozenLanes: 0,
	frozenTokens: 0,
};

/** What opening the gate came to where nothing was lost. */
export const NOTHING_LOST: ThawReport = { recomputedTokens: 0 };

/** Tells a message of the other side from noise; both sides ship together, so a known envelope is proof enough. */
export function isFromProcess(value: unknown): value is FromProcess {
	return hasKind(value);
}

/** Like isFromProcess, for the inference process. */
export function isToProcess(value: unknown): value is ToProcess {
	return hasKind(value);
}

function hasKind(value: unknown): boolean {
	return typeof value === "object" && value !== null && "kind" in value && typeof value.kind === "string";
}
