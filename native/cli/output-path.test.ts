import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { errorsPathFor, findOutputFault, usualOutput } from "./output-path.ts";

let folder: string;
const inFolder = (name: string) => join(folder, name);
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-output-"));
	writeFileSync(inFolder("in.jsonl"), "{}");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("errors go beside the results and end as they do", () => {
	expect(errorsPathFor("results.jsonl")).toBe("errors.jsonl");
	expect(errorsPathFor(join("a", "night.jsonl"))).toBe(join("a", "night.errors.jsonl"));
	expect(errorsPathFor("results.csv")).toBe("errors.csv");
	expect(errorsPathFor("out")).toBe("out.errors");
});

test.each([
	["tickets.jsonl", "openai", "results.jsonl"],
	["tickets.csv", "csv", "results.csv"],
	["tickets.txt", "tsv", "results.tsv"],
	[join("a", "errors.jsonl"), "gemini", "errors.results.jsonl"],
	["night.errors.jsonl", "openai", "night.errors.results.jsonl"],
	["results.csv", "csv", "results.results.csv"],
	["myerrors.jsonl", "openai", "results.jsonl"],
] as const)("of %s as %s results go to %s", (input, format, output) => {
	expect(usualOutput(input, format)).toBe(output);
});

test("a path that can be written to has no fault, whether something is there or not", async () => {
	expect(await findOutputFault(inFolder("in.jsonl"), inFolder("out.jsonl"))).toBeNull();
	writeFileSync(inFolder("out.jsonl"), "");
	expect(await findOutputFault(inFolder("in.jsonl"), inFolder("out.jsonl"))).toBeNull();
});

test("the input is never written over, under whatever name, nor by the errors", async () => {
	symlinkSync(inFolder("in.jsonl"), inFolder("out.jsonl"));
	writeFileSync(inFolder("night.errors.jsonl"), "{}");
	const [input, link, errors] = [inFolder("in.jsonl"), inFolder("out.jsonl"), inFolder("night.errors.jsonl")];
	expect(await findOutputFault(input, input)).toContain("would replace the input");
	expect(await findOutputFault(input, link)).toContain("would replace the input");
	expect(await findOutputFault(errors, inFolder("night.jsonl"))).toContain(`Writing to ${errors} would replace`);
});

test("a folder, one that is missing and a file in place of one are told", async () => {
	mkdirSync(inFolder("there"));
	const faultOf = (path: string) => findOutputFault(inFolder("in.jsonl"), inFolder(path));
	expect(await faultOf("there")).toContain("is a folder");
	expect(await faultOf(join("missing", "out.jsonl"))).toContain("missing (ENOENT)");
	expect(await faultOf(join("in.jsonl", "out.jsonl"))).toMatch(/ENOTDIR|not a folder/);
});
