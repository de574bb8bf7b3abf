/**
 * Requests to be run: those that wait, and those the inference process holds. Owns their order and how each ends. Must never
 * look into a request.
 */
import { err, type Result } from "../base/base.ts";
import type { ChildExit } from "./child.ts";
import type { EngineFailure, RunOptions, RunStart } from "./engine.ts";
import type { Delta, EngineRequest, EngineResult } from "./request.ts";
import type { Wire } from "./wire.ts";

/** How a run ended. */
export type RunOutcome = Result<EngineResult, EngineFailure>;

/** The table of runs. */
export interface Runs {
	run(request: EngineRequest, options: RunOptions): Promise<RunOutcome>;
	/** Gives the process as much as it may hold; does nothing while the line is down. */
	handOver(): void;
	/** The process says that a run entered a lane. */
	started(id: number, start: RunStart): void;
	/** The process says that an answer grew. */
	grew(id: number, delta: Delta): void;
	/** The process says how a run ended. */
	finished(id: number, outcome: RunOutcome): void;
	/** Batch runs that are in lanes, as far as the process has said. */
	readonly batchInLanes: number;
	/** The process is gone: what it held ends so, what it never saw goes on waiting. */
	endHandedOver(exit: ChildExit): void;
	/** Ends everything, in the process or waiting for one. */
	endAll(failure: EngineFailure): void;
}

interface PendingRun {
	readonly request: EngineRequest;
	readonly options: RunOptions;
	readonly resolve: (outcome: RunOutcome) => void;
	readonly onAbort: () => void;
	started: boolean;
}

/**
 * Requests handed over at once. Enough to fill any number of lanes many times over and to find shared prefixes in; beyond
 * it they wait here, where they cost no second copy.
 */
export const HANDED_OVER_LIMIT = 1_024;

/** An empty table. */
export function createRuns(wire: Wire): Runs {
	const handedOver = new Map<number, PendingRun>();
	let waiting: PendingRun[] = [];

	const handOver = (): void => {
		while (wire.isUp && handedOver.size < HANDED_OVER_LIMIT) {
			const call = takeNext(waiting);
			if (call === null) return;
			const id = wire.nextId();
			handedOver.set(id, call);
			const { request, options } = call;
			wire.send({ kind: "run", id, request, priority: options.priority, deltas: options.onDelta !== undefined });
		}
	};
	const abort = (call: PendingRun): void => {
		if (waiting.includes(call)) {
			waiting = waiting.filter((other) => other !== call);
			settle(call, err({ kind: "aborted" }));
			return;
		}
		for (const [id, other] of handedOver) if (other === call) wire.send({ kind: "abort", id });
	};
	const takeHandedOver = (): readonly PendingRun[] => {
		const held = [...handedOver.values()];
		handedOver.clear();
		return held;
	};

	return {
		run(request, options) {
			if (options.signal?.aborted) return Promise.resolve(err({ kind: "aborted" }));
			return new Promise((resolve) => {
				const call: PendingRun = { request, options, resolve, started: false, onAbort: () => abort(call) };
				options.signal?.addEventListener("abort", call.onAbort, { once: true });
				waiting.push(call);
				handOver();
			});
		},
		handOver,
		get batchInLanes() {
			return [...handedOver.values()].filter(({ started, options }) => started && options.priority === "batch").length;
		},
		started(id, start) {
			const call = handedOver.get(id);
			if (call === undefined) return;
			call.started = true;
			call.options.onStart?.(start);
		},
		grew: (id, delta) => handedOver.get(id)?.options.onDelta?.(delta),
		finished(id, outcome) {
			const call = handedOver.get(id);
			handedOver.delete(id);
			if (call !== undefined) settle(call, outcome);
			handOver();
		},
		endHandedOver(exit) {
			for (const call of takeHandedOver()) settle(call, err({ kind: "process-died", started: call.started, ...exit }));
		},
		endAll(failure) {
			for (const call of [...takeHandedOver(), ...waiting.splice(0)]) settle(call, err(failure));
		},
	};
}

/** Live requests first: they must not stand behind a thousand batch lines. */
function takeNext(waiting: PendingRun[]): PendingRun | null {
	const live = waiting.findIndex((call) => call.options.priority === "interactive");
	return waiting.splice(Math.max(0, live), 1)[0] ?? null;
}

function settle(call: PendingRun, outcome: RunOutcome): void {
	call.options.signal?.removeEventListener("abort", call.onAbort);
	call.resolve(outcome);
}
