/**
 * A loaded model at work: requests in; the loops, the shared tasks and the embedder behind it; words about each request out.
 * Owns how a request is cancelled. Must never decide how tokens are made.
 */
import { type Clock, err, ok, type Result } from "../../base/base.ts";
import type { EngineCounters, EngineFailure, FreezeReport, RunStart, ThawReport } from "../engine.ts";
import type { EmbedRequest, EngineRequest, EngineResult, GenerateRequest } from "../request.ts";
import { createEmbedder } from "./embedding.ts";
import { createGate, type Gate } from "./gate.ts";
import { createGrammarFactory } from "./grammar.ts";
import { createLaneGroups, type LaneGroup } from "./lane-groups.ts";
import type { Loaded } from "./load.ts";
import type { FillTokens } from "./prompt.ts";
import { type FromProcess, NOTHING_LOST, type ToProcess } from "./protocol.ts";
import { createSharedTasks } from "./shared-tasks.ts";
import { createTally } from "./tally.ts";
import { checkRequest, type TaskDeps } from "./task.ts";
import type { Priority } from "./turns.ts";

/** What serving needs. */
export interface ServingDeps {
	readonly clock: Clock;
	readonly send: (message: FromProcess) => void;
	/** Called when the native side failed in a way that leaves it in an unknown state. */
	readonly onFault: (error: unknown) => void;
}

/** A model at work. */
export interface Serving {
	/** Runs one request or sees it into the loop; what becomes of it is sent. */
	run(message: Extract<ToProcess, { kind: "run" }>): Promise<void>;
	/** Ends a request; one that is not there is passed over. */
	abort(id: number): void;
	/** Tokens of the prompt as it would be run, or why it can't be. */
	count(request: EngineRequest): Promise<Result<number, EngineFailure>>;
	closeGate(sinceMs: number): Promise<FreezeReport>;
	openGate(): ThawReport;
	/** Batch steps take at most this part of the time. */
	setBatchShare(fraction: number): void;
	readonly counters: EngineCounters;
}

type RunMessage = Extract<ToProcess, { kind: "run" }>;

/** Puts a loaded model to work. */
export async function createServing(deps: ServingDeps, loaded: Loaded): Promise<Serving> {
	const { clock } = deps;
	const tally = createTally();
	const gate = createGate(clock);
	const groups = await createLaneGroups({ ...deps, gate, tally }, loaded);
	const embedder = createEmbedder({ ...loaded, clock, gate, threads: loaded.description.threads });
	const task = taskDepsOf(loaded, clock);
	const tasks = createSharedTasks({
		add: (strand) => groups[strand.priority]?.loop.add(strand),
		task,
		onResult: tally.addResult,
	});
	const cancels = new Map<number, () => void>();

	const sendStarted = (id: number, start: RunStart): void => deps.send({ kind: "started", id, start });
	const finish = (id: number, result: Result<EngineResult, EngineFailure>): void => {
		cancels.delete(id);
		deps.send({ kind: "finished", id, result });
	};
	const embed = async ({ id, priority }: RunMessage, request: EmbedRequest): Promise<void> => {
		const controller = new AbortController();
		cancels.set(id, () => controller.abort());
		const { signal } = controller;
		finish(id, await embedder.embed(request, { priority, signal, onStart: (start) => sendStarted(id, start) }));
	};
	const generate = async ({ id, priority, deltas }: RunMessage, request: GenerateRequest): Promise<void> => {
		const group = groups[priority];
		if (group === null) return finish(id, err(noLanes(priority)));
		let cancelled = false;
		cancels.set(id, () => {
			cancelled = true;
		});
		const checked = await checkRequest(task, request, group.contextTokens);
		if (!checked.ok) return finish(id, checked);
		if (cancelled) return finish(id, err({ kind: "aborted" }));
		const leave = tasks.join(checked.value, {
			priority,
			onStart: (start) => sendStarted(id, start),
			onDelta: deltas ? (delta) => deps.send({ kind: "delta", id, delta }) : null,
			onEnd: (result) => finish(id, result),
		});
		cancels.set(id, () => {
			leave();
			finish(id, err({ kind: "aborted" }));
			group.loop.wake();
		});
	};

	return {
		run: (message) =>
			message.request.kind === "embed" ? embed(message, message.request) : generate(message, message.request),
		abort: (id) => cancels.get(id)?.(),
		async count(request) {
			if (request.kind === "embed") return embedder.count(request);
			const group = groups.batch ?? groups.interactive;
			if (group === null) return err(noLanes("batch"));
			const checked = await checkRequest(task, request, group.contextTokens);
			return checked.ok ? ok(checked.value.prompt.tokens.length) : checked;
		},
		...gateOf(clock, gate, groups.batch),
		setBatchShare: gate.setBatchShare,
		get counters() {
			const held = groups.batch?.standstill.look() ?? { frozenLanes: 0, frozenTokens: 0 };
			const loops = [groups.batch, groups.interactive].flatMap((group) => (group === null ? [] : [group.loop]));
			return {
				...tally.counters,
				busyLanes: loops.reduce((sum, loop) => sum + loop.busyLanes, 0),
				waitingRequests: loops.reduce((sum, loop) => sum + loop.waiting, 0),
				batchLanes: held.frozenLanes,
				batchLaneTokens: held.frozenTokens,
			};
		},
	};
}

/** The gate with the lanes behind it. */
function gateOf(clock: Clock, gate: Gate, batch: LaneGroup | null): Pick<Serving, "closeGate" | "openGate"> {
	return {
		async closeGate(sinceMs) {
			batch?.pace.noteVisit(clock.monotonicMs());
			const steps = await gate.close(sinceMs);
			// Opened again meanwhile: nothing stands still.
			const lanes = gate.isOpen ? undefined : batch?.standstill.freeze();
			return { ...steps, ...(lanes ?? { frozenLanes: 0, frozenTokens: 0 }) };
		},
		openGate() {
			batch?.pace.noteVisit(clock.monotonicMs());
			const report = batch?.standstill.thaw() ?? NOTHING_LOST;
			gate.open();
			return report;
		},
	};
}

function noLanes(priority: Priority): EngineFailure {
	const kind = priority === "batch" ? "batch work" : "live requests";
	return { kind: "not-loaded", message: `The model was loaded without lanes for ${kind}: load it with some.` };
}

function taskDepsOf(loaded: Loaded, clock: Clock): TaskDeps {
	return {
		model: loaded.model,
		grammars: createGrammarFactory(loaded.model),
		vocabulary: loaded.vocabulary,
		template: loaded.template,
		fill: fillTokensOf(loaded),
		clock,
	};
}

function fillTokensOf({ model }: Loaded): FillTokens | null {
	const { prefix, middle, suffix } = model.tokens.infill;
	return prefix === null || middle === null || suffix === null ? null : { prefix, middle, suffix };
}
