/**
 * Requests under way between the service and the inference process. Owns their ids, their way back and what becomes of them
 * when the process goes. Must never start or stop it.
 */
import { err, type Result } from "../base/base.ts";
import type { ChildExit } from "./child.ts";
import type { EngineCounters, EngineFailure, RunOptions } from "./engine.ts";
import type { FromProcess, ToProcess } from "./process/protocol.ts";
import type { EngineRequest, EngineResult } from "./request.ts";

type RunOutcome = Result<EngineResult, EngineFailure>;
type CountOutcome = Result<readonly Result<number, EngineFailure>[], EngineFailure>;

/** The table of calls. */
export interface Calls {
	run(request: EngineRequest, options: RunOptions): Promise<RunOutcome>;
	count(requests: readonly EngineRequest[]): Promise<CountOutcome>;
	counters(): Promise<EngineCounters>;
	closeGate(): Promise<void>;
	openGate(): void;
	/** Sends everything that waited for a process. */
	attach(send: (message: ToProcess) => void): void;
	/** The process is gone: what it held ends so, what it never saw goes on waiting. */
	detach(exit: ChildExit): void;
	/** Ends everything, in the process or waiting for one. */
	endAll(failure: EngineFailure): void;
	receive(message: FromProcess): void;
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

/** What `counters()` answers while there is no process. */
const NO_COUNTERS: EngineCounters = {
	steps: 0,
	evaluatedTokens: 0,
	promptTokens: 0,
	cachedTokens: 0,
	completionTokens: 0,
	busyLanes: 0,
	waitingRequests: 0,
};

/** An empty table. */
export function createCalls(): Calls {
	const handedOver = new Map<number, PendingRun>();
	let waiting: PendingRun[] = [];
	const counts = new Map<number, { requests: readonly EngineRequest[]; resolve: (outcome: CountOutcome) => void }>();
	const counterCalls = new Map<number, (counters: EngineCounters) => void>();
	const gateCalls = new Map<number, () => void>();
	let send: ((message: ToProcess) => void) | null = null;
	let gateOpen = true;
	let nextId = 1;

	const handOver = (): void => {
		if (send === null) return;
		while (waiting.length > 0 && handedOver.size < HANDED_OVER_LIMIT) {
			const call = takeNext();
			if (call === null) return;
			const id = nextId++;
			handedOver.set(id, call);
			const { request, options } = call;
			send({ kind: "run", id, request, priority: options.priority, deltas: options.onDelta !== undefined });
		}
	};
	/** Live requests first: they must not stand behind a thousand batch lines. */
	const takeNext = (): PendingRun | null => {
		const live = waiting.findIndex((call) => call.options.priority === "interactive");
		return waiting.splice(Math.max(0, live), 1)[0] ?? null;
	};
	const settle = (call: PendingRun, outcome: RunOutcome): void => {
		call.options.signal?.removeEventListener("abort", call.onAbort);
		call.resolve(outcome);
	};
	const abort = (call: PendingRun): void => {
		if (waiting.includes(call)) {
			waiting = waiting.filter((other) => other !== call);
			settle(call, err({ kind: "aborted" }));
			return;
		}
		for (const [id, other] of handedOver) if (other === call) send?.({ kind: "abort", id });
	};
	const settleSideCalls = (outcome: CountOutcome): void => {
		for (const { resolve } of counts.values()) resolve(outcome);
		counts.clear();
		for (const resolve of counterCalls.values()) resolve(NO_COUNTERS);
		counterCalls.clear();
		for (const resolve of gateCalls.values()) resolve();
		gateCalls.clear();
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
		count(requests) {
			return new Promise((resolve) => {
				const id = nextId++;
				counts.set(id, { requests, resolve });
				send?.({ kind: "count", id, requests });
			});
		},
		counters() {
			if (send === null) return Promise.resolve(NO_COUNTERS);
			const ask = send;
			return new Promise((resolve) => {
				const id = nextId++;
				counterCalls.set(id, resolve);
				ask({ kind: "counters", id });
			});
		},
		closeGate() {
			gateOpen = false;
			if (send === null) return Promise.resolve();
			const ask = send;
			return new Promise((resolve) => {
				const id = nextId++;
				gateCalls.set(id, resolve);
				ask({ kind: "close-gate", id });
			});
		},
		openGate() {
			gateOpen = true;
			send?.({ kind: "open-gate" });
		},
		attach(sendNow) {
			send = sendNow;
			if (!gateOpen) send({ kind: "close-gate", id: nextId++ });
			for (const [id, { requests }] of counts) send({ kind: "count", id, requests });
			handOver();
		},
		detach(exit) {
			send = null;
			const held = [...handedOver.values()];
			handedOver.clear();
			for (const call of held) settle(call, err({ kind: "process-died", started: call.started, ...exit }));
			settleSideCalls(err({ kind: "process-died", started: true, ...exit }));
		},
		endAll(failure) {
			send = null;
			const all = [...handedOver.values(), ...waiting];
			handedOver.clear();
			waiting = [];
			for (const call of all) settle(call, err(failure));
			settleSideCalls(err(failure));
		},
		receive(message) {
			switch (message.kind) {
				case "started": {
					const call = handedOver.get(message.id);
					if (call === undefined) return;
					call.started = true;
					call.options.onStart?.();
					return;
				}
				case "delta":
					handedOver.get(message.id)?.options.onDelta?.(message.delta);
					return;
				case "finished": {
					const call = handedOver.get(message.id);
					handedOver.delete(message.id);
					if (call !== undefined) settle(call, message.result);
					handOver();
					return;
				}
				case "counted":
					counts.get(message.id)?.resolve({ ok: true, value: message.counts });
					counts.delete(message.id);
					return;
				case "counters":
					counterCalls.get(message.id)?.(message.counters);
					counterCalls.delete(message.id);
					return;
				case "gate-closed":
					gateCalls.get(message.id)?.();
					gateCalls.delete(message.id);
					return;
				default:
					return;
			}
		},
	};
}
