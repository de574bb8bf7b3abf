import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog, systemClock } from "../../base/base.ts";
import { createEngine } from "../../engine/create-engine.ts";
import { createResidency, type ResidencyDeps } from "../../engine/create-residency.ts";
import type { HeldModel, Residency } from "../../engine/residency.ts";
import { ask, createFakeMachine, KEEP_MS, sourceOf } from "../../engine/residency-testing.ts";
import { continueText, DEMO_MODEL_PATH, TEST_LOAD } from "../../engine/testing.ts";
import type { BatchManifest, BatchRecord, Ledger } from "../../ledger/ledger.ts";
import { openLedger } from "../../ledger/open.ts";
import { sampleManifest } from "../../ledger/testing/manifest.ts";
import { createModels, type Models } from "../../models/models.ts";
import { createJobs } from "../create-jobs.ts";
import type { Jobs } from "../jobs.ts";
import { unshared } from "../sharing.ts";
import { alwaysPermitted, type WorkPermit } from "../work-permit.ts";
import { steadyPower } from "./work-testing.ts";

/** Batches while live requests of another model come and go, through the real ledger. Two models: the demo under two names. */
let folder: string;
let models: Models;
let permit: WorkPermit;
const ends: (() => Promise<void>)[] = [];

beforeEach(() => {
	permit = alwaysPermitted;
	folder = mkdtempSync(join(tmpdir(), "nightshift-swap-"));
	const modelsDir = join(folder, "models");
	mkdirSync(modelsDir);
	for (const name of ["alpha", "beta"]) copyFileSync(DEMO_MODEL_PATH, join(modelsDir, `${name}.gguf`));
	const modelDigestsPath = join(folder, "digests.json");
	const names = () => ({ default: null, map: {} });
	models = createModels({ modelsDir, demoModelPath: DEMO_MODEL_PATH, modelDigestsPath, names, log: silentLog });
});

afterEach(async () => {
	for (const end of ends.splice(0)) await end();
	rmSync(folder, { recursive: true, force: true });
});

/** Room for one model at a time, in real engine processes. */
function createRealResidency(changes: Partial<ResidencyDeps> = {}): Residency {
	return createResidency({
		createEngine: () => createEngine({ clock: systemClock, log: silentLog, native: { gpu: false } }),
		load: { ...TEST_LOAD, lanes: 4 },
		mostModels: 1,
		settleFor: () => "wait",
		clock: systemClock,
		log: silentLog,
		...changes,
	});
}

interface Started {
	readonly jobs: Jobs;
	readonly ledger: Ledger;
}

/** Jobs over a ledger of their own: in a common one the second of two equal batches would take over the first one's results. */
async function startJobs(residency: Residency, name = "data"): Promise<Started> {
	const opened = await openLedger({ dataDir: join(folder, name), clock: systemClock, log: silentLog });
	if (!opened.ok) throw new Error(opened.error.message);
	const ledger = opened.value;
	const nightBudget = () => ({ nightTokens: null, nightMinutes: null });
	const jobs = createJobs({
		ledger,
		residency,
		models,
		power: steadyPower,
		nightBudget,
		permit: () => permit,
		sharing: unshared(ledger),
		clock: systemClock,
		log: silentLog,
		machine: () => "test",
	});
	ends.push(jobs.stop, residency.stop, ledger.close);
	jobs.start();
	return { jobs, ledger };
}

/** Hands in a batch of greedy continuations for the model alpha. */
async function submit(
	{ jobs, ledger }: Started,
	prompts: readonly string[],
	changes: Partial<BatchManifest> = {},
): Promise<string> {
	const lines = prompts.map((prompt, index) =>
		JSON.stringify({
			custom_id: `line-${index}`,
			method: "POST",
			url: "/v1/completions",
			body: { model: "alpha", prompt, max_tokens: 60, temperature: 0 },
		}),
	);
	const stored = await ledger.storeBytes(bytesOf(lines.join("\n")), 1 << 24);
	if (!stored.ok) throw new Error(stored.error.kind);
	const file = await ledger.createFile({ filename: "in.jsonl", purpose: "batch", expiresAtMs: null }, stored.value);
	const manifest = sampleManifest({ inputFileId: file.id, endpoint: "/v1/completions", ...changes });
	const created = await jobs.create(manifest, null);
	if (!created.ok) throw new Error(created.error.message);
	return created.value.id;
}

async function* bytesOf(text: string) {
	yield Buffer.from(text);
}

/** Waits until the batch is so; the test's own time limit ends it otherwise. */
async function until(ledger: Ledger, batchId: string, isSo: (batch: BatchRecord) => boolean): Promise<BatchRecord> {
	for (;;) {
		const batch = ledger.batch(batchId);
		if (batch && isSo(batch)) return batch;
		await setTimeout(5);
	}
}

async function outputOf(ledger: Ledger, batch: BatchRecord): Promise<string> {
	const file = ledger.file(batch.outputFileId ?? "");
	if (!file) throw new Error("no output");
	const chunks: Uint8Array[] = [];
	for await (const chunk of ledger.readFile(file)) chunks.push(chunk);
	return Buffer.concat(chunks).toString();
}

async function hold(residency: Residency, name: string): Promise<HeldModel> {
	const found = models.find(name);
	if (!found.ok) throw new Error(found.error.message);
	const held = await residency.acquire({ path: found.value.path, name }, "interactive");
	if (!held.ok) throw new Error(held.error.kind);
	return held.value;
}

test("a batch's model steps out for a live request of another and comes back; the output is that of an undisturbed run", async () => {
	const prompts = Array.from({ length: 80 }, (_, index) => `Story ${index} goes on and on`);
	const residency = createRealResidency({ liveKeepMs: 50 });
	const calm = await startJobs(residency, "calm");
	const inPeace = await until(calm.ledger, await submit(calm, prompts), ({ status }) => status === "completed");

	const disturbed = await startJobs(residency, "disturbed");
	const { jobs, ledger } = disturbed;
	const id = await submit(disturbed, prompts);
	await until(ledger, id, ({ completed }) => completed > 0);
	await residency.closeGates(systemClock.monotonicMs());
	const live = await hold(residency, "beta");
	expect(residency.models).toMatchObject([{ source: { name: "beta" }, state: { kind: "ready" } }]);
	const inTheMiddle = await until(ledger, id, () => jobs.progress(id)?.activity.includes("made room") === true);
	expect(inTheMiddle).toMatchObject({ status: "in_progress", failed: 0 });
	expect(inTheMiddle.completed).toBeLessThan(prompts.length);
	expect(jobs.progress(id)).toMatchObject({ activity: "waiting: alpha made room for beta", trouble: null });
	const answered = await live.engine.run(continueText("A live question", { maxTokens: 4 }), {
		priority: "interactive",
	});
	expect(answered.ok).toBe(true);
	live.release();
	const { recomputedTokens } = await residency.openGates();
	expect(recomputedTokens).toBeGreaterThan(0);

	const done = await until(ledger, id, ({ status }) => status === "completed");
	expect(done).toMatchObject({ completed: prompts.length, failed: 0 });
	expect(await outputOf(ledger, done)).toBe(await outputOf(calm.ledger, inPeace));
	expect(residency.models).toMatchObject([{ source: { name: "alpha" } }]);
});

test("stopped twice for somebody else's work, once with its lines kept, a batch comes to the output of an undisturbed run", async () => {
	const prompts = Array.from({ length: 240 }, (_, index) => `Story ${index} goes on and on`);
	const residency = createRealResidency();
	const calm = await startJobs(residency, "calm");
	const inPeace = await until(calm.ledger, await submit(calm, prompts), ({ status }) => status === "completed");

	const disturbed = await startJobs(residency, "disturbed");
	const { jobs, ledger } = disturbed;
	const id = await submit(disturbed, prompts);
	let completed = 0;
	for (const keepsLeases of [true, false]) {
		await until(ledger, id, (batch) => batch.completed > completed);
		permit = {
			...alwaysPermitted,
			isGranted: false,
			rehearses: false,
			keepsLeases,
			reason: "waiting: a game is in front",
		};
		const stopped = residency.suspend();
		jobs.attend();
		const report = await stopped;
		expect(report).toMatchObject({ processes: 1, staying: 0 });
		// What the lanes held was counted before it was taken from them.
		expect(report.lanes).toBeGreaterThan(0);
		expect(residency.models).toEqual([]);
		const after = await until(ledger, id, () => jobs.progress(id)?.isInHand === false);
		expect(jobs.progress(id)).toMatchObject({ activity: "waiting: a game is in front", trouble: null });
		expect(after).toMatchObject({ status: "in_progress", failed: 0 });
		expect(after.completed).toBeLessThan(prompts.length);
		completed = after.completed;
		const other = ledger.claim(id, prompts.length, 1_000);
		expect(other?.lines.length ?? 0).toBe(keepsLeases ? 0 : prompts.length - completed);
		if (other !== null) ledger.release(other.token);
		permit = alwaysPermitted;
		residency.resume();
		jobs.attend();
	}
	const done = await until(ledger, id, ({ status }) => status === "completed");
	expect(done).toMatchObject({ completed: prompts.length, failed: 0 });
	expect(await outputOf(ledger, done)).toBe(await outputOf(calm.ledger, inPeace));
});

test("a batch being checked loses its model to a live request, is not blamed, and is checked when the model is free", async () => {
	const counting = Promise.withResolvers<void>();
	const goOn = Promise.withResolvers<void>();
	const machine = createFakeMachine({
		mostModels: 1,
		beforeCount() {
			counting.resolve();
			return goOn.promise;
		},
	});
	const started = await startJobs(machine.residency);
	const { jobs, ledger } = started;
	const id = await submit(started, ["a prompt that must be measured ".repeat(100)]);
	await counting.promise;
	const live = ask(machine.residency, "beta", "interactive");
	await live.ended;
	goOn.resolve();
	expect(jobs.progress(id)?.trouble).toBeNull();
	expect(ledger.batch(id)?.status).toBe("validating");
	live.held?.release();
	machine.pass(KEEP_MS);
	await until(ledger, id, ({ status }) => status === "in_progress");
	expect(machine.events.slice(0, 4)).toEqual(["load alpha", "stop alpha", "load beta", "stop beta"]);
});

test("jobs stop at once while a batch waits for its model", async () => {
	const machine = createFakeMachine({ mostModels: 1 });
	const started = await startJobs(machine.residency);
	const { jobs, ledger } = started;
	const id = await submit(started, ["short"]);
	await until(ledger, id, ({ status }) => status === "in_progress" && machine.residency.models[0]?.batchUsers === 1);
	const live = await machine.residency.acquire(sourceOf("beta"), "interactive");
	expect(live.ok).toBe(true);
	await until(ledger, id, () => jobs.progress(id)?.activity === "waiting: alpha made room for beta");
	await jobs.stop();
	expect(ledger.batch(id)).toMatchObject({ status: "in_progress", completed: 0, failed: 0 });
});

test("a real model's rehearsal has the same answers as a batch that was not rehearsed, and its figures", async () => {
	const prompts = Array.from({ length: 12 }, (_, index) => `Story ${index} goes on and on`);
	const residency = createRealResidency();
	const plain = await startJobs(residency, "plain");
	const unrehearsed = await until(plain.ledger, await submit(plain, prompts), ({ status }) => status === "completed");

	const started = await startJobs(residency, "rehearsed");
	const { jobs, ledger } = started;
	const id = await submit(started, prompts, { rehearsal: { lines: 5, spread: true } });
	const held = await until(ledger, id, ({ rehearsed }) => rehearsed !== null);
	expect(held).toMatchObject({ isHeld: true, completed: 5, rehearsed: { lines: 5, failed: 0 } });
	expect(held.rehearsed?.outputTokens).toBe(held.usage.outputTokens);
	expect(held.rehearsed?.durationMs).toBeGreaterThan(0);
	const forecast = jobs.forecast(id);
	expect(forecast).toMatchObject({ lines_left: 7, lines_done: 5, deadline_at: null });
	await jobs.queue(id, 3_600_000);
	const done = await until(ledger, id, ({ status }) => status === "completed");
	expect(await outputOf(ledger, done)).toBe(await outputOf(plain.ledger, unrehearsed));
	expect(done.workedMs).toBeGreaterThan(0);
});
