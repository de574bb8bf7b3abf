import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { downloadListSchema, settingsSchema } from "../contract/contract.ts";
import { locate } from "../locations/locations.ts";
import {
	hasEnded,
	makeMachines,
	named,
	pair,
	type TestMachine,
	untilBatchOf,
	untilMesh,
	untilTogether,
} from "./machines-testing.ts";
import { lineAsking, lineStarts, until } from "./testing.ts";

/** Two machines of which one has a model that the other lacks. */
const machines = makeMachines();
let desk: TestMachine;
let attic: TestMachine;

/** Behind the demo model's own bytes, where no reader looks: another digest, and more than comes at once. */
const FILLED_BYTES = 48 * 1_024 * 1_024;
const LINES = 40;

const modelsDir = ({ dataDir }: TestMachine): string => locate(dataDir).modelsDir;

/** Models of different sizes have different digests. */
function giveModel(machine: TestMachine, name: string, sizeBytes = FILLED_BYTES): string {
	mkdirSync(modelsDir(machine), { recursive: true });
	const path = join(modelsDir(machine), `${name}.gguf`);
	copyFileSync(locate(machine.dataDir).demoModelPath, path);
	truncateSync(path, sizeBytes);
	return path;
}

async function share(machine: TestMachine, shareModels: boolean): Promise<void> {
	const patched = await machine.client.call("/api/settings", settingsSchema, {
		method: "PATCH",
		body: { mesh: { shareModels } },
	});
	expect(patched).toMatchObject({ ok: true });
}

/** A batch for a model that the attic lacks, and for the attic only. */
async function submitForAttic(model: string): Promise<string> {
	const path = join(desk.dataDir, `${model}.jsonl`);
	const line = (number: number) =>
		lineAsking(`${model}-${number}`, `Ticket ${number}: I was charged twice.`, { model });
	writeFileSync(path, Array.from({ length: LINES }, (_, index) => line(index)).join("\n"));
	const submitted = await desk.call("submit", path, "--machines", "attic");
	expect(submitted, submitted.stderr).toMatchObject({ exitCode: 0 });
	return submitted.stdout.trim();
}

async function downloadsOf(machine: TestMachine) {
	const asked = await machine.client.call("/api/models/downloads", downloadListSchema);
	if (!asked.ok) throw new Error(asked.error.message);
	return asked.value.data;
}

beforeAll(async () => {
	desk = await machines.make("desk");
	attic = await machines.make("attic");
	await pair(desk, attic);
	await untilTogether([desk, attic]);
}, 120_000);
afterAll(() => machines.remove());

test("a machine that lacks the model of a batch copies it once its owner lets it, and works on the batch", async () => {
	const original = giveModel(desk, "tickets-large");
	await share(desk, true);
	const id = await submitForAttic("tickets-large");
	await untilBatchOf(attic, id, ({ status }) => status === "in_progress");
	const hasTold = (name: string) => (view: Parameters<typeof named>[0]) =>
		named(view, "desk").about?.models.some((model) => model.name === name) === true;
	await untilMesh(attic, hasTold("tickets-large"));
	expect(await downloadsOf(attic)).toEqual([]);
	expect(lineStarts(attic.dataDir)).toEqual([]);

	await share(attic, true);
	const ended = await untilBatchOf(attic, id, hasEnded);
	expect(ended).toMatchObject({ status: "completed", request_counts: { completed: LINES, failed: 0 } });
	expect(await downloadsOf(attic)).toMatchObject([
		{ name: "tickets-large", state: "done", received_bytes: FILLED_BYTES, total_bytes: FILLED_BYTES, problem: null },
	]);
	const copy = readFileSync(join(modelsDir(attic), "tickets-large.gguf"));
	expect(copy.equals(readFileSync(original))).toBe(true);
	expect(readdirSync(join(modelsDir(attic), ".downloads"))).toEqual([]);
	expect(lineStarts(attic.dataDir)).toHaveLength(LINES);
	expect(lineStarts(desk.dataDir)).toEqual([]);
	expect((await attic.call("models")).stdout).toContain("tickets-large");
}, 180_000);

test("a model of the same name but other bytes is left as it is", async () => {
	const original = giveModel(desk, "twin", FILLED_BYTES + 4_096);
	const other = giveModel(attic, "twin");
	const before = readFileSync(other);
	const id = await submitForAttic("twin");
	await untilBatchOf(attic, id, hasEnded);
	expect(readFileSync(other).equals(before)).toBe(true);
	const [copy = ""] = readdirSync(modelsDir(attic)).filter((name) => /^twin-[0-9a-f]{8}\.gguf$/.test(name));
	expect(readFileSync(join(modelsDir(attic), copy)).equals(readFileSync(original))).toBe(true);
	const results = (await desk.call("results", id)).stdout.trimEnd().split("\n");
	expect(results).toHaveLength(LINES);
}, 180_000);

test("a machine whose owner does not let its models be copied gives none", async () => {
	giveModel(desk, "private", FILLED_BYTES + 8_192);
	await share(desk, false);
	// What is given follows the settings within seconds.
	await setTimeout(3_000);
	await submitForAttic("private");
	const log = () => readFileSync(locate(attic.dataDir).logPath, "utf8");
	await until(() => /"model":"private".*can't be copied/.test(log()));
	expect(existsSync(join(modelsDir(attic), "private.gguf"))).toBe(false);
	expect((await downloadsOf(attic)).map(({ name }) => name)).not.toContain("private");
}, 120_000);
