import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { callCommand } from "./call-testing.ts";
import {
	lineAsking as askingLine,
	killLeftovers,
	lineStarts,
	pictureMessages,
	startCommand,
	ticketsPath,
	until,
} from "./testing.ts";

let folder: string;
let dataDir: string;
const inFolder = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(inFolder(name), "utf8");
const run = (...args: readonly string[]) => startCommand(dataDir, ["run", ...args], folder);
const tickets = (from: number, to: number) => readFileSync(ticketsPath, "utf8").split("\n").slice(from, to);
const customIds = (name: string) =>
	read(name)
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line).custom_id);

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-run-"));
	dataDir = inFolder("data");
});
afterEach(() => {
	killLeftovers();
	rmSync(folder, { recursive: true, force: true });
});

const lineAsking = (customId: string, body: object) => askingLine(customId, "My card was charged twice.", body);

test("answers every line in the order of the input and ends with 0", async () => {
	writeFileSync(inFolder("in.jsonl"), tickets(0, 40).join("\n"));
	const ended = await run("in.jsonl", "-o", "out.jsonl").ended;
	expect(ended, ended.output).toMatchObject({ exitCode: 0 });
	expect(customIds("out.jsonl")).toEqual(tickets(0, 40).map((line) => JSON.parse(line).custom_id));
	expect(existsSync(inFolder("out.errors.jsonl"))).toBe(false);
	expect(ended.output).toContain("40 of 40 lines answered");
});

test("names every fault with its line and field, queues nothing and ends with 2", async () => {
	const lines = [lineAsking("a", {}), "{ not json", lineAsking("a", {}), lineAsking("d", { temperature: "hot" })];
	writeFileSync(inFolder("in.jsonl"), lines.join("\n"));
	const ended = await run("in.jsonl").ended;
	expect(ended).toMatchObject({ exitCode: 2 });
	expect(ended.output).toMatch(/in\.jsonl:2:.*invalid_json_line/);
	expect(ended.output).toMatch(/in\.jsonl:3: custom_id:.*duplicate_custom_id/);
	expect(ended.output).toMatch(/in\.jsonl:4: body\.temperature:/);
	expect(lineStarts(dataDir)).toEqual([]);
	expect(existsSync(inFolder("results.jsonl"))).toBe(false);
});

test("a line that can't be honoured fails alone, with the reason in the error file, and the run ends with 3", async () => {
	writeFileSync(
		inFolder("in.jsonl"),
		[lineAsking("good", {}), lineAsking("bad", { messages: pictureMessages })].join("\n"),
	);
	const ended = await run("in.jsonl").ended;
	expect(ended, ended.output).toMatchObject({ exitCode: 3 });
	expect(customIds("results.jsonl")).toEqual(["good"]);
	const [failed] = read("errors.jsonl")
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));
	expect(failed).toMatchObject({ custom_id: "bad", error: null, response: { status_code: 400 } });
	expect(failed.response.body.error.message).toMatch(/image/);
});

test.each([
	["a file that is not there", () => [inFolder("missing.jsonl")], 2, /can't be read/],
	["a folder", () => [folder], 2, /not a file/],
	["a model nobody has", () => [inFolder("in.jsonl"), "--model", "gpt-9"], 2, /no model "gpt-9".*Known here: demo/],
	["a folder for the results that is not there", () => [inFolder("in.jsonl"), "-o", inFolder("a/b")], 2, /--output/],
	["an output that is the input", () => [inFolder("in.jsonl"), "-o", inFolder("in.jsonl")], 2, /replace the input/],
	["a file after --rehearse", () => ["--rehearse", inFolder("in.jsonl")], 2, /Put the file before it/],
	["lines spread over no rehearsal", () => [inFolder("in.jsonl"), "--spread"], 2, /give --rehearse too/],
	["a number of lanes that is none", () => [inFolder("in.jsonl"), "--lanes", "many"], 2, /whole number from 1/],
])("%s is said in a sentence", async (_what, args, exitCode, sentence) => {
	writeFileSync(inFolder("in.jsonl"), lineAsking("a", {}));
	const ended = await callCommand(dataDir, "run", ...args());
	expect(ended).toMatchObject({ exitCode });
	expect(ended.stderr).toMatch(sentence);
	expect(ended.stderr).not.toMatch(/\n\s+at /);
});

test("a model that can't be loaded ends the run with 1 and the reason", async () => {
	writeFileSync(inFolder("broken.gguf"), "GGUF but not really");
	writeFileSync(inFolder("in.jsonl"), lineAsking("a", {}));
	const ended = await run("in.jsonl", "--model", "broken.gguf").ended;
	expect(ended).toMatchObject({ exitCode: 1 });
	expect(ended.output).toMatch(/broken.*can't be loaded/);
});

test("the same command again runs nothing, a changed file runs only what is new, wherever it stands", async () => {
	writeFileSync(inFolder("in.jsonl"), tickets(0, 20).join("\n"));
	await run("in.jsonl").ended;
	expect(lineStarts(dataDir)).toHaveLength(20);
	const first = read("results.jsonl");
	const again = await run("in.jsonl").ended;
	expect(again.output).toContain("All of its lines were done before; none is run.");
	expect(lineStarts(dataDir)).toHaveLength(20);
	expect(read("results.jsonl")).toBe(first);

	writeFileSync(inFolder("in.jsonl"), [...tickets(20, 23), ...tickets(0, 20).reverse()].join("\n"));
	const ended = await run("in.jsonl").ended;
	expect(ended, ended.output).toMatchObject({ exitCode: 0 });
	expect(ended.output).toContain("20 of 23 lines were done before (equal lines of other files count), 3 run now.");
	expect(lineStarts(dataDir)).toHaveLength(23);
	expect(customIds("results.jsonl")).toHaveLength(23);
});

test("Ctrl-C stops cleanly and says how to go on; going on finishes the rest", async () => {
	writeFileSync(inFolder("in.jsonl"), tickets(0, 200).join("\n"));
	const command = run("in.jsonl");
	await until(() => lineStarts(dataDir).length >= 40);
	command.process.kill("SIGINT");
	const stopped = await command.ended;
	expect(stopped).toMatchObject({ exitCode: 130 });
	expect(stopped.output).toContain("the same command goes on from here");
	const ended = await run("in.jsonl").ended;
	expect(ended, ended.output).toMatchObject({ exitCode: 0 });
	expect(customIds("results.jsonl")).toHaveLength(200);
});

test("a file that was stopped half-way does not go before the file asked for now", async () => {
	writeFileSync(inFolder("long.jsonl"), tickets(0, 400).join("\n"));
	writeFileSync(inFolder("short.jsonl"), tickets(400, 405).join("\n"));
	const long = run("long.jsonl", "-o", "long.out.jsonl");
	await until(() => lineStarts(dataDir).length >= 20);
	long.process.kill("SIGINT");
	await long.ended;
	const startsOfLong = lineStarts(dataDir).length;
	const short = await run("short.jsonl", "-o", "short.out.jsonl").ended;
	expect(short, short.output).toMatchObject({ exitCode: 0 });
	expect(customIds("short.out.jsonl")).toHaveLength(5);
	expect(lineStarts(dataDir)).toHaveLength(startsOfLong + 5);
});

test("a second process on the same data folder is refused with a sentence that says what to do", async () => {
	writeFileSync(inFolder("in.jsonl"), tickets(0, 400).join("\n"));
	const first = run("in.jsonl");
	await until(() => lineStarts(dataDir).length > 0);
	const second = await run("in.jsonl").ended;
	expect(second).toMatchObject({ exitCode: 1 });
	expect(second.output).toMatch(/--data-dir/);
	first.process.kill("SIGINT");
	await first.ended;
});

test("the ledger of a finished run is whole, and making its tables anew changes nothing", async () => {
	writeFileSync(inFolder("in.jsonl"), tickets(0, 10).join("\n"));
	await run("in.jsonl").ended;
	const first = read("results.jsonl");
	const verify = () => startCommand(dataDir, ["ledger", "verify"], folder).ended;
	expect(await verify()).toMatchObject({ exitCode: 0, output: expect.stringContaining("whole") });
	expect(await startCommand(dataDir, ["ledger", "rebuild"], folder).ended).toMatchObject({ exitCode: 0 });
	expect(await verify()).toMatchObject({ exitCode: 0 });
	await run("in.jsonl").ended;
	expect(read("results.jsonl")).toBe(first);
	expect(lineStarts(dataDir)).toHaveLength(10);
});
