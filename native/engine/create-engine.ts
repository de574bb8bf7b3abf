/**
 * The service's handle on one inference process. Owns its life: starts it, loads the model, notices its death and starts it
 * again with growing patience. Must never look into requests.
 */
import { type Clock, err, type Log, ok, type Result } from "../base/base.ts";
import { createCalls } from "./calls.ts";
import { type Child, type ChildExit, type ForkProcess, forkProcess, startChild } from "./child.ts";
import type { Engine, EngineState, LoadedModel, LoadFailure, LoadOptions, ModelSource } from "./engine.ts";
import type { FromProcess, NativeOptions } from "./process/protocol.ts";

/** What an engine needs. */
export interface EngineDeps {
	readonly clock: Clock;
	readonly log: Log;
	/** Starts the child; for shells that need another way than a plain fork. */
	readonly fork?: ForkProcess;
	/** "auto" by default. */
	readonly native?: NativeOptions;
}

/** Wait before the second restart; each further one doubles it. The first is immediate: most deaths are one line's doing. */
const FIRST_RESTART_WAIT_MS = 1_000;
/** A machine that can't hold the model right now is asked again this often. */
const LONGEST_RESTART_WAIT_MS = 30_000;

interface Wanted {
	readonly source: ModelSource;
	readonly options: LoadOptions;
}

type LoadOutcome = Result<LoadedModel, LoadFailure>;

/** An engine without a model; `load` gives it one. */
export function createEngine(deps: EngineDeps): Engine {
	const calls = createCalls();
	const native = deps.native ?? { gpu: "auto" };
	let state: EngineState = { kind: "empty" };
	let wanted: Wanted | null = null;
	let child: Child | null = null;
	let loading: Promise<LoadOutcome> | null = null;
	let settleLoading: ((outcome: LoadOutcome) => void) | null = null;
	let restartTimer: NodeJS.Timeout | null = null;
	let attempt = 0;
	let exited: Promise<void> = Promise.resolve();

	const start = (target: Wanted): void => {
		let markExited = (): void => {};
		exited = new Promise((resolve) => {
			markExited = resolve;
		});
		const mine = startChild(deps.fork ?? forkProcess, {
			onMessage: (message) => {
				if (child === mine) receive(mine, target, message);
			},
			onExit: (exit) => {
				markExited();
				if (child === mine) onDeath(target, exit);
			},
		});
		child = mine;
		mine.send({ kind: "load", source: target.source, options: target.options, native });
	};

	const receive = (from: Child, target: Wanted, message: FromProcess): void => {
		switch (message.kind) {
			case "progress":
				if (state.kind === "loading") state = { ...state, progress: message.fraction };
				return;
			case "loaded":
				state = { kind: "ready", model: message.model };
				attempt = 0;
				deps.log.info({ model: target.source.name, notes: message.model.notes }, "model loaded");
				calls.attach((sent) => from.send(sent));
				finishLoading(ok(message.model));
				return;
			case "load-failed":
				onLoadFailure(target, message.failure);
				return;
			case "log":
				deps.log[message.level]({ from: "inference" }, message.message);
				return;
			default:
				calls.receive(message);
		}
	};

	const finishLoading = (outcome: LoadOutcome): void => {
		settleLoading?.(outcome);
		settleLoading = null;
		loading = null;
	};

	const fail = (failure: LoadFailure): void => {
		dropChild();
		state = { kind: "failed", failure };
		wanted = null;
		calls.endAll({ kind: "not-loaded", message: failure.message });
		finishLoading(err(failure));
	};

	const onLoadFailure = (target: Wanted, failure: LoadFailure): void => {
		// Memory may come free again; a file that is gone or bad stays so.
		if (state.kind === "restarting" && failure.kind === "out-of-memory") {
			dropChild();
			restart(target);
			return;
		}
		fail(failure);
	};

	const onDeath = (target: Wanted, exit: ChildExit): void => {
		child = null;
		deps.log.warn({ cause: exit.cause, detail: exit.detail }, "inference process died");
		calls.detach(exit);
		if (state.kind === "loading") fail({ kind: "process-died", message: loadDeath(target, exit) });
		else restart(target);
	};

	const restart = (target: Wanted): void => {
		attempt++;
		state = { kind: "restarting", source: target.source, attempt };
		const waitMs = attempt === 1 ? 0 : Math.min(FIRST_RESTART_WAIT_MS * 2 ** (attempt - 2), LONGEST_RESTART_WAIT_MS);
		restartTimer = setTimeout(() => start(target), waitMs);
	};

	const dropChild = (): void => {
		if (restartTimer !== null) clearTimeout(restartTimer);
		restartTimer = null;
		const old = child;
		child = null;
		old?.kill();
	};

	return {
		get state() {
			return state;
		},
		get processId() {
			return child?.processId ?? null;
		},
		async load(source, options) {
			const same = wanted !== null && isSame(wanted, { source, options });
			if (same && state.kind === "ready") return ok(state.model);
			if (same && loading !== null) return loading;
			const hadRequests = state.kind === "ready" || state.kind === "restarting";
			dropChild();
			if (hadRequests) calls.detach({ cause: "killed", detail: "Another model was loaded." });
			finishLoading(err({ kind: "process-died", message: "Another model was loaded instead." }));
			wanted = { source, options };
			attempt = 0;
			state = { kind: "loading", source, progress: 0 };
			const outcome = new Promise<LoadOutcome>((resolve) => {
				settleLoading = resolve;
			});
			loading = outcome;
			// The old process's memory must be free before the new one asks for its own.
			await exited;
			if (loading === outcome) start({ source, options });
			return outcome;
		},
		run(request, options) {
			if (state.kind === "empty" || state.kind === "failed") {
				const message = state.kind === "failed" ? state.failure.message : "No model is loaded: load one first.";
				return Promise.resolve(err({ kind: "not-loaded", message }));
			}
			return calls.run(request, options);
		},
		countPromptTokens(requests) {
			if (state.kind === "empty" || state.kind === "failed") {
				return Promise.resolve(err({ kind: "not-loaded", message: "No model is loaded: load one first." }));
			}
			return calls.count(requests);
		},
		closeGate: () => calls.closeGate(),
		openGate: () => calls.openGate(),
		counters: () => calls.counters(),
		async stop() {
			dropChild();
			wanted = null;
			state = { kind: "empty" };
			calls.endAll({ kind: "aborted" });
			finishLoading(err({ kind: "process-died", message: "The engine was stopped while loading." }));
			await exited;
		},
	};
}

function isSame(a: Wanted, b: Wanted): boolean {
	return JSON.stringify([a.source, a.options]) === JSON.stringify([b.source, b.options]);
}

function loadDeath(target: Wanted, exit: ChildExit): string {
	const where = `${target.source.name} (${target.source.path})`;
	return `The inference process died while loading ${where}: the file may be damaged or the memory too small. ${exit.detail}`;
}
