/**
 * The inference process's switchboard: messages in, the loop and the tasks behind it, messages out. Owns who waits for
 * what. Must never decide how tokens are made.
 */
import { assertNever, type Clock, err, ok, type Result } from "../../base/base.ts";
import type { EngineFailure } from "../engine.ts";
import type { EngineRequest, EngineResult, GenerateResult } from "../request.ts";
import { createEmbedder, type Embedder } from "./embedding.ts";
import { createGrammarFactory } from "./grammar.ts";
import { type Loaded, loadModel } from "./load.ts";
import { createLoop, type Loop } from "./loop.ts";
import { createPace } from "./pace.ts";
import type { FillTokens } from "./prompt.ts";
import type { FromProcess, ToProcess } from "./protocol.ts";
import { createSharing, type SharedRun, shareKey } from "./share.ts";
import { type CheckedRequest, checkRequest, createTask, type Task, type TaskDeps } from "./task.ts";
import { createTransfer } from "./transfer.ts";

/** What the host needs. */
export interface HostDeps {
	readonly clock: Clock;
	readonly send: (message: FromProcess) => void;
	/** Called when the native side failed in a way that leaves it in an unknown state. */
	readonly onFault: (error: unknown) => void;
}

/** The switchboard. */
export interface Host {
	receive(message: ToProcess): void;
}

interface Running {
	readonly loop: Loop;
	readonly task: TaskDeps;
	readonly embedder: Embedder;
}

/** Makes the switchboard of one process, which loads one model once. */
export function createHost(deps: HostDeps): Host {
	const cancels = new Map<number, () => void>();
	const sharing = createSharing<Result<GenerateResult, EngineFailure>>();
	const tasks = new Map<SharedRun<Result<GenerateResult, EngineFailure>>, Task>();
	const counts = { steps: 0, evaluatedTokens: 0, promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
	let running: Running | null = null;
	let gateOpen = true;

	const load = async (message: Extract<ToProcess, { kind: "load" }>): Promise<void> => {
		const loaded = await loadModel(
			{
				native: message.native,
				onProgress: (fraction) => deps.send({ kind: "progress", fraction }),
				log: (level, text) => deps.send({ kind: "log", level, message: text }),
			},
			message.source,
			message.options,
		);
		if (!loaded.ok) {
			deps.send({ kind: "load-failed", failure: loaded.error });
			return;
		}
		const { model, vocabulary, description } = loaded.value;
		const pace = createPace(loaded.value.batchTokens);
		const loop = createLoop({
			lanes: loaded.value.lanes,
			pace,
			rowAlignment: description.gpuLayers > 0 ? 1 : CPU_ROW_ALIGNMENT,
			onStep(tokens) {
				counts.steps++;
				counts.evaluatedTokens += tokens;
			},
			onFault: deps.onFault,
			transfer: await createTransfer(deps.clock, pace, loaded.value.canCopyLanes),
			clock: deps.clock,
		});
		const embedder = createEmbedder({ model, vocabulary, clock: deps.clock, threads: description.threads });
		running = { loop, task: taskDepsOf(loaded.value, deps.clock), embedder };
		if (!gateOpen) void loop.closeGate();
		deps.send({ kind: "loaded", model: loaded.value.description });
	};

	const finish = (id: number, result: Result<EngineResult, EngineFailure>): void => {
		cancels.delete(id);
		deps.send({ kind: "finished", id, result });
	};

	const run = async (message: Extract<ToProcess, { kind: "run" }>): Promise<void> => {
		const { id, request } = message;
		if (running === null) {
			finish(id, err(NOT_LOADED));
			return;
		}
		let cancelled = false;
		cancels.set(id, () => {
			cancelled = true;
		});
		if (request.kind === "embed") {
			const onStart = (): void => deps.send({ kind: "started", id });
			finish(id, await running.embedder.embed(request, { isCancelled: () => cancelled, onStart }));
			return;
		}
		const checked = await checkRequest(running.task, request);
		if (!checked.ok) finish(id, checked);
		else if (cancelled) finish(id, err({ kind: "aborted" }));
		else startOrJoin(running, message, checked.value);
	};

	const startOrJoin = (
		{ loop, task: taskDeps }: Running,
		message: Extract<ToProcess, { kind: "run" }>,
		checked: CheckedRequest,
	): void => {
		const { id } = message;
		const key = shareKey(checked.request, message.priority, message.deltas);
		const member = {
			onStart: () => deps.send({ kind: "started", id }),
			onEnd: (result: Result<GenerateResult, EngineFailure>) => finish(id, result),
		};
		const shared = sharing.find(key);
		const leader = shared ?? sharing.open(key);
		const leave = leader.join(member);
		const stop = (): void => {
			if (leave()) tasks.get(leader)?.cancel();
			finish(id, err({ kind: "aborted" }));
		};
		cancels.set(id, stop);
		if (shared !== null) return;
		const task = createTask(taskDeps, checked, {
			priority: message.priority,
			onStart: leader.start,
			onDelta: message.deltas ? (delta) => deps.send({ kind: "delta", id, delta }) : null,
			onEnd(result) {
				tasks.delete(leader);
				if (result.ok) {
					counts.promptTokens += result.value.promptTokens;
					counts.cachedTokens += result.value.cachedTokens;
					counts.completionTokens += result.value.completionTokens;
				}
				leader.end(result);
			},
		});
		tasks.set(leader, task);
		for (const strand of task.strands) loop.add(strand);
	};

	const countOne = async (request: EngineRequest): Promise<Result<number, EngineFailure>> => {
		if (running === null) return err(NOT_LOADED);
		if (request.kind === "embed") return running.embedder.count(request);
		const checked = await checkRequest(running.task, request);
		return checked.ok ? ok(checked.value.prompt.tokens.length) : checked;
	};

	const count = async (message: Extract<ToProcess, { kind: "count" }>): Promise<void> => {
		const counted: Result<number, EngineFailure>[] = [];
		for (const request of message.requests) counted.push(await countOne(request));
		deps.send({ kind: "counted", id: message.id, counts: counted });
	};

	return {
		receive(message) {
			switch (message.kind) {
				case "load":
					load(message).catch(deps.onFault);
					return;
				case "run":
					run(message).catch(deps.onFault);
					return;
				case "abort":
					cancels.get(message.id)?.();
					running?.loop.wake();
					return;
				case "count":
					count(message).catch(deps.onFault);
					return;
				case "close-gate": {
					gateOpen = false;
					const closed = running?.loop.closeGate() ?? Promise.resolve();
					closed.then(() => deps.send({ kind: "gate-closed", id: message.id }), deps.onFault);
					return;
				}
				case "open-gate":
					gateOpen = true;
					running?.loop.openGate();
					return;
				case "counters":
					deps.send({
						kind: "counters",
						id: message.id,
						counters: {
							...counts,
							busyLanes: running?.loop.busyLanes ?? 0,
							waitingRequests: running?.loop.waiting ?? 0,
						},
					});
					return;
				default:
					return assertNever(message);
			}
		},
	};
}

/** Rows that llama.cpp's CPU kernels multiply at a time; measured: 13 rows cost a quarter more than 16. */
const CPU_ROW_ALIGNMENT = 4;

const NOT_LOADED: EngineFailure = { kind: "not-loaded", message: "No model is loaded: load one first." };

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
