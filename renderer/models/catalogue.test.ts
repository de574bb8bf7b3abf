import { describe, expect, it } from "vitest";
import type { CatalogueModel, Download, ModelFit } from "../../native/contract/contract.ts";
import { groupByFit, havingOf, isReference, tidyReference } from "./catalogue.ts";

const entry = (title: string, kind: ModelFit["kind"]): CatalogueModel => ({
	title,
	purpose: "For tests.",
	reference: `hf:owner/${title}:Q4_K_M`,
	size_bytes: 1_000_000_000,
	license: "Apache 2.0",
	is_embedding: false,
	fit: { kind, words: "" },
	installed_as: null,
});
const download = (reference: string, state: Download["state"]): Download => ({
	id: "d1",
	reference,
	name: "a",
	state,
	received_bytes: 0,
	total_bytes: null,
	bytes_per_second: null,
	problem: null,
	created_at: 1,
});

describe("groupByFit", () => {
	it("puts what fits best first and what is too big last, in the list's order within", () => {
		const groups = groupByFit([
			entry("huge", "too-big"),
			entry("b", "gpu"),
			entry("half", "partly"),
			entry("a", "gpu"),
		]);
		expect(groups.map(({ kind, models }) => [kind, models.map(({ title }) => title)])).toEqual([
			["gpu", ["b", "a"]],
			["partly", ["half"]],
			["too-big", ["huge"]],
		]);
	});

	it("loses no model", () => {
		const kinds = ["gpu", "partly", "processor", "unknown", "too-big"] as const;
		const groups = groupByFit(kinds.map((kind) => entry(kind, kind)));
		expect(groups.flatMap(({ models }) => models)).toHaveLength(kinds.length);
	});
});

describe("havingOf", () => {
	const model = entry("a", "gpu");

	it("tells what is here, whatever is on its way", () => {
		expect(havingOf({ ...model, installed_as: "a-q4" }, [download(model.reference, "running")])).toEqual({
			state: "here",
			name: "a-q4",
		});
	});

	it("tells what is on its way, by its reference, also while it rests", () => {
		const paused = download(model.reference, "paused");
		expect(havingOf(model, [paused])).toEqual({ state: "on-its-way", download: paused });
		expect(havingOf(model, [download("hf:owner/other:Q4_K_M", "running")])).toEqual({ state: "to-be-had" });
	});

	it("lets one be fetched again that failed, or was done and is gone", () => {
		for (const state of ["failed", "done"] as const) {
			expect(havingOf(model, [download(model.reference, state)])).toEqual({ state: "to-be-had" });
		}
	});
});

describe("tidyReference", () => {
	it("takes away space and quotes around it", () => {
		expect(tidyReference(' "hf:owner/repository:Q4_K_M"\n')).toBe("hf:owner/repository:Q4_K_M");
		expect(tidyReference("<https://example.com/a.gguf>")).toBe("https://example.com/a.gguf");
	});

	it("leaves everything else to the service", () => {
		const page = "https://huggingface.co/o/r/blob/main/a.gguf";
		expect(tidyReference(page)).toBe(page);
	});

	it("is no reference below four characters", () => {
		expect(["", "  ", "hf:", " hf: "].some(isReference)).toBe(false);
		expect(isReference("hf:a/b")).toBe(true);
	});
});
