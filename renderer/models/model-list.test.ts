import { describe, expect, it } from "vitest";
import type { MachineModel } from "../../native/contract/contract.ts";
import { factsOf, fitTone, hasOnlyDemo, orderModels, patchFor, roleChoices, speedOf } from "./model-list.ts";

const model: MachineModel = {
	name: "qwen3-8b-q4_k_m",
	path: "/models/qwen3-8b-q4_k_m.gguf",
	place: "nightshift",
	size_bytes: 5_030_000_000,
	architecture: "qwen3",
	parameters: "8.2B",
	quantization: "Q4_K_M",
	trained_context_tokens: 131_072,
	is_embedding: false,
	problem: null,
	fit: { kind: "gpu", words: "needs about 6.9 GB; 12.9 GB of GPU memory" },
	measured_tokens_per_second: null,
	roles: [],
	can_delete: true,
};

describe("orderModels", () => {
	it("puts those that can't be read last and keeps the service's order otherwise", () => {
		const listed = orderModels([
			{ ...model, name: "broken", problem: "It is cut off." },
			{ ...model, name: "z" },
			{ ...model, name: "a" },
		]);
		expect(listed.map(({ name }) => name)).toEqual(["z", "a", "broken"]);
	});
});

describe("factsOf", () => {
	it("tells size, parameters, quantization and context as models are sold", () => {
		expect(factsOf(model)).toEqual(["5.0 GB", "8.2B", "Q4_K_M", "128k context"]);
	});

	it("leaves out what the header does not tell", () => {
		expect(factsOf({ ...model, parameters: null, quantization: null, trained_context_tokens: null })).toEqual([
			"5.0 GB",
		]);
	});

	it("tells a small context to the token", () => {
		expect(factsOf({ ...model, trained_context_tokens: 512 })).toContain("512 context");
	});
});

describe("speedOf", () => {
	it("tells the measured speed, or that there is none yet", () => {
		expect(speedOf({ measured_tokens_per_second: 41.34 })).toBe("41.3 tokens/s");
		expect(speedOf(model)).toBe("Speed not measured yet");
	});
});

describe("fitTone", () => {
	it("is good only where all of the model is on the GPU, and bad only where it can't run", () => {
		expect((["gpu", "partly", "processor", "too-big", "unknown"] as const).map(fitTone)).toEqual([
			"good",
			"warn",
			"warn",
			"bad",
			"neutral",
		]);
	});
});

describe("roleChoices", () => {
	const offered = (changes: Partial<MachineModel>) =>
		roleChoices({ ...model, ...changes }).map(({ role, isHeld }) => `${isHeld ? "-" : "+"}${role}`);

	it("offers text models what writes text, and embedding models embeddings", () => {
		expect(offered({})).toEqual(["+default", "+chat", "+batch"]);
		expect(offered({ is_embedding: true })).toEqual(["+embedding"]);
	});

	it("offers to take away a role the model has", () => {
		expect(offered({ roles: ["chat"] })).toEqual(["+default", "-chat", "+batch"]);
	});

	it("gives no role to a model that can't be read or can't run, but lets it lose one", () => {
		expect(offered({ problem: "It is cut off.", roles: ["batch"] })).toEqual(["-batch"]);
		expect(offered({ fit: { kind: "too-big", words: "" } })).toEqual([]);
	});

	it("lets a text model lose the embedding role that a file of settings gave it", () => {
		expect(offered({ roles: ["embedding"] })).toContain("-embedding");
	});
});

describe("patchFor", () => {
	it("changes that role and nothing else", () => {
		expect(patchFor("batch", "big")).toEqual({ models: { batch: "big" } });
		expect(patchFor("default", null)).toEqual({ models: { default: null } });
	});
});

describe("hasOnlyDemo", () => {
	it("is so where everything came with the program, not where nothing is here", () => {
		expect(hasOnlyDemo({ data: [{ ...model, place: "bundled" }] })).toBe(true);
		expect(hasOnlyDemo({ data: [model, { ...model, place: "bundled" }] })).toBe(false);
		expect(hasOnlyDemo({ data: [] })).toBe(false);
	});
});
