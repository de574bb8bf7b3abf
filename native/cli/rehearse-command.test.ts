import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { callCommand } from "./call-testing.ts";
import {
	killLeftovers,
	lineAsking,
	lineStarts,
	startCommand,
	startOnTerminal,
	ticketsPath,
	workRegardless,
} from "./testing.ts";

/** Without a service: the command brings its own. */
let folder: string;
let dataDir: string;
const inFolder = (name: string) => join(folder, name);
const start = (...args: readonly string[]) => startCommand(dataDir, args, folder).ended;
const onTerminal = (keys: string, ...args: readonly string[]) =>
	startOnTerminal(dataDir, args, { cwd: folder, keys }).ended;
const tickets = (from: number, to: number) => readFileSync(ticketsPath, "utf8").split("\n").slice(from, to);

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-rehearse-"));
	dataDir = inFolder("data");
	writeFileSync(inFolder("in.jsonl"), tickets(0, 12).join("\n"));
});
afterEach(() => {
	killLeftovers();
	rmSync(folder, { recursive: true, force: true });
});

test("shows real outputs, tokens and a forecast with its range, and what it ran is not run again", async () => {
	const rehearsed = await start("rehearse", "in.jsonl", "-n", "3");
	expect(rehearsed, rehearsed.output).toMatchObject({ exitCode: 0 });
	const shown = rehearsed.stdout.match(/^── line \d+ \(ticket-\d+\), \d+ \+ \d+ tokens, [\d.]+ s$/gm);
	expect(shown).toHaveLength(3);
	expect(rehearsed.stdout.match(/^→ (billing|bug|feature_request|account|other)$/gm)).toHaveLength(3);
	expect(rehearsed.stdout).toMatch(
		/^12 lines checked, 3 rehearsed\.\n9 lines to run, \d+ to \d+ \+ .* tokens a line\n/m,
	);
	expect(rehearsed.stdout).toMatch(/^Ready about \d\d:\d\d, between \d\d:\d\d and \d\d:\d\d \(.* of work; speed from/m);
	expect(rehearsed.stdout).toMatch(/^Energy .* kWh \(.* W estimated/m);
	expect(rehearsed.stdout).toMatch(/^Hosted batch APIs: .* USD \(.*\) to .* USD \(.*\), as of \d{4}-\d\d-\d\d$/m);
	expect(rehearsed.output).toContain("Run the rest: nightshift run in.jsonl (or nightshift queue batch_");
	expect(lineStarts(dataDir)).toHaveLength(3);

	const ended = await start("run", "in.jsonl");
	expect(ended, ended.output).toMatchObject({ exitCode: 0 });
	expect(ended.output).toContain("3 of 12 lines were done before (equal lines of other files count), 9 run now.");
	expect(lineStarts(dataDir)).toHaveLength(12);
});

test("what was rehearsed can be queued while no service runs, is done once one does, and is not begun anew", async () => {
	const rehearsed = await start("rehearse", "in.jsonl", "-n", "2");
	const [, id = ""] = /nightshift queue (batch_\w+)/.exec(rehearsed.output) ?? [];
	const queued = await callCommand(dataDir, "queue", id);
	expect(queued).toMatchObject({ exitCode: 0, stderr: "No service runs; 'nightshift serve' sees to it.\n" });
	const listed = await callCommand(dataDir, "batches");
	expect(listed.stdout).toMatch(new RegExp(`^${id} +waiting +2 of 12`));
	const nobody = await callCommand(dataDir, "wait", id);
	expect(nobody).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Start it with 'nightshift serve'.") });

	workRegardless(dataDir);
	const service = startCommand(dataDir, ["serve", "-p", "0"], folder);
	await expect.poll(() => lineStarts(dataDir).length, { timeout: 30_000 }).toBe(12);
	const waited = await callCommand(dataDir, "wait", id);
	expect(waited, service.output()).toMatchObject({ exitCode: 0 });
	expect(new Set(lineStarts(dataDir).map(({ line }) => line)).size).toBe(12);
});

test("faults are listed with their line and field, nothing is run, and it ends with 2", async () => {
	const lines = [lineAsking("a", "x"), "{ not json", lineAsking("c", "x", { temperature: "hot" })];
	writeFileSync(inFolder("faulty.jsonl"), lines.join("\n"));
	const ended = await start("rehearse", "faulty.jsonl");
	expect(ended).toMatchObject({ exitCode: 2 });
	expect(ended.output).toMatch(/^faulty\.jsonl:2: .*invalid_json_line/m);
	expect(ended.output).toMatch(/^faulty\.jsonl:3: body\.temperature: /m);
	expect(ended.output).toContain("Mend the file and rehearse it again.");
	expect(lineStarts(dataDir)).toEqual([]);
});

test("a model that can't be loaded ends it with 1 and the reason", async () => {
	writeFileSync(inFolder("broken.gguf"), "GGUF but not really");
	const ended = await start("rehearse", "in.jsonl", "--model", "broken.gguf");
	expect(ended).toMatchObject({ exitCode: 1, output: expect.stringMatching(/broken.*can't be loaded/) });
	expect(ended.output).not.toContain("Mend the file");
});

test("as a part of run it shows the first lines and then goes on by itself where nobody can be asked", async () => {
	const ended = await start("run", "in.jsonl", "--rehearse", "2", "--spread");
	expect(ended, ended.output).toMatchObject({ exitCode: 0 });
	expect(ended.stdout).toMatch(/^── line 1 [\s\S]*^── line 12 [\s\S]*^12 lines checked, 2 rehearsed\.$/m);
	expect(ended.output).toContain("2 of 12 lines were done before, 10 run now.");
	expect(ended.output).toContain("12 of 12 lines answered");
	expect(lineStarts(dataDir)).toHaveLength(12);
});

test("on a terminal run asks, and a no leaves the rest to the same command", async () => {
	const refused = await onTerminal("n\n", "run", "in.jsonl", "--rehearse", "2");
	expect(refused.output).toContain("Looks right? Run the rest [Y/n]");
	expect(refused).toMatchObject({ exitCode: 0, output: expect.stringContaining("Nothing more was run.") });
	expect(lineStarts(dataDir)).toHaveLength(2);

	const stopped = await onTerminal("\x03", "run", "in.jsonl", "--rehearse", "2");
	expect(stopped).toMatchObject({ exitCode: 130, output: expect.stringContaining("goes on from here") });
	expect(lineStarts(dataDir)).toHaveLength(2);

	const agreed = await onTerminal("\n", "run", "in.jsonl", "--rehearse", "2");
	expect(agreed).toMatchObject({ exitCode: 0, output: expect.stringContaining("12 of 12 lines answered") });
	expect(lineStarts(dataDir)).toHaveLength(12);
});
