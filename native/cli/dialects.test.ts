import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callCommand } from "./call-testing.ts";
import {
	classify,
	killLeftovers,
	lineAsking,
	readJsonLines,
	startCommand,
	startServing,
	workRegardless,
} from "./testing.ts";

let folder: string;
const inFolder = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(inFolder(name), "utf8");
const call = (...args: readonly string[]) => callCommand(inFolder("data"), ...args);

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-dialects-"));
	await startServing(inFolder("data"), folder);
});
afterAll(() => {
	killLeftovers();
	rmSync(folder, { recursive: true, force: true });
});

/** One that the demo model answers in a token, and one that takes it two. */
const short = "Could you refund the 257.95 dollars that I was charged by mistake? Our invoice for October is missing.";
const long = "Feature idea: please add the timeline so that we can tag customer profiles. It would be a new feature.";

const gemini = (ticket: string) => ({
	contents: [{ role: "user", parts: [{ text: ticket }] }],
	system_instruction: { parts: [{ text: classify }] },
	generation_config: { max_output_tokens: 8, temperature: 0 },
});
const geminiCamel = (ticket: string) => ({
	contents: [{ role: "user", parts: [{ text: ticket }] }],
	systemInstruction: { parts: [{ text: classify }] },
	generationConfig: { maxOutputTokens: 8, temperature: 0 },
});
const chat = (ticket: string) => ({
	messages: [
		{ role: "system", content: classify },
		{ role: "user", content: ticket },
	],
	max_tokens: 8,
	temperature: 0,
});
const anthropic = (ticket: string) => ({
	model: "claude-sonnet-5",
	max_tokens: 8,
	temperature: 0,
	system: classify,
	messages: [{ role: "user", content: ticket }],
});

/** How each dialect writes a request, and where its answers have id, text and the model's name. */
const dialects = {
	openai: {
		line: (id: string, ticket: string) => lineAsking(id, ticket, { model: "gpt-4o-mini" }),
		id: "custom_id",
		text: "response.body.choices.0.message.content",
		model: "response.body.model",
		error: "response.body.error.message",
	},
	anthropic: {
		line: (id: string, ticket: string) => JSON.stringify({ custom_id: id, params: anthropic(ticket) }),
		id: "custom_id",
		text: "result.message.content.0.text",
		model: "result.message.model",
		error: "result.error.error.message",
	},
	"gemini, snake case": {
		line: (id: string, ticket: string) => JSON.stringify({ key: id, request: gemini(ticket) }),
		id: "key",
		text: "response.candidates.0.content.parts.0.text",
		model: "response.modelVersion",
		error: "error.message",
	},
	"gemini, camel case": {
		line: (id: string, ticket: string) => JSON.stringify({ key: id, request: geminiCamel(ticket) }),
		id: "key",
		text: "response.candidates.0.content.parts.0.text",
		model: "response.modelVersion",
		error: "error.message",
	},
	vertex: {
		line: (_id: string, ticket: string) => JSON.stringify({ request: geminiCamel(ticket) }),
		id: "custom_id",
		text: "response.candidates.0.content.parts.0.text",
		model: "response.modelVersion",
		error: "status",
	},
	messages: {
		line: (_id: string, ticket: string) => JSON.stringify(chat(ticket)),
		id: "custom_id",
		text: "response.body.choices.0.message.content",
		model: "response.body.model",
		error: "response.body.error.message",
	},
} as const;

/** The value at a path of keys. */
function at(value: unknown, path: string): unknown {
	return path.split(".").reduce<unknown>((inner, key) => (inner === undefined ? undefined : Object(inner)[key]), value);
}

/** Has the service answer a file; answers the exit code of waiting for it. Results go to a file, errors to another. */
async function answer(path: string, results: string, ...args: readonly string[]) {
	const submitted = await call("submit", inFolder(path), ...args);
	expect(submitted, submitted.stderr).toMatchObject({ exitCode: 0 });
	const id = submitted.stdout.trim();
	const { exitCode } = await call("wait", id);
	await call("results", id, "-o", inFolder(results));
	if (exitCode === 3) await call("results", id, "--errors", "-o", inFolder(`errors-of-${results}`));
	return exitCode;
}

/** Writes a file that asks the tickets, by their ids, in a dialect. */
function ask(name: keyof typeof dialects, tickets: Readonly<Record<string, string>>): string {
	const lines = Object.entries(tickets).map(([id, ticket]) => dialects[name].line(id, ticket));
	writeFileSync(inFolder("in.jsonl"), lines.join("\n"));
	return "in.jsonl";
}

test.each(["openai", "anthropic", "gemini, snake case"] as const)(
	"a file of %s is answered as it asks, and its file of errors is a file to submit",
	async (name) => {
		const { id, text, model, error } = dialects[name];
		// The same question in every dialect would be answered by the first.
		const tickets = { short: `${name}: ${short}`, long: `${name}: ${long}` };
		expect(await answer(ask(name, tickets), "out.jsonl", "--model", "demo", "--line-tokens", "2")).toBe(3);
		const [answered] = readJsonLines(inFolder("out.jsonl"));
		expect([id, text, model].map((path) => at(answered, path))).toEqual(["short", "billing", "demo"]);
		const [failed] = readJsonLines(inFolder("errors-of-out.jsonl"));
		expect([id, error].map((path) => at(failed, path))).toEqual(["long", expect.stringContaining("2 tokens a line")]);

		expect(await answer("errors-of-out.jsonl", "again.jsonl", "--model", "demo")).toBe(0);
		const [again] = readJsonLines(inFolder("again.jsonl"));
		expect([id, text].map((path) => at(again, path))).toEqual(["long", "feature_request"]);
	},
);

test.each(["gemini, camel case", "vertex", "messages"] as const)(
	"a file of %s is answered as it asks",
	async (name) => {
		const { id, text, model } = dialects[name];
		expect(await answer(ask(name, { short }), "out.jsonl", "--model", "demo")).toBe(0);
		const [answered] = readJsonLines(inFolder("out.jsonl"));
		expect([text, model].map((path) => at(answered, path))).toEqual(["billing", "demo"]);
		expect(at(answered, id)).toBe(name === "messages" ? "line-1" : name === "vertex" ? undefined : "short");
		if (name === "vertex") expect(answered).toMatchObject({ status: "", request: geminiCamel(short) });
	},
);

test("a table is answered row by row beside its own columns, and so are its rows that failed", async () => {
	const template = ["--model", "demo", "--template", "{{what}}", "--system", `@${inFolder("task.txt")}`];
	const run = (...args: readonly string[]) => startCommand(inFolder("table"), ["run", ...args], folder).ended;
	writeFileSync(inFolder("task.txt"), classify);
	writeFileSync(inFolder("in.csv"), `who,what\nAda,"${short}"\nBob,"${long}"\n`);
	const first = await run("in.csv", ...template, "--line-tokens", "2");
	expect(first, first.output).toMatchObject({ exitCode: 3 });
	expect(read("results.csv").split("\n")).toEqual([
		"who,what,answer,error",
		`Ada,${short},billing,`,
		expect.stringMatching(/^Bob,.*,,.*2 tokens a line/),
		"",
	]);
	expect(read("errors.csv").split("\n")).toEqual(["who,what,error", expect.stringMatching(/^Bob,.*2 tokens/), ""]);

	const second = await run("errors.csv", ...template);
	expect(second, second.output).toMatchObject({ exitCode: 0 });
	const [head, row] = read("errors.results.csv").split("\n");
	expect(head).toBe("who,what,error,answer,error_2");
	expect(row).toMatch(/^Bob,.*,feature_request,$/);
	expect(read("results.csv")).toContain("Ada");
});

test("a file made for a hosted model runs unchanged, by the owner's map and default, and says which model answered", async () => {
	writeFileSync(inFolder("in.jsonl"), lineAsking("a", short, { model: "gpt-4o-mini" }));
	// A table names no model at all; its columns are cut by tabs.
	writeFileSync(inFolder("in.tsv"), `custom_id\twhat\nx-1\t${short}\n`);
	const template = ["--template", `${classify} {{what}}`];
	const unknown = await call("submit", inFolder("in.jsonl"));
	expect(await call("wait", unknown.stdout.trim())).toMatchObject({
		exitCode: 2,
		stderr: expect.stringMatching(/:1: body\.model: .*'gpt-4o-mini'.*\(model_not_found\)$/m),
	});

	const models = { map: { "gpt-4o-mini": "demo" }, default: "demo" };
	writeFileSync(inFolder("data/settings.json"), JSON.stringify({ models }));
	workRegardless(inFolder("data"));
	// The service sees the change in a moment.
	await expect.poll(() => answer("in.jsonl", "out.jsonl")).toBe(0);
	expect(readJsonLines(inFolder("out.jsonl"))[0].response.body).toMatchObject({ model: "demo" });
	expect(await answer("in.tsv", "out.tsv", ...template)).toBe(0);
	expect(read("out.tsv")).toMatch(/^custom_id\twhat\tanswer\terror\nx-1\t.*\t\w+\t\n$/);
});

test("a line of another dialect in the file is a fault with its line number", async () => {
	const lines = [dialects.openai.line("a", short), dialects.anthropic.line("b", short)];
	writeFileSync(inFolder("mixed.jsonl"), lines.join("\n"));
	const { stdout } = await call("submit", inFolder("mixed.jsonl"), "--model", "demo");
	expect(await call("wait", stdout.trim())).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(":2: ") });
});
