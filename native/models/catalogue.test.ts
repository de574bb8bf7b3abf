import { expect, test } from "vitest";
import { catalogueSchema } from "../contract/contract.ts";
import { locate } from "../locations/locations.ts";
import { catalogueFor, readCatalogue } from "./catalogue.ts";
import { parseReference } from "./downloads/reference.ts";
import type { MachineMemory } from "./fit.ts";

const GIB = 2 ** 30;
const file = readCatalogue(locate("/data").modelCataloguePath);
const machine = (gpu: number | null, main = 30): MachineMemory => ({
	gpuBytes: gpu === null ? null : gpu * GIB,
	isUnified: false,
	mainBytes: main * GIB,
});
const titles = (memory: MachineMemory) => catalogueFor(file, memory, []).data.map(({ title }) => title);

test("the catalogue names files that can be downloaded, each once, and ends its sentences", () => {
	const references = file.models.map(({ reference }) => reference);
	expect(new Set(references).size).toBe(references.length);
	for (const { reference, purpose } of file.models) {
		expect(parseReference(reference, "https://huggingface.co")).toMatchObject({
			ok: true,
			value: { kind: "hub", path: expect.stringMatching(/\.gguf$/) },
		});
		expect(purpose).toMatch(/^[A-Z].*\.$/);
	}
});

test("the first of the list suits the machine: the largest that fits its GPU, or the smallest without one", () => {
	const first = [4, 8, 12, 16, 24, 48].map((gigabytes) => titles(machine(gigabytes))[0]);
	expect(first).toEqual([
		"Llama 3.2 3B Instruct",
		"Qwen3 8B",
		"Qwen3 14B",
		"gpt-oss 20B",
		"Qwen3 32B",
		"Llama 3.3 70B Instruct",
	]);
	expect(titles(machine(null))[0]).toBe("Qwen3 1.7B");
});

test("there is something for every machine, and one for vectors", () => {
	for (const gigabytes of [4, 6, 8, 12, 16, 24, 32, 48, 80]) {
		expect(catalogueFor(file, machine(gigabytes), []).data[0]?.fit.kind).toBe("gpu");
	}
	expect(catalogueFor(file, machine(null, 6), []).data[0]?.fit.kind).toBe("processor");
	const { data } = catalogueSchema.parse(catalogueFor(file, machine(24), []));
	expect(data.filter((model) => model.is_embedding)).toHaveLength(1);
	expect(data.at(-1)?.is_embedding).toBe(true);
});

test("what is here already says under which name", () => {
	const here = {
		name: "lm-studio/Qwen3-8B-Q4_K_M",
		path: "/home/ada/.lmstudio/models/Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf",
		place: "lm-studio" as const,
		sizeBytes: 1,
		createdAtMs: 0,
	};
	const { data } = catalogueFor(file, machine(24), [here]);
	expect(data.filter((model) => model.installed_as !== null)).toMatchObject([
		{ title: "Qwen3 8B", installed_as: "lm-studio/Qwen3-8B-Q4_K_M" },
	]);
});
