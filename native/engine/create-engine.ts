/**
 * The service's handle on one inference process: the model that is kept loaded, and the calls that go to it. Owns what the
 * one means for the other, and who waits for a load. Must never look into requests.
 */
import { assertNever, type Clock, err, type Log, ok } from "../base/base.ts";
import { createCalls } from "./calls.ts";
import { type ForkProcess, forkProcess } from "./child.ts";
import type { Engine, EngineFailure, EngineState } from "./engine.ts";
import { createKeeper, type Target } from "./keeper.ts";
import { createPendingLoad } from "./pending-load.ts";
import type { NativeOptions } from "./process/protocol.ts";

/** What an engine needs. */
export interface EngineDeps {
	readonly clock: Clock;
	readonly log: Log;
	/** Starts the child; for shells that need another way than a plain fork. */
	readonly fork?: ForkProcess;
	/** "auto" by default. */
	readonly native?: NativeOptions;
}

const NOT_LOADED = notLoaded("No model is loaded: load one first.");

/** An engine without a model; `load` gives it one. */
export function createEngine(deps: EngineDeps): Engine {
	const calls = createCalls(deps.clock);
	const loading = createPendingLoad();
	const keeper = createKeeper({
		clock: deps.clock,
		log: deps.log,
		fork: deps.fork ?? forkProcess,
		native: deps.native ?? { gpu: "auto" },
		onReady(model) {
			calls.attach(keeper.send);
			loading.settle(ok(model));
		},
		onDeath: calls.detach,
		onFailed(failure) {
			calls.endAll(notLoaded(failure.message));
			loading.settle(err(failure));
		},
		onMessage: calls.receive,
	});

	return {
		get state() {
			return keeper.state;
		},
		get processId() {
			return keeper.processId;
		},
		async load(source, options) {
			if (options.lanes === 0 && options.interactiveLanes === 0)
				throw new RangeError("A model without lanes is of no use");
			const { state, target } = keeper;
			const same = target !== null && isSame(target, { source, options });
			if (same && state.kind === "ready") return ok(state.model);
			if (same && loading.outcome !== null) return loading.outcome;
			const kept = keeper.keep({ source, options });
			if (isUp(state)) calls.detach({ cause: "killed", detail: "Another model was loaded." });
			loading.settle(err({ kind: "process-died", message: "Another model was loaded instead." }));
			const outcome = loading.begin();
			await kept;
			return outcome;
		},
		run(request, options) {
			const absence = absenceIn(keeper.state);
			return absence === null ? calls.run(request, options) : Promise.resolve(err(absence));
		},
		countPromptTokens(requests) {
			const absence = absenceIn(keeper.state);
			return absence === null ? calls.count(requests) : Promise.resolve(err(absence));
		},
		closeGate: calls.closeGate,
		openGate: calls.openGate,
		setBatchShare: calls.setBatchShare,
		counters: calls.counters,
		get batchInLanes() {
			return calls.batchInLanes;
		},
		async stop() {
			const ended = keeper.drop();
			calls.endAll({ kind: "aborted" });
			loading.settle(err({ kind: "process-died", message: "The engine was stopped while loading." }));
			await ended;
		},
	};
}

function notLoaded(message: string): EngineFailure {
	return { kind: "not-loaded", message };
}

/** Why nothing can be asked of the model; null: there is one, or will be. */
function absenceIn(state: EngineState): EngineFailure | null {
	switch (state.kind) {
		case "empty":
			return NOT_LOADED;
		case "failed":
			return notLoaded(state.failure.message);
		case "loading":
		case "ready":
		case "restarting":
			return null;
		default:
			return assertNever(state);
	}
}

/** Whether a process may hold requests, or will again. */
function isUp(state: EngineState): boolean {
	return state.kind === "ready" || state.kind === "restarting";
}

function isSame(a: Target, b: Target): boolean {
	return JSON.stringify([a.source, a.options]) === JSON.stringify([b.source, b.options]);
}
