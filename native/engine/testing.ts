/** What the engine's tests share: the demo model, an engine that runs it, and short ways to write requests. */
import { fileURLToPath } from "node:url";
import { silentLog, systemClock } from "../base/base.ts";
import { createEngine } from "./create-engine.ts";
import type { Engine, LoadOptions } from "./engine.ts";
import type { Choice, EngineResult, GenerateRequest, GenerateResult, Sampling } from "./request.ts";

/** The small real model that comes with the repository. */
export const DEMO_MODEL_PATH = fileURLToPath(new URL("../../assets/demo-model/nightshift-demo.gguf", import.meta.url));

/** Small enough for any machine, with several lanes to run side by side. One thread: more would wait for each other. */
export const TEST_LOAD: LoadOptions = {
	lanes: 8,
	contextTokens: 512,
	gpuLayers: 0,
	threads: 1,
	interactiveLanes: 1,
	interactiveContextTokens: 512,
	beside: false,
};

/** Greedy, nothing else. */
export const GREEDY: Sampling = {
	temperature: 0,
	topP: 1,
	topK: 0,
	minP: 0,
	seed: null,
	presencePenalty: 0,
	frequencyPenalty: 0,
	repeatPenalty: 1,
	logitBias: [],
};

/** An engine on the processor with the demo model loaded; the caller stops it. */
export async function startDemoEngine(options: Partial<LoadOptions> = {}): Promise<Engine> {
	const engine = createEngine({ clock: systemClock, log: silentLog, native: { gpu: false } });
	const loaded = await engine.load({ path: DEMO_MODEL_PATH, name: "demo" }, { ...TEST_LOAD, ...options });
	if (!loaded.ok) throw new Error(loaded.error.message);
	return engine;
}

/** A chat with one user message. */
export function chat(content: string, more: Partial<GenerateRequest> = {}): GenerateRequest {
	return {
		kind: "generate",
		prompt: {
			kind: "chat",
			messages: [{ role: "user", content }],
			tools: [],
			toolChoice: { kind: "auto" },
			parallelToolCalls: true,
		},
		maxTokens: 32,
		sampling: GREEDY,
		stop: [],
		choices: 1,
		topLogprobs: null,
		format: { kind: "text" },
		echo: false,
		...more,
	};
}

/** A prompt that is continued as it is: the demo model goes on and on, where a chat would end. */
export function continueText(text: string, more: Partial<GenerateRequest> = {}): GenerateRequest {
	return chat("", { prompt: { kind: "text", text }, ...more });
}

/** Runs a batch request that is expected to succeed. */
export async function runGood(engine: Engine, request: GenerateRequest): Promise<GenerateResult> {
	const result = await engine.run(request, { priority: "batch" });
	if (!result.ok) throw new Error(JSON.stringify(result.error));
	return generated(result.value);
}

/** The text result, where that is what was asked for. */
export function generated(result: EngineResult): GenerateResult {
	if (result.kind !== "generate") throw new Error(`Not a text result: ${result.kind}`);
	return result;
}

/** The first answer. */
export function firstChoice(result: GenerateResult): Choice {
	const [choice] = result.choices;
	if (choice === undefined) throw new Error("No choice");
	return choice;
}

/**
 * Starts a run and resolves when it has begun to write. At a high temperature one in some hundred has nothing to say and is over at once;
 * then another begins.
 */
export async function beginToWrite<Result>(
	start: (onDelta: () => void) => Promise<Result>,
): Promise<{ readonly run: Promise<Result> }> {
	for (;;) {
		const begun = Promise.withResolvers<boolean>();
		const run = start(() => begun.resolve(true));
		void run.then(() => begun.resolve(false));
		if (await begun.promise) return { run };
	}
}
