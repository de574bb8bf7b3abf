/** Jobs over a real ledger and real models, with an engine whose answers a test chooses line by line. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Clock, err, ok, silentLog, systemClock } from "../../base/base.ts";
import { type BatchPolicy, defaultBatchOptions } from "../../contract/contract.ts";
import type { Engine, EngineFailure, LoadedModel } from "../../engine/engine.ts";
import type { EngineRequest, FinishReason, GenerateRequest } from "../../engine/request.ts";
import type { HeldModel, Residency, ResidentModel, ShortOfMemory } from "../../engine/residency.ts";
import { DEMO_MODEL_PATH } from "../../engine/testing.ts";
import type { BatchManifest, BatchRecord, FinishedLine, Ledger } from "../../ledger/ledger.ts";
import { openLedger } from "../../ledger/open.ts";
import { sampleManifest } from "../../ledger/testing/manifest.ts";
import type { PowerMeter } from "../../machine/machine.ts";
import { createModels } from "../../models/models.ts";
import { createJobs } from "../create-jobs.ts";
import type { Jobs } from "../jobs.ts";
import type { NightBudget } from "../order/night.ts";
import { unshared } from "../sharing.ts";
import { alwaysPermitted, type WorkPermit } from "../work-permit.ts";

/** What the engine makes of a prompt: so many tokens of answer, or a failure. */
export type StubAnswer = { readonly tokens: number; readonly finishReason?: FinishReason } | EngineFailure;

/** Answers a prompt; the signal ends it early, as it does with a real engine. */
export type StubEngine = (prompt: string, request: GenerateRequest) => StubAnswer | Promise<StubAnswer>;

/** A data folder with jobs at work in it. */
export interface Workshop {
	readonly ledger: Ledger;
	readonly jobs: Jobs;
	/** Prompts in the order in which their lines entered a lane, over all restarts. */
	readonly starts: readonly string[];
	readonly residency: Residency;
	/** Puts the clock forward. */
	pass(ms: number): void;
	/** Ends the process, as far as a test can, and begins a new one in the same folder. */
	restart(): Promise<void>;
	/** Hands in a batch of these prompts and answers its id. */
	submit(prompts: readonly string[], changes?: Partial<BatchManifest>): Promise<string>;
	/** Waits until the batch is so; the test's own time limit ends it otherwise. */
	until(batchId: string, isSo: (batch: BatchRecord) => boolean): Promise<BatchRecord>;
	/** All lines of a batch in input order. */
	lines(batchId: string): Promise<readonly FinishedLine[]>;
	end(): Promise<void>;
}

/** What a workshop is like. */
export interface WorkshopOptions {
	readonly engine: StubEngine;
	readonly lanes?: number;
	readonly nightBudget?: () => NightBudget;
	/** Always by default. */
	readonly permit?: () => WorkPermit;
	readonly shortOfMemory?: () => ShortOfMemory | null;
	/** Why the model can't be had for work this time; null: it can. Called each time somebody wants to work with it. */
	readonly loadFailure?: () => string | null;
}

/** Prompts that differ, in an order that sorting keeps. */
export function promptsOf(count: number, word = "prompt"): readonly string[] {
	return Array.from({ length: count }, (_, index) => `${word} ${String(index).padStart(4, "0")}`);
}

/** An hour, for windows and clocks. */
export const HOUR_MS = 3_600_000;

/** The usual policy with some changes. */
export function policyOf(changes: Partial<BatchPolicy>): BatchPolicy {
	return { ...defaultBatchOptions.policy, ...changes };
}

/** All lines have their answers and the files are there. */
export function isCompleted({ status }: BatchRecord): boolean {
	return status === "completed";
}

/** Its rehearsal has been played. */
export function isRehearsed({ rehearsed }: BatchRecord): boolean {
	return rehearsed !== null;
}

/** It stands still. */
export function isPaused({ pause }: BatchRecord): boolean {
	return pause !== null;
}

/** A door that lines wait at until it is opened. */
export function gate(): { pass(): Promise<void>; open(): void } {
	const opened = Promise.withResolvers<void>();
	return { pass: () => opened.promise, open: () => opened.resolve() };
}

/** Opens a workshop in a folder of its own. */
export async function openWorkshop(options: WorkshopOptions): Promise<Workshop> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-work-"));
	const starts: string[] = [];
	let skewMs = 0;
	const clock: Clock = {
		nowMs: () => systemClock.nowMs() + skewMs,
		monotonicMs: () => systemClock.monotonicMs() + skewMs,
	};
	const models = createModels({
		modelsDir: join(folder, "models"),
		demoModelPath: DEMO_MODEL_PATH,
		modelDigestsPath: join(folder, "digests.json"),
		names: () => ({ default: null, map: {} }),
		log: silentLog,
	});

	async function begin() {
		const opened = await openLedger({ dataDir: join(folder, "data"), clock, log: silentLog });
		if (!opened.ok) throw new Error(opened.error.message);
		const ledger = opened.value;
		const residency = stubResidency(options, starts);
		const jobs = createJobs({
			ledger,
			residency,
			models,
			power: steadyPower,
			nightBudget: options.nightBudget ?? (() => ({ nightTokens: null, nightMinutes: null })),
			permit: options.permit ?? (() => alwaysPermitted),
			sharing: unshared(ledger),
			clock,
			log: silentLog,
			machine: () => "test",
		});
		jobs.start();
		return { ledger, residency, jobs };
	}

	async function stop(): Promise<void> {
		await open.jobs.stop();
		await open.ledger.close();
	}

	let open = await begin();
	return {
		get ledger() {
			return open.ledger;
		},
		get jobs() {
			return open.jobs;
		},
		get residency() {
			return open.residency;
		},
		starts,
		pass(ms) {
			skewMs += ms;
		},
		async restart() {
			await stop();
			open = await begin();
		},
		submit: (prompts, changes = {}) => submit(open, prompts, changes),
		async until(batchId, isSo) {
			for (;;) {
				const batch = open.ledger.batch(batchId);
				if (batch && isSo(batch)) return batch;
				await setTimeout(5);
			}
		},
		async lines(batchId) {
			const found: FinishedLine[] = [];
			for await (const line of open.ledger.finishedLines(batchId)) found.push(line);
			return found;
		},
		async end() {
			await stop();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

async function submit(
	{ ledger, jobs }: { readonly ledger: Ledger; readonly jobs: Jobs },
	prompts: readonly string[],
	changes: Partial<BatchManifest>,
): Promise<string> {
	const text = prompts.map((prompt, index) => {
		const body = { model: "demo", prompt, max_tokens: 1_000, temperature: 0 };
		return JSON.stringify({ custom_id: `line-${index}`, method: "POST", url: "/v1/completions", body });
	});
	const stored = await ledger.storeBytes(bytesOf(text.join("\n")), 1 << 24);
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

/** A machine that draws the same at all times. */
export const steadyPower: PowerMeter = {
	reading: { watts: 100, isMeasured: true, basis: "a stand-in" },
	count: () => ({ take: () => ({ wattHours: 1, isMeasured: true }), end() {} }),
	stop() {},
};

/** One model, always there but while batch work is suspended. */
function stubResidency(options: WorkshopOptions, starts: string[]): Residency {
	const { engine, lanes = 4, loadFailure, shortOfMemory } = options;
	const loaded: LoadedModel = {
		source: { path: DEMO_MODEL_PATH, name: "demo" },
		architecture: "llama",
		sizeBytes: 1,
		lanes,
		contextTokens: 4_096,
		interactiveLanes: 0,
		interactiveContextTokens: 0,
		trainedContextTokens: 4_096,
		gpu: "none",
		gpuLayers: 0,
		totalLayers: 1,
		threads: 1,
		vocabularySize: 10,
		templateOverheadTokens: 10,
		engineVersion: "stub",
		notes: [],
	};
	const resident: ResidentModel = {
		source: loaded.source,
		state: { kind: "ready", model: loaded },
		processId: null,
		isLeaving: false,
		batchUsers: 1,
		interactiveUsers: 0,
	};
	let leaving = new AbortController();
	let resumed = Promise.withResolvers<void>();
	let isSuspended = false;
	resumed.resolve();
	const hold = (): HeldModel => ({
		engine: stubEngine(engine, starts, loaded),
		loaded,
		leaving: leaving.signal,
		release() {},
	});
	const unused = () => Promise.reject(new Error("No live request comes by."));
	return {
		async acquire(_source, _use, signal) {
			const givenUp = new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
			await Promise.race([resumed.promise, givenUp]);
			if (signal?.aborted) return err({ kind: "aborted" });
			const message = loadFailure?.() ?? null;
			return message === null ? ok(hold()) : err({ kind: "not-found", message });
		},
		tryAcquire: () => (isSuspended ? null : Promise.resolve(ok(hold()))),
		isFree: () => !isSuspended,
		models: [resident],
		freezing: { isFrozen: false, frozenMs: 0, lastThawMs: null },
		closeGates: unused,
		openGates: unused,
		async suspend() {
			isSuspended = true;
			resumed = Promise.withResolvers();
			leaving.abort();
			return { processes: 1, lanes, lostTokens: 0, staying: 0 };
		},
		resume() {
			isSuspended = false;
			leaving = new AbortController();
			resumed.resolve();
		},
		get isSuspended() {
			return isSuspended;
		},
		renew() {},
		setBatchShare() {},
		get shortOfMemory() {
			return shortOfMemory?.() ?? null;
		},
		stop: async () => {},
	};
}

function stubEngine(answer: StubEngine, starts: string[], loaded: LoadedModel): Engine {
	return {
		state: { kind: "ready", model: loaded },
		processId: null,
		load: async () => ok(loaded),
		async run(request, { signal, onStart }) {
			if (signal?.aborted) return err({ kind: "aborted" });
			const prompt = textOf(request);
			starts.push(prompt);
			onStart?.({ promptTokens: 10, cachedTokens: 0 });
			const aborted = Promise.withResolvers<EngineFailure>();
			signal?.addEventListener("abort", () => aborted.resolve({ kind: "aborted" }), { once: true });
			if (request.kind === "embed") throw new Error("No test asks for vectors.");
			const given = await Promise.race([aborted.promise, answer(prompt, request)]);
			if ("kind" in given) return err(given);
			const finishReason = given.finishReason ?? "stop";
			const text = `answer to ${prompt}`;
			return ok({
				kind: "generate",
				choices: [{ text, reasoning: null, toolCalls: [], finishReason, stopText: null, logprobs: null }],
				promptTokens: 10,
				cachedTokens: 0,
				completionTokens: given.tokens,
				reasoningTokens: 0,
				timings: { queuedMs: 0, prefillMs: 0, decodeMs: 0 },
			});
		},
		countPromptTokens: async (requests) => ok(requests.map(() => ok(10))),
		closeGate: () => Promise.reject(new Error("It has no gate.")),
		openGate: () => Promise.reject(new Error("It has no gate.")),
		setBatchShare() {},
		batchInLanes: 0,
		counters: () => Promise.reject(new Error("It counts nothing.")),
		stop: async () => {},
	};
}

function textOf(request: EngineRequest): string {
	if (request.kind !== "generate" || request.prompt.kind !== "text") throw new Error("Tests here send plain prompts.");
	return request.prompt.text;
}
