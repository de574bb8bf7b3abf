/**
 * An engine of a set speed for benches of everything around it: so many lanes, each of which takes a set time for a line and no
 * processor. A lane that has a line waiting begins it at the very moment the one before ended, however late this process hears of
 * it, as an engine in a process of its own does. So what is missing from the set speed is lanes that had nothing to do.
 */
import { err, ok } from "../../native/base/base.ts";
import type { Engine, EngineFailure, LoadedModel, ModelSource } from "../../native/engine/engine.ts";
import type { EngineResult } from "../../native/engine/request.ts";
import type { HeldModel, Residency, ResidentModel } from "../../native/engine/residency.ts";

/** How fast, and what it answers. */
export interface Pace {
	readonly lanes: number;
	readonly lineMs: number;
	/** Length of each answer. */
	readonly answerCharacters: number;
}

/** What it did so far. */
export interface PacedFigures {
	/** Lines run to their end. */
	readonly lines: number;
	/** Wall clock; null: none yet. */
	readonly firstBeganMs: number | null;
	readonly lastEndedMs: number | null;
}

/** An engine that is always there, and what it did. */
export interface PacedEngine {
	readonly residency: Residency;
	figures(): PacedFigures;
}

const ANSWER_TOKENS_PER_CHARACTER = 0.25;
const PROMPT_TOKENS = 60;

interface Waiting {
	readonly arrivedMs: number;
	begin(atMs: number): void;
}

/** Lanes and what they did. */
interface Lanes {
	run(signal: AbortSignal | undefined, onStart: () => void): Promise<"ended" | "aborted">;
	figures(): PacedFigures;
}

/** Run `lanes / lineMs` lines a millisecond, no more. */
function createLanes(pace: Pace): Lanes {
	/** When each lane that has nothing to do fell free. */
	const free: number[] = Array.from({ length: pace.lanes }, () => 0);
	const queue: Waiting[] = [];
	let lines = 0;
	let firstBeganMs: number | null = null;
	let lastEndedMs: number | null = null;

	function assign(): void {
		while (free.length > 0) {
			const next = queue.shift();
			if (next === undefined) return;
			next.begin(Math.max(free.shift() ?? 0, next.arrivedMs));
		}
	}

	function runFrom(atMs: number, signal: AbortSignal | undefined, onEnd: (how: "ended" | "aborted") => void): void {
		firstBeganMs ??= atMs;
		const endsMs = atMs + pace.lineMs;
		const end = (how: "ended" | "aborted"): void => {
			clearTimeout(timer);
			signal?.removeEventListener("abort", cut);
			if (how === "ended") {
				lines += 1;
				lastEndedMs = Math.max(lastEndedMs ?? 0, endsMs);
			}
			free.push(how === "ended" ? endsMs : Date.now());
			onEnd(how);
			// The next line may be handed over by whoever waits for this one.
			setImmediate(assign);
		};
		const cut = (): void => end("aborted");
		const timer = setTimeout(() => end("ended"), Math.max(0, endsMs - Date.now()));
		signal?.addEventListener("abort", cut);
	}

	return {
		run: (signal, onStart) =>
			new Promise((resolve) => {
				const giveUp = (): void => {
					queue.splice(queue.indexOf(waiting), 1);
					resolve("aborted");
				};
				const waiting: Waiting = {
					arrivedMs: Date.now(),
					begin(atMs) {
						signal?.removeEventListener("abort", giveUp);
						onStart();
						runFrom(atMs, signal, resolve);
					},
				};
				signal?.addEventListener("abort", giveUp);
				queue.push(waiting);
				assign();
			}),
		figures: () => ({ lines, firstBeganMs, lastEndedMs }),
	};
}

/** An engine for one model that is there from the start. */
export function createPacedEngine(source: ModelSource, pace: Pace): PacedEngine {
	const answer = "All systems of the customer work again, and the ticket can be closed. ".repeat(
		Math.ceil(pace.answerCharacters / 70),
	);
	const loaded = loadedModel(source, pace);
	const lanes = createLanes(pace);

	function result(): EngineResult {
		const text = `${lanes.figures().lines} ${answer}`.slice(0, pace.answerCharacters);
		return {
			kind: "generate",
			choices: [{ text, reasoning: null, toolCalls: [], finishReason: "stop", stopText: null, logprobs: null }],
			promptTokens: PROMPT_TOKENS,
			cachedTokens: 0,
			completionTokens: Math.round(pace.answerCharacters * ANSWER_TOKENS_PER_CHARACTER),
			reasoningTokens: 0,
			timings: { queuedMs: 0, prefillMs: 0, decodeMs: pace.lineMs },
		};
	}

	const engine: Engine = {
		state: { kind: "ready", model: loaded },
		processId: null,
		load: async () => ok(loaded),
		async run(_, { signal, onStart }) {
			if (signal?.aborted) return err<EngineFailure>({ kind: "aborted" });
			const how = await lanes.run(signal, () => onStart?.({ promptTokens: PROMPT_TOKENS, cachedTokens: 0 }));
			return how === "ended" ? ok(result()) : err<EngineFailure>({ kind: "aborted" });
		},
		countPromptTokens: async (requests) => ok(requests.map(() => ok(PROMPT_TOKENS))),
		closeGate: () => Promise.reject(new Error("It has no gate.")),
		openGate: () => Promise.reject(new Error("It has no gate.")),
		setBatchShare() {},
		batchInLanes: 0,
		counters: () => Promise.reject(new Error("It counts nothing.")),
		stop: async () => {},
	};
	return { residency: alwaysThere(engine, loaded), figures: lanes.figures };
}

function loadedModel(source: ModelSource, { lanes }: Pace): LoadedModel {
	return {
		source,
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
		engineVersion: "paced",
		notes: [],
	};
}

/** One model that nobody else wants. */
function alwaysThere(engine: Engine, loaded: LoadedModel): Residency {
	const held: HeldModel = { engine, loaded, leaving: new AbortController().signal, release() {} };
	const resident: ResidentModel = {
		source: loaded.source,
		state: { kind: "ready", model: loaded },
		processId: null,
		isLeaving: false,
		batchUsers: 1,
		interactiveUsers: 0,
	};
	const unused = () => Promise.reject(new Error("Nobody asks for live work."));
	return {
		acquire: async () => ok(held),
		tryAcquire: async () => ok(held),
		isFree: () => true,
		models: [resident],
		freezing: { isFrozen: false, frozenMs: 0, lastThawMs: null },
		closeGates: unused,
		openGates: unused,
		suspend: unused,
		resume() {},
		isSuspended: false,
		renew() {},
		setBatchShare() {},
		shortOfMemory: null,
		stop: async () => {},
	};
}
