/** What tests of live requests share: an engine whose runs a test scripts, behind which there is no process. */
import { ok, type Result } from "../base/base.ts";
import type { Engine, EngineFailure, EngineState, LoadedModel, LoadFailure, RunOptions } from "../engine/engine.ts";
import type { EngineRequest, EngineResult, GenerateResult } from "../engine/request.ts";

/** What the engine does with a request. */
export type RunScript = (request: EngineRequest, options: RunOptions) => Promise<Result<EngineResult, EngineFailure>>;

/** A model that is loaded. */
export const sampleLoaded: LoadedModel = {
	source: { name: "demo", path: "/models/demo.gguf" },
	architecture: "llama",
	sizeBytes: 1_000_000,
	lanes: 4,
	contextTokens: 512,
	interactiveLanes: 1,
	interactiveContextTokens: 512,
	trainedContextTokens: 2_048,
	gpu: "none",
	gpuLayers: 0,
	totalLayers: 4,
	threads: 1,
	vocabularySize: 1_000,
	templateOverheadTokens: 10,
	engineVersion: "test",
	notes: [],
};

/** An answer. */
export function sampleAnswer(text: string): GenerateResult {
	return {
		kind: "generate",
		choices: [{ text, reasoning: null, toolCalls: [], finishReason: "stop", stopText: null, logprobs: null }],
		promptTokens: 5,
		cachedTokens: 0,
		completionTokens: 3,
		reasoningTokens: 0,
		timings: { queuedMs: 0, prefillMs: 0, decodeMs: 0 },
	};
}

/** An engine that runs requests as `run` says and loads as `load` does; by default both succeed at once. */
export function createScriptedEngine(
	run: RunScript,
	load: () => Promise<Result<LoadedModel, LoadFailure>> = async () => ok(sampleLoaded),
): Engine {
	let state: EngineState = { kind: "empty" };
	const freeze = { batchSteps: 0, batchTokens: 0, lastStepMs: 0, frozenLanes: 0, frozenTokens: 0 };
	return {
		get state() {
			return state;
		},
		async load(source) {
			state = { kind: "loading", source, progress: 0 };
			const loaded = await load();
			state = loaded.ok ? { kind: "ready", model: loaded.value } : { kind: "failed", failure: loaded.error };
			return loaded.ok ? ok({ ...loaded.value, source }) : loaded;
		},
		run,
		countPromptTokens: async (requests) => ok(requests.map(() => ok(7))),
		closeGate: async () => freeze,
		openGate: async () => ({ recomputedTokens: 0 }),
		setBatchShare() {},
		batchInLanes: 0,
		async counters() {
			throw new Error("Nothing counts here");
		},
		processId: null,
		async stop() {
			state = { kind: "empty" };
		},
	};
}

/** Resolves when a signal aborts: how a run hears that it is to end. */
export function aborted(signal: AbortSignal | undefined): Promise<Result<EngineResult, EngineFailure>> {
	return new Promise((resolve) => {
		const end = () => resolve({ ok: false, error: { kind: "aborted" } });
		if (signal?.aborted) end();
		else signal?.addEventListener("abort", end, { once: true });
	});
}
