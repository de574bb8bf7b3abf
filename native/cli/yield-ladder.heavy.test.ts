import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type SettingsPatch, type Status, statusSchema } from "../contract/contract.ts";
import { locate } from "../locations/locations.ts";
import { buildStandIn, type StandIn } from "../machine/nvml/stand-in-testing.ts";
import { callCommand } from "./call-testing.ts";
import { findService } from "./service-client.ts";
import {
	childrenOf,
	killLeftovers,
	lineStarts,
	type StartedCommand,
	startCommand,
	startServingOn,
	ticketsPath,
	until,
} from "./testing.ts";

/**
 * The whole ladder on a computer whose NVIDIA card is played by a stand-in for the driver's library: all else is real, the engine
 * computes on the processor.
 */
let folder: string;
let dataDir: string;
let card: StandIn;
let service: StartedCommand;
/** What a run that nobody disturbs answers. */
let undisturbed: string;
const others: ChildProcess[] = [];
const inFolder = (name: string) => join(folder, name);

/** Some seconds of work. */
const LINES = 500;
const CARD_BYTES = 24 * 2 ** 30;
const GAME_BYTES = 15 * 2 ** 30;

/** Processes beside the service that do nothing but burn the processor, as somebody's renderer does. */
function burnProcessor(count: number): number {
	for (let index = 0; index < count; index++) {
		others.push(spawn(process.execPath, ["-e", "for (;;) {}"], { stdio: "ignore" }));
	}
	return others.at(-1)?.pid ?? 0;
}

function stopOthers(): void {
	for (const other of others.splice(0)) other.kill("SIGKILL");
	card.play(`gpu ${CARD_BYTES} 400000000 0 20000 40`);
}

const call = (...args: readonly string[]) => callCommand(dataDir, ...args);

async function status(): Promise<Status> {
	const asked = await findService(locate(dataDir))?.call("/api/status", statusSchema);
	if (!asked?.ok) throw new Error(service.output());
	return asked.value;
}

const doneLines = async () =>
	(await status()).batches.reduce((sum, { completed, failed }) => sum + completed + failed, 0);

/** Waits until the service says so. */
const says = (about: (now: Status) => unknown, expected: unknown) =>
	expect.poll(async () => about(await status()), { timeout: 60_000, interval: 50 }).toEqual(expected);

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-ladder-"));
	dataDir = inFolder("data");
	mkdirSync(dataDir);
	// What this machine does besides is no business of these tests, but where one says so.
	const limits = { othersCpuPercent: null, leastFreeMemoryPercent: null, temperatureCelsius: null };
	writeFileSync(inFolder("data/settings.json"), JSON.stringify({ schedule: { mode: "always" }, limits }));
	card = buildStandIn();
	stopOthers();
	const alone = startCommand(inFolder("alone"), ["run", ticketFile(1), "-o", inFolder("alone.jsonl")], folder);
	expect((await alone.ended).exitCode, alone.output()).toBe(0);
	undisturbed = readFileSync(inFolder("alone.jsonl"), "utf8");
	service = await startServingOn(card.environment, dataDir, folder);
}, 120_000);
afterEach(stopOthers);
afterAll(() => {
	killLeftovers();
	card.remove();
	rmSync(folder, { recursive: true, force: true });
});

/** Tickets whose answers no other file has: equal lines would be taken over instead of run. */
function ticketFile(seed: number): string {
	const path = inFolder(`tickets-${seed}.jsonl`);
	const lines = readFileSync(ticketsPath, "utf8").split("\n").slice(0, LINES);
	const seeded = lines.map((line) => JSON.parse(line)).map((line) => ({ ...line, body: { ...line.body, seed } }));
	writeFileSync(path, seeded.map((line) => JSON.stringify(line)).join("\n"));
	return path;
}

/** Hands a file over and waits until some of it is done. */
async function submitAndWait(path: string): Promise<string> {
	const submitted = await call("submit", path);
	expect(submitted).toMatchObject({ exitCode: 0 });
	const id = submitted.stdout.trim();
	await until(() => lineStarts(dataDir).filter(({ batch }) => batch === id).length > LINES / 5);
	return id;
}

/** Every line has one answer. */
async function expectWhole(batch: string): Promise<void> {
	expect(await call("wait", batch, "--quiet")).toMatchObject({ exitCode: 0 });
	const answered = (await call("results", batch)).stdout.trimEnd().split("\n");
	expect(answered).toHaveLength(LINES);
	expect(new Set(answered.map((line) => JSON.parse(line).custom_id)).size).toBe(LINES);
}

const patchLimits = (limits: SettingsPatch["limits"]) =>
	findService(locate(dataDir))?.open("/api/settings", { method: "PATCH", body: { limits } });

/** Starts of lines that had an answer already. */
function rerunLines(batch: string, doneAtStop: number): number {
	const counts = new Map<number, number>();
	for (const start of lineStarts(dataDir)) {
		if (start.batch === batch) counts.set(start.line, (counts.get(start.line) ?? 0) + 1);
	}
	const startedTwice = [...counts.values()].filter((count) => count > 1).length;
	// What had not finished when work was stopped runs again, and no more than the lanes held and had in hand.
	expect(counts.size).toBe(LINES);
	expect(startedTwice + doneAtStop).toBeLessThanOrEqual(LINES);
	return startedTwice;
}

test("a program that fills the GPU's memory stops inference; the batch goes on where it stood, and says so", async () => {
	const id = await submitAndWait(ticketFile(1));
	const inference = childrenOf(service.process.pid ?? 0);
	expect(inference).toHaveLength(1);
	const game = burnProcessor(1);
	card.play(`gpu ${CARD_BYTES} ${GAME_BYTES} 5 90000 51`, `process ${game} ${GAME_BYTES} 5 graphics`);
	await says(({ verdict }) => verdict.rung, "yield");
	await says(({ models }) => models, []);
	expect(childrenOf(service.process.pid ?? 0)).toEqual([]);
	expect((await status()).verdict.reason).toBe("waiting: node uses 15 GB of GPU memory");
	const doneAtStop = await doneLines();
	expect((await call("batches")).stdout).toContain("waiting: node uses 15 GB of GPU memory");

	// The owner may still ask something, which gets a model without batch lanes.
	const asked = await call("status", "--json");
	const { url } = findService(locate(dataDir)) ?? { url: "" };
	const answer = await fetch(`${url}/v1/chat/completions`, {
		method: "POST",
		body: JSON.stringify({ model: "demo", messages: [{ role: "user", content: "Hello" }], max_tokens: 4 }),
		headers: { "content-type": "application/json" },
	});
	expect(answer.status, asked.stdout).toBe(200);
	expect((await status()).models).toMatchObject([{ batchLanes: 0 }]);
	expect(await doneLines()).toBe(doneAtStop);

	stopOthers();
	await says(({ verdict }) => verdict.causes.map(({ kind, isGone }) => [kind, isGone]), [["gpu-memory", true]]);
	expect((await call("resume")).stdout).toBe("Batch work on this machine may go on: may run.\n");
	expect(await call("wait", id, "--quiet")).toMatchObject({ exitCode: 0 });
	expect((await call("results", id)).stdout).toBe(undisturbed);
	expect(rerunLines(id, doneAtStop)).toBeGreaterThan(0);
	const stops = (await status()).stepAside.yields.filter(({ cause }) => cause.kind === "stop");
	expect(stops).toMatchObject([
		{ cause: { cause: "gpu-memory", words: "node uses 15 GB of GPU memory" }, requests: 0, batchSteps: 0 },
	]);
	expect(stops[0]?.frozenLanes).toBeGreaterThan(0);
	expect((await call("status")).stdout).toMatch(/node uses 15 GB of GPU memory +0 /);
}, 120_000);

test("a program that takes the processor stops inference that runs on it, and nothing is lost", async () => {
	const id = await submitAndWait(ticketFile(2));
	await patchLimits({ othersCpuPercent: 50 });
	burnProcessor(8);
	await says(({ verdict }) => verdict.causes.map(({ kind }) => kind), ["cpu-busy"]);
	await says(({ models }) => models, []);
	stopOthers();
	await patchLimits({ othersCpuPercent: null });
	await says(({ verdict }) => verdict.causes.map(({ kind, isGone }) => [kind, isGone]), [["cpu-busy", true]]);
	await call("resume");
	await expectWhole(id);
}, 120_000);

test("a pause holds over a restart of the service, and a batch goes on after it", async () => {
	const id = await submitAndWait(ticketFile(3));
	expect((await call("pause")).stdout).toBe("Batch work on this machine is paused until 'nightshift resume'.\n");
	await says(({ models }) => models, []);
	service.process.kill("SIGKILL");
	await service.ended;
	service = await startServingOn(card.environment, dataDir, folder);
	await says(({ verdict }) => [verdict.rung, verdict.reason], ["leave", "paused by you"]);
	expect((await status()).models).toEqual([]);
	await call("resume");
	await expectWhole(id);
}, 120_000);
