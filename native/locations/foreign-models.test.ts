import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { foreignModelLocations } from "./foreign-models.ts";

test("other programs' models are looked for where these keep them by default", () => {
	const places = foreignModelLocations({}, "/home/ada", "linux");
	expect(places.lmStudio.homes).toContain(join("/home/ada", ".lmstudio"));
	expect(places.ollama).toEqual([join("/home/ada", ".ollama", "models"), "/usr/share/ollama/.ollama/models"]);
	expect(places.huggingFace).toEqual([join("/home/ada", ".cache", "huggingface", "hub")]);
	expect(foreignModelLocations({}, "/Users/ada", "darwin").ollama).toHaveLength(1);
});

test("the folders that the environment names come first, each once, and an empty name counts as none", () => {
	const environment = {
		OLLAMA_MODELS: "/disk/ollama",
		HF_HOME: "/disk/hf",
		HF_HUB_CACHE: "/disk/hf/hub",
		XDG_CACHE_HOME: " ",
	};
	const places = foreignModelLocations(environment, "/home/ada", "darwin");
	expect(places.ollama[0]).toBe(resolve("/disk/ollama"));
	expect(places.huggingFace).toEqual([resolve("/disk/hf/hub"), join("/home/ada", ".cache", "huggingface", "hub")]);
});
