/**
 * A loaded model at work: requests in; the loop, the shared tasks and the embedder behind it; words about each request out.
 * Owns how a request is cancelled. Must never decide how tokens are made.
 */
import { type Clock, err, ok, type Result } from "../../base/base.ts";
import type { EngineCounters, EngineFailure } from "../engine.ts";
import type { EngineRequest, EngineResult } from "../request.ts";
import { createEmbedder } from "./embedding.ts";
import { createGrammarFactory } from "./grammar.ts";
import type { Loaded } from "./load.ts";
import { createLoop, type Loop } from "./loop.ts";
import { createPace } from "./pace.ts";
import type { FillTokens } from "./prompt.ts";
import type { FromProcess, ToProcess } from "./protocol.ts";
import { createSharedTasks } from "./shared-tasks.ts";
import { createTally, type Tally } from "./tally.ts";
import { checkRequest, type TaskDeps } from "./task.ts";
import { createTransfer } from "./transfer.ts";

/** What serving needs. */
export interface ServingDeps {
	readonly clock: Clock;
	readonly send: (message: FromProcess) => void;
	/** Called when the native side failed in a way that leaves it in an unknown state. */
	readonly onFault: (error: unknown) => void;
}

/** A model at work. */
export interface Serving extends Pick<Loop, "closeGate" | "openGate"> {
	/** Runs one request or sees it into the loop; what becomes of it is sent. */
	run(message: Extract<ToProcess, { kind: "run" }>): Promise<void>;
	/** Ends a request; one that is not there is passed over. */
	abort(id: number): void;
	/** Tokens of the prompt as it would be run, or why it can't be. */
	count(request: EngineRequest): Promise<Result<number, EngineFailure>>;
	readonly counters: EngineCounters;
}

/** Rows that llama.cpp's CPU kernels multiply at a time; measured: 13 rows cost a quarter more than 16. */
const CPU_ROW_ALIGNMENT = 4;

/** Puts a loaded model to work. */
export async function createServing(deps: ServingDeps, loaded: Loaded): Promise<Serving> {
	const { model, vocabulary, description } = loaded;
	const tally = createTally();
	const loop = await startLoop(deps, loaded, tally);
	const embedder = createEmbedder({ model, vocabulary, clock: deps.clock, threads: description.threads });
	const task = taskDepsOf(loaded, deps.clock);
	const tasks = createSharedTasks({ loop, task, onResult: tally.addResult });
	const cancels = new Map<number, () => void>();

	const sendStarted = (id: number): void => deps.send({ kind: "started", id });
	const finish = (id: number, result: Result<EngineResult, EngineFailure>): void => {
		cancels.delete(id);
		deps.send({ kind: "finished", id, result });
	};

	return {
		async run({ id, request, priority, deltas }) {
			let cancelled = false;
			cancels.set(id, () => {
				cancelled = true;
			});
			if (request.kind === "embed") {
				const listener = { isCancelled: () => cancelled, onStart: () => sendStarted(id) };
				return finish(id, await embedder.embed(request, listener));
			}
			const checked = await checkRequest(task, request);
			if (!checked.ok) return finish(id, checked);
			if (cancelled) return finish(id, err({ kind: "aborted" }));
			const leave = tasks.join(checked.value, {
				priority,
				onStart: () => sendStarted(id),
				onDelta: deltas ? (delta) => deps.send({ kind: "delta", id, delta }) : null,
				onEnd: (result) => finish(id, result),
			});
			cancels.set(id, () => {
				leave();
				finish(id, err({ kind: "aborted" }));
			});
		},
		abort(id) {
			cancels.get(id)?.();
			loop.wake();
		},
		async count(request) {
			if (request.kind === "embed") return embedder.count(request);
			const checked = await checkRequest(task, request);
			return checked.ok ? ok(checked.value.prompt.tokens.length) : checked;
		},
		closeGate: loop.closeGate,
		openGate: loop.openGate,
		get counters() {
			return { ...tally.counters, busyLanes: loop.busyLanes, waitingRequests: loop.waiting };
		},
	};
}

async function startLoop(deps: ServingDeps, loaded: Loaded, tally: Tally): Promise<Loop> {
	const pace = createPace(loaded.batchTokens);
	return createLoop({
		lanes: loaded.lanes,
		pace,
		rowAlignment: loaded.description.gpuLayers > 0 ? 1 : CPU_ROW_ALIGNMENT,
		onStep: tally.addStep,
		onFault: deps.onFault,
		transfer: await createTransfer(deps.clock, pace, loaded.canCopyLanes),
		clock: deps.clock,
	});
}

function taskDepsOf(loaded: Loaded, clock: Clock): TaskDeps {
	return {
		model: loaded.model,
		grammars: createGrammarFactory(loaded.model),
		vocabulary: loaded.vocabulary,
		template: loaded.template,
		contextTokens: loaded.description.contextTokens,
		fill: fillTokensOf(loaded),
		clock,
	};
}

function fillTokensOf({ model }: Loaded): FillTokens | null {
	const { prefix, middle, suffix } = model.tokens.infill;
	return prefix === null || middle === null || suffix === null ? null : { prefix, middle, suffix };
}
