/** A machine that loads nothing: engines that tell what is asked of them, and fail the test where the rules of memory are broken. */
import { vi } from "vitest";
import { err, ok, type Result, silentLog } from "../base/base.ts";
import { createResidency } from "./create-residency.ts";
import type { Engine, EngineState, LoadedModel, LoadFailure, LoadOptions, ModelSource } from "./engine.ts";
import type { SettleFor } from "./fitting.ts";
import { NO_COUNTERS } from "./process/protocol.ts";
import type { HeldModel, ModelUse, Residency } from "./residency.ts";
import { TEST_LOAD } from "./testing.ts";

/** What the machine is like. */
export interface FakeMachineOptions {
	readonly mostModels: number;
	/** Models its memory holds; one more beside them is `out-of-memory`. As many as may be by default. */
	readonly room?: number;
	/** Loads wait for `finishLoads`. */
	readonly isSlow?: boolean;
	/** Models that are out of memory when loaded with more batch lanes than this; as many as may be by default. */
	readonly lanesFitting?: () => number;
	readonly settleFor?: SettleFor;
	/** How often the process dies before it loads anything. */
	readonly deaths?: number;
	readonly load?: Partial<LoadOptions>;
	/** Processes never tell what they do, nor do their gates close. */
	readonly isDeaf?: boolean;
	/** What counting tokens waits for; every prompt has one. */
	readonly beforeCount?: () => Promise<void>;
}

/** The machine and what happened on it. */
export interface FakeMachine {
	readonly residency: Residency;
	/** In order: `load a`, `load b beside`, `load b beside, live only`, `stop a`. */
	readonly events: string[];
	/** Tokens batch lanes of each model hold. */
	readonly frozenTokens: Map<string, number>;
	/** Moves the clock; timers are the test's own business. */
	pass(ms: number): void;
	finishLoads(): void;
	/** The engine of a model gives up for good. */
	breakDown(name: string): void;
	/** The process of a model died, and there is too little memory to start it again. */
	lackMemory(name: string): void;
	/** Gates of the models in memory, by name. */
	gates(): Readonly<Record<string, "open" | "closed">>;
	/** Part of the time batch steps take, by name. */
	shares(): Readonly<Record<string, number>>;
}

interface FakeEngine extends Engine {
	state: EngineState;
	gate: "open" | "closed";
	batchShare: number;
	processId: number | null;
}

const UNUSED: Pick<FakeEngine, "state" | "gate" | "batchShare" | "processId"> = {
	state: { kind: "empty" },
	gate: "open",
	batchShare: 1,
	processId: null,
};

const KILLED: LoadFailure = { kind: "process-died", message: "killed" };
const GONE: LoadFailure = { kind: "not-found", message: "The file is gone." };

const LACK = { message: "too big", nextTryMs: 2_000 };

/** A quiet time easy to reckon with. */
export const KEEP_MS = 1_000;

/** Builds the machine. Models named `broken` can't be loaded. */
export function createFakeMachine(options: FakeMachineOptions): FakeMachine {
	const events: string[] = [];
	const frozenTokens = new Map<string, number>();
	const engines = new Map<FakeEngine, string>();
	let holdLoad = Promise.withResolvers<void>();
	let deathsLeft = options.deaths ?? 0;
	let nowMs = 0;

	function become(name: string, state: EngineState): void {
		for (const [engine, loaded] of engines) if (loaded === name) engine.state = state;
	}
	function createEngine(): Engine {
		let endLoad = (): void => {};
		const engine: FakeEngine = {
			...UNUSED,
			async load(source, load) {
				if ([...engines.keys()].some(({ state }) => state.kind === "loading")) throw new Error("two loads at a time");
				events.push(describeLoad(source, load));
				engines.set(engine, source.name);
				Object.assign(engine, { processId: 1, state: { kind: "loading", source, progress: 0 } });
				const stopped = new Promise<"stopped">((resolve) => {
					endLoad = () => resolve("stopped");
				});
				const ended = await Promise.race([stopped, options.isSlow ? holdLoad.promise : Promise.resolve()]);
				if (ended === "stopped") return err({ kind: "process-died", message: "stopped while loading" });
				const outcome = deathsLeft-- > 0 ? err(KILLED) : outcomeOf(source, load, engines.size, options);
				engine.state = outcome.ok
					? { kind: "ready", model: outcome.value }
					: { kind: "failed", failure: outcome.error };
				return outcome;
			},
			run: (_request, { signal }) => runUntil(signal),
			async countPromptTokens(requests) {
				await options.beforeCount?.();
				return ok(requests.map(() => ok(1)));
			},
			async closeGate() {
				engine.gate = "closed";
				const tokens = frozenTokens.get(engines.get(engine) ?? "") ?? 0;
				if (options.isDeaf) return new Promise(() => {});
				return { batchSteps: 1, batchTokens: 2, lastStepMs: tokens, frozenLanes: 1, frozenTokens: tokens };
			},
			async openGate() {
				engine.gate = "open";
				return { recomputedTokens: 0 };
			},
			batchInLanes: 0,
			async counters() {
				const batchLaneTokens = frozenTokens.get(engines.get(engine) ?? "") ?? 0;
				return options.isDeaf ? new Promise(() => {}) : { ...NO_COUNTERS, batchLanes: 1, batchLaneTokens };
			},
			setBatchShare: (fraction) => void Object.assign(engine, { batchShare: fraction }),
			async stop() {
				endLoad();
				// Memory comes free some time later.
				await Promise.resolve();
				if (engines.has(engine)) events.push(`stop ${engines.get(engine)}`);
				engines.delete(engine);
				Object.assign(engine, UNUSED);
			},
		};
		return engine;
	}

	return {
		residency: createResidency({
			createEngine,
			load: { ...TEST_LOAD, ...options.load },
			mostModels: options.mostModels,
			settleFor: () => options.settleFor ?? "wait",
			clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
			log: silentLog,
			liveKeepMs: KEEP_MS,
		}),
		events,
		frozenTokens,
		pass(ms) {
			nowMs += ms;
		},
		finishLoads() {
			holdLoad.resolve();
			holdLoad = Promise.withResolvers();
		},
		breakDown: (name) => become(name, { kind: "failed", failure: GONE }),
		lackMemory: (name) => become(name, { kind: "restarting", source: sourceOf(name), attempt: 3, outOfMemory: LACK }),
		shares: () => byName(engines, ({ batchShare }) => batchShare),
		gates: () => byName(engines, ({ gate }) => gate),
	};
}

function describeLoad({ name }: ModelSource, { beside, lanes }: LoadOptions): string {
	return `load ${name}${beside ? " beside" : ""}${lanes === 0 ? ", live only" : ""}`;
}

function byName<T>(engines: ReadonlyMap<FakeEngine, string>, pick: (engine: FakeEngine) => T) {
	return Object.fromEntries([...engines].map(([engine, name]) => [name, pick(engine)]));
}

/** A model by its name. */
export function sourceOf(name: string): ModelSource {
	return { path: `/models/${name}.gguf`, name };
}

/** What came of an acquire, to be looked at without waiting. */
export interface Asked {
	readonly held: HeldModel | null;
	/** Why it was not had; null: it waits or was had. */
	readonly failure: string | null;
	readonly ended: Promise<void>;
}

/** Asks for a model and lets the test look at what came of it so far. */
export function ask(residency: Residency, name: string, use: ModelUse, signal?: AbortSignal): Asked {
	const asked = { held: null as HeldModel | null, failure: null as string | null };
	const ended = residency.acquire(sourceOf(name), use, signal).then((outcome) => {
		if (outcome.ok) asked.held = outcome.value;
		else asked.failure = outcome.error.kind;
	});
	return Object.assign(asked, { ended });
}

/** Asks for a model that is to be had at once. */
export async function hold(machine: FakeMachine, name: string, use: ModelUse): Promise<HeldModel> {
	const asked = ask(machine.residency, name, use);
	await quiet();
	if (asked.held === null) throw new Error(`${name} could not be had: ${asked.failure ?? "it is waited for"}`);
	return asked.held;
}

/** Lets time pass, for the machine and for faked timers. */
export async function pass(machine: FakeMachine, ms: number): Promise<void> {
	machine.pass(ms);
	vi.advanceTimersByTime(ms);
	await quiet();
}

/** Resolves when everything that can happen by itself has happened. */
export function quiet(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}

/** Throws where the model should not have been loaded at all; `inMemory` counts it too. */
function outcomeOf(
	source: ModelSource,
	load: LoadOptions,
	inMemory: number,
	{ mostModels, room = mostModels, lanesFitting }: FakeMachineOptions,
): Result<LoadedModel, LoadFailure> {
	if (inMemory > 1 && !load.beside) throw new Error(`${source.name} is loaded as if alone while others are in memory`);
	if (inMemory > mostModels) throw new Error("more models in memory than may be");
	if (source.name === "broken") return err({ kind: "not-a-model", message: "broken" });
	const isTooWide = (load.lanes ?? 1) > (lanesFitting?.() ?? Number.POSITIVE_INFINITY);
	return inMemory > room || isTooWide
		? err({ kind: "out-of-memory", message: "too big" })
		: ok(fakeModel(source, load));
}

/** A run that only its signal ends. */
function runUntil(signal: AbortSignal | undefined): ReturnType<Engine["run"]> {
	return new Promise((resolve) => {
		signal?.addEventListener("abort", () => resolve(err({ kind: "aborted" })), { once: true });
	});
}

function fakeModel(source: ModelSource, { lanes, interactiveLanes }: LoadOptions): LoadedModel {
	return {
		source,
		architecture: "llama",
		sizeBytes: 1,
		lanes: lanes ?? 1,
		contextTokens: 1_024,
		interactiveLanes,
		interactiveContextTokens: 1_024,
		trainedContextTokens: 1_024,
		gpu: "none",
		gpuLayers: 0,
		totalLayers: 1,
		threads: 1,
		vocabularySize: 10,
		templateOverheadTokens: 10,
		engineVersion: "test",
		notes: [],
	};
}
