/** A machine that loads nothing: engines that tell what is asked of them, and fail the test where the rules of memory are broken. */
import { err, ok, type Result, silentLog } from "../base/base.ts";
import { createResidency } from "./create-residency.ts";
import type { Engine, EngineState, LoadedModel, LoadFailure, LoadOptions, ModelSource } from "./engine.ts";
import type { HeldModel, ModelUse, Residency } from "./residency.ts";
import { TEST_LOAD } from "./testing.ts";

/** What the machine is like. */
export interface FakeMachineOptions {
	readonly mostModels: number;
	/** Models its memory holds; one more beside them is `out-of-memory`. As many as may be by default. */
	readonly room?: number;
	/** Loads wait for `finishLoads`. */
	readonly isSlow?: boolean;
	/** How often the process dies before it loads anything. */
	readonly deaths?: number;
	readonly load?: Partial<LoadOptions>;
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
	/** Gates of the models in memory, by name. */
	gates(): Readonly<Record<string, "open" | "closed">>;
}

interface FakeEngine extends Engine {
	state: EngineState;
	gate: "open" | "closed";
}

const KILLED: LoadFailure = { kind: "process-died", message: "killed" };
const GONE: LoadFailure = { kind: "not-found", message: "The file is gone." };

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

	function createEngine(): Engine {
		let endLoad = (): void => {};
		const engine: FakeEngine = {
			state: { kind: "empty" },
			processId: null,
			gate: "open",
			async load(source, load) {
				if ([...engines.keys()].some(({ state }) => state.kind === "loading")) throw new Error("two loads at a time");
				const how = `${load.beside ? " beside" : ""}${load.lanes === 0 ? ", live only" : ""}`;
				events.push(`load ${source.name}${how}`);
				engines.set(engine, source.name);
				engine.state = { kind: "loading", source, progress: 0 };
				const stopped = new Promise<"stopped">((resolve) => {
					endLoad = () => resolve("stopped");
				});
				const ended = await Promise.race([stopped, options.isSlow ? holdLoad.promise : Promise.resolve()]);
				if (ended === "stopped") return err({ kind: "process-died", message: "stopped while loading" });
				const isDead = deathsLeft-- > 0;
				const outcome = isDead ? err(KILLED) : outcomeOf(source, load, engines.size, options);
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
				return { batchSteps: 1, batchTokens: 2, lastStepMs: tokens, frozenLanes: 1, frozenTokens: tokens };
			},
			async openGate() {
				engine.gate = "open";
				return { recomputedTokens: 0 };
			},
			counters: () => Promise.reject(new Error("This engine counts nothing.")),
			async stop() {
				endLoad();
				// Memory comes free some time later.
				await Promise.resolve();
				if (engines.has(engine)) events.push(`stop ${engines.get(engine)}`);
				engines.delete(engine);
				engine.state = { kind: "empty" };
			},
		};
		return engine;
	}

	return {
		residency: createResidency({
			createEngine,
			load: { ...TEST_LOAD, ...options.load },
			mostModels: options.mostModels,
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
		breakDown(name) {
			for (const [engine, loaded] of engines) if (loaded === name) engine.state = { kind: "failed", failure: GONE };
		},
		gates: () => Object.fromEntries([...engines].map(([engine, name]) => [name, engine.gate])),
	};
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

/** Resolves when everything that can happen by itself has happened. */
export function quiet(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}

/** Throws where the model should not have been loaded at all; `inMemory` counts it too. */
function outcomeOf(
	source: ModelSource,
	load: LoadOptions,
	inMemory: number,
	{ mostModels, room = mostModels }: FakeMachineOptions,
): Result<LoadedModel, LoadFailure> {
	if (inMemory > 1 && !load.beside) throw new Error(`${source.name} is loaded as if alone while others are in memory`);
	if (inMemory > mostModels) throw new Error("more models in memory than may be");
	if (source.name === "broken") return err({ kind: "not-a-model", message: "broken" });
	return inMemory > room ? err({ kind: "out-of-memory", message: "too big" }) : ok(fakeModel(source, load));
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
