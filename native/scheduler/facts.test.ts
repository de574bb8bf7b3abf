import { expect, test } from "vitest";
import type { MachineSnapshot } from "../contract/contract.ts";
import { settingsSchema } from "../contract/contract.ts";
import type { LoadedModel } from "../engine/engine.ts";
import type { ResidentModel } from "../engine/residency.ts";
import { sampleSnapshot } from "../machine/testing.ts";
import { createFactsGatherer } from "./facts.ts";
import { gpuWith, residentModel } from "./sample-parts.ts";
import type { StepAside } from "./scheduler.ts";

function loaded(gpu: LoadedModel["gpu"]): LoadedModel {
	return {
		source: { path: "/models/tiny.gguf", name: "tiny" },
		architecture: "llama",
		sizeBytes: 1,
		lanes: 16,
		contextTokens: 1_024,
		interactiveLanes: 0,
		interactiveContextTokens: 0,
		trainedContextTokens: 1_024,
		gpu,
		gpuLayers: gpu === "none" ? 0 : 9,
		totalLayers: 9,
		threads: 2,
		vocabularySize: 100,
		templateOverheadTokens: 10,
		engineVersion: "test",
		notes: [],
	};
}

const ready = (gpu: LoadedModel["gpu"], processId: number): ResidentModel =>
	residentModel({ processId, state: { kind: "ready", model: loaded(gpu) } });

/** A gatherer and what it gathers from. */
function createScene() {
	const sources: { snapshot: MachineSnapshot; models: ResidentModel[]; present: StepAside["present"] } = {
		snapshot: sampleSnapshot(),
		models: [],
		present: null,
	};
	const facts = createFactsGatherer({
		machine: sources,
		residency: sources,
		stepAside: sources,
		settings: { current: settingsSchema.parse({}) },
		rest: { current: { isPaused: false, snoozedUntilMs: null } },
		usesGpu: true,
		clock: { nowMs: () => 1_000, monotonicMs: () => 0 },
	});
	return { sources, gather: () => facts.gather(new Set()) };
}

test("work is on the processor until a model was on a GPU, and again while one is not", () => {
	const { sources, gather } = createScene();
	expect(gather().isOnProcessor).toBe(true);
	sources.models = [ready("cuda", 1)];
	expect(gather().isOnProcessor).toBe(false);
	sources.models = [];
	expect(gather().isOnProcessor).toBe(false);
	sources.models = [ready("none", 2)];
	expect(gather().isOnProcessor).toBe(true);
	sources.models = [{ ...ready("none", 2), batchUsers: 0 }];
	expect(gather().isOnProcessor).toBe(false);
});

test("what others use when a model comes up is remembered while it is there", () => {
	const { sources, gather } = createScene();
	const others = (bytes: number) => {
		sources.snapshot = sampleSnapshot({ gpus: [gpuWith(0, bytes)] });
		return [...gather().othersAtLoadBytes.values()];
	};
	expect(others(1e9)).toEqual([]);
	sources.models = [residentModel({ processId: 1 })];
	expect(others(2e9)).toEqual([]);
	sources.models = [ready("cuda", 1)];
	expect(others(3e9)).toEqual([3e9]);
	expect(others(9e9)).toEqual([3e9]);
	sources.models = [ready("cuda", 2)];
	expect(others(4e9)).toEqual([4e9]);
	sources.models = [];
	expect(others(4e9)).toEqual([]);
});

test("the owner who is served is told of by what is answered and for whom", () => {
	const { sources, gather } = createScene();
	expect(gather().live).toBeNull();
	sources.present = {
		cause: { kind: "request", endpoint: "/v1/messages", client: null },
		sinceMs: 7,
		handBackMs: null,
	};
	expect(gather().live).toEqual({ words: "answering /v1/messages", sinceMs: 7 });
	sources.present = { cause: { kind: "request", endpoint: "/v1/messages", client: "Zed" }, sinceMs: 7, handBackMs: 4 };
	expect(gather().live?.words).toBe("answering /v1/messages for Zed");
});
