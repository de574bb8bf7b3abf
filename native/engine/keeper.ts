/**
 * Keeps one model loaded: starts the process, has it load the model, notices its death and starts it again. Owns what the
 * engine is doing. Must never look into requests.
 */
import type { Clock, Log } from "../base/base.ts";
import type { ChildExit, ForkProcess } from "./child.ts";
import type { EngineState, LoadedModel, LoadFailure, LoadOptions, ModelSource } from "./engine.ts";
import type { FromProcess, NativeOptions, ToProcess } from "./process/protocol.ts";
import { type AfterTrouble, afterDeath, afterLoadFailure, restartWaitMs } from "./restart.ts";
import { createSlot } from "./slot.ts";

/** A model to keep, and how to load it. */
export interface Target {
	readonly source: ModelSource;
	readonly options: LoadOptions;
}

/** What keeping a model needs, and who is told what comes of it. */
export interface KeeperDeps {
	readonly clock: Clock;
	readonly log: Log;
	readonly fork: ForkProcess;
	readonly native: NativeOptions;
	/** The model is up, for the first time or again. */
	readonly onReady: (model: LoadedModel) => void;
	/** The process died by itself or by a signal from outside. */
	readonly onDeath: (exit: ChildExit) => void;
	/** The model is given up. */
	readonly onFailed: (failure: LoadFailure) => void;
	/** Anything else the process said. */
	readonly onMessage: (message: FromProcess) => void;
}

/** The keeper of at most one model. */
export interface Keeper {
	readonly state: EngineState;
	/** What is loading, up or coming up again; null when nothing is. */
	readonly target: Target | null;
	readonly processId: number | null;
	send(message: ToProcess): void;
	/** Lets go of the model before and starts this one when that one's memory is free; resolves then. */
	keep(target: Target): Promise<void>;
	/** Lets go; resolves when all memory is free. */
	drop(): Promise<void>;
}

/** A keeper of nothing yet. */
export function createKeeper(deps: KeeperDeps): Keeper {
	const slot = createSlot(deps.fork);
	let state: EngineState = { kind: "empty" };
	let target: Target | null = null;

	const start = (kept: Target): void => {
		slot.start({
			onMessage: (message) => receive(kept, message),
			onExit(exit) {
				deps.log.warn({ cause: exit.cause, detail: exit.detail }, "inference process died");
				deps.onDeath(exit);
				recover(kept, afterDeath(state, kept.source, exit));
			},
		});
		slot.send({ kind: "load", ...kept, native: deps.native });
	};

	const recover = (kept: Target, next: AfterTrouble): void => {
		slot.clear();
		state = next;
		if (next.kind === "restarting") {
			slot.startLater(() => start(kept), restartWaitMs(next.attempt));
			return;
		}
		target = null;
		deps.onFailed(next.failure);
	};

	const receive = (kept: Target, message: FromProcess): void => {
		switch (message.kind) {
			case "progress":
				if (state.kind === "loading") state = { ...state, progress: message.fraction };
				return;
			case "loaded":
				state = { kind: "ready", model: message.model };
				deps.log.info({ model: kept.source.name, notes: message.model.notes }, "model loaded");
				deps.onReady(message.model);
				return;
			case "load-failed":
				recover(kept, afterLoadFailure(state, kept.source, message.failure, deps.clock.monotonicMs()));
				return;
			case "log":
				deps.log[message.level]({ from: "inference" }, message.message);
				return;
			default:
				deps.onMessage(message);
		}
	};

	return {
		get state() {
			return state;
		},
		get target() {
			return target;
		},
		get processId() {
			return slot.processId;
		},
		send: slot.send,
		async keep(next) {
			slot.clear();
			target = next;
			state = { kind: "loading", source: next.source, progress: 0 };
			await slot.ended;
			if (target === next) start(next);
		},
		drop() {
			slot.clear();
			target = null;
			state = { kind: "empty" };
			return slot.ended;
		},
	};
}
