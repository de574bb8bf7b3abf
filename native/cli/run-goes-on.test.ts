import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog, systemClock } from "../base/base.ts";
import { openLedger } from "../ledger/open.ts";
import { callCommand } from "./call-testing.ts";
import {
	classify,
	killLeftovers,
	lineAsking,
	lineStarts,
	pictureMessages,
	readJsonLines,
	startCommand,
	ticketsPath,
} from "./testing.ts";

/** What stops a run before its end, and that the same command goes on. */
let folder: string;
let dataDir: string;
const inFolder = (name: string) => join(folder, name);
const run = (...args: readonly string[]) => startCommand(dataDir, ["run", ...args], folder).ended;
const tickets = (from: number, to: number) => readFileSync(ticketsPath, "utf8").split("\n").slice(from, to);
const write = (name: string, lines: readonly string[]) => writeFileSync(inFolder(name), lines.join("\n"));

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-goes-on-"));
	dataDir = inFolder("data");
});
afterEach(() => {
	killLeftovers();
	rmSync(folder, { recursive: true, force: true });
});

test("a budget of tokens pauses the batch and says so, and the same command goes on past it", async () => {
	write("in.jsonl", tickets(0, 60));
	const args = ["in.jsonl", "--batch-tokens", "10", "--lanes", "4"];
	const paused = await run(...args);
	expect(paused).toMatchObject({ exitCode: 1 });
	expect(paused.output).toMatch(/nightshift: .*10.*\nEvery finished line is kept; the same command goes on past/);
	expect(lineStarts(dataDir).length).toBeLessThan(60);
	const ended = await run(...args);
	expect(ended, ended.output).toMatchObject({ exitCode: 0 });
	expect(ended.output).toMatch(/^\d+ of 60 lines were done before, \d+ run now\.$/m);
	expect(readJsonLines(inFolder("results.jsonl"))).toHaveLength(60);
	expect(lineStarts(dataDir)).toHaveLength(60);
	expect((await callCommand(dataDir, "batches")).stdout.trimEnd().split("\n")).toHaveLength(1);
});

test("a batch that fails too often gives up with what it has, and goes on when it is put up with", async () => {
	// Lines that begin alike are run in the order of the file.
	const messages = [{ role: "system", content: classify }, ...pictureMessages];
	const pictures = Array.from({ length: 12 }, (_, index) => lineAsking(`picture-${index}`, "", { messages }));
	write("in.jsonl", [...pictures, ...tickets(0, 50)]);
	const given = await run("in.jsonl", "--give-up", "10", "--lanes", "4");
	expect(given, given.output).toMatchObject({ exitCode: 3 });
	expect(given.output).toMatch(/^in\.jsonl: .*more than the 10 % .*\(too_many_failures\)$/m);
	const codes = readJsonLines(inFolder("errors.jsonl")).map((line) => line.error?.code);
	expect(codes).toContain("batch_failed");

	const ended = await run("in.jsonl", "--give-up", "never");
	expect(ended, ended.output).toMatchObject({ exitCode: 3 });
	expect(ended.output).toContain("50 of 62 lines answered");
	expect(lineStarts(dataDir)).toHaveLength(50);
});

test("the same command runs what failed again, into the same batch; with other limits it does what they say", async () => {
	write("in.jsonl", [
		lineAsking("short", "I was charged twice."),
		lineAsking("long", "Please add the timeline as a feature."),
	]);
	const limited = ["in.jsonl", "--line-tokens", "2"];
	expect(await run(...limited)).toMatchObject({ exitCode: 3 });
	const again = await run(...limited);
	expect(again, again.output).toMatchObject({ exitCode: 3 });
	expect(again.output).toContain("1 of 2 lines were done before, 1 run now.");
	expect(lineStarts(dataDir)).toMatchObject([{ line: 0 }, { line: 1 }, { line: 1 }]);
	expect(new Set(lineStarts(dataDir).map(({ batch }) => batch)).size).toBe(1);

	const unlimited = await run("in.jsonl", "--line-tokens", "8");
	expect(unlimited, unlimited.output).toMatchObject({ exitCode: 0 });
	expect(lineStarts(dataDir)).toHaveLength(4);
});

test("results whose file was deleted are made anew out of the ledger", async () => {
	write("in.jsonl", tickets(0, 3));
	await run("in.jsonl");
	const results = readFileSync(inFolder("results.jsonl"), "utf8");
	const opened = await openLedger({ dataDir, clock: systemClock, log: silentLog });
	if (!opened.ok) throw new Error(opened.error.message);
	const { rows } = opened.value.files({ after: null, limit: 10, order: "asc", purpose: "batch_output" });
	for (const { id } of rows) await opened.value.deleteFile(id);
	await opened.value.close();
	const ended = await run("in.jsonl");
	expect(ended, ended.output).toMatchObject({ exitCode: 0 });
	expect(readFileSync(inFolder("results.jsonl"), "utf8")).toBe(results);
	expect(lineStarts(dataDir)).toHaveLength(3);
});

test("the end is told to an allowed address, signed with the secret that webhook-secret prints", async () => {
	const told: Promise<{ readonly body: string; readonly headers: IncomingMessage["headers"] }>[] = [];
	const server = createServer((request, response) => {
		told.push(readBody(request));
		response.end();
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	const host = `127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
	write("in.jsonl", tickets(0, 1));
	const secret = (await callCommand(dataDir, "webhook-secret")).stdout;
	expect((await callCommand(dataDir, "webhook-secret")).stdout).toBe(secret);

	const forbidden = await run("in.jsonl", "--webhook", `http://${host}/hook`);
	expect(forbidden).toMatchObject({ exitCode: 2, output: expect.stringContaining("webhooks.allowedHosts") });
	mkdirSync(dataDir, { recursive: true });
	writeFileSync(join(dataDir, "settings.json"), JSON.stringify({ webhooks: { allowedHosts: [host] } }));
	const ended = await run("in.jsonl", "--webhook", `http://${host}/hook`);
	expect(ended, ended.output).toMatchObject({ exitCode: 0 });
	server.close();
	const [first] = await Promise.all(told);
	if (first === undefined) throw new Error("Nobody was told.");
	const headers = Object.fromEntries(Object.entries(first.headers).map(([name, value]) => [name, String(value)]));
	expect(new Webhook(secret.trim()).verify(first.body, headers)).toMatchObject({ type: "batch.completed" });
});

async function readBody(request: IncomingMessage) {
	let body = "";
	for await (const chunk of request) body += chunk;
	return { body, headers: request.headers };
}
