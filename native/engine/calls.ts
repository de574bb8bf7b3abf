/**
 * Everything under way between the service and the inference process: runs, questions and the gate. Owns their way there
 * and back, and what becomes of them when the process goes. Must never start or stop it.
 */
import { type Clock, err, ok, type Result } from "../base/base.ts";
import type { ChildExit } from "./child.ts";
import type { EngineCounters, EngineFailure, FreezeReport, RunOptions, ThawReport } from "./engine.ts";
import { createGateCalls } from "./gate-calls.ts";
import { type FromProcess, NO_COUNTERS, type ToProcess } from "./process/protocol.ts";
import { createQuestions } from "./questions.ts";
import type { EngineRequest } from "./request.ts";
import { createRuns, type RunOutcome } from "./runs.ts";
import { createWire } from "./wire.ts";

type CountOutcome = Result<readonly Result<number, EngineFailure>[], EngineFailure>;

/** The table of calls. */
export interface Calls {
	run(request: EngineRequest, options: RunOptions): Promise<RunOutcome>;
	count(requests: readonly EngineRequest[]): Promise<CountOutcome>;
	counters(): Promise<EngineCounters>;
	readonly batchInLanes: number;
	closeGate(sinceMs: number): Promise<FreezeReport>;
	openGate(): Promise<ThawReport>;
	setBatchShare(fraction: number): void;
	/** Sends everything that waited for a process. */
	attach(send: (message: ToProcess) => void): void;
	/** The process is gone: what it held ends so, what it never saw goes on waiting. */
	detach(exit: ChildExit): void;
	/** Ends everything, in the process or waiting for one. */
	endAll(failure: EngineFailure): void;
	receive(message: FromProcess): void;
}

/** An empty table. */
export function createCalls(clock: Clock): Calls {
	const wire = createWire();
	const runs = createRuns(wire);
	const counts = createQuestions<CountOutcome>(wire.send);
	const counters = createQuestions<EngineCounters>(wire.send);
	const gate = createGateCalls(wire, clock);
	let batchShare = 1;

	const endQuestions = (failure: EngineFailure): void => {
		counts.answerAll(err(failure));
		counters.answerAll(NO_COUNTERS);
		gate.detach();
	};

	return {
		run: runs.run,
		count: (requests) => counts.ask({ kind: "count", id: wire.nextId(), requests }),
		async counters() {
			return wire.isUp ? counters.ask({ kind: "counters", id: wire.nextId() }) : NO_COUNTERS;
		},
		get batchInLanes() {
			return runs.batchInLanes;
		},
		closeGate: gate.close,
		openGate: gate.open,
		setBatchShare(fraction) {
			batchShare = fraction;
			wire.send({ kind: "batch-share", fraction });
		},
		attach(send) {
			wire.up(send);
			gate.attach();
			if (batchShare < 1) wire.send({ kind: "batch-share", fraction: batchShare });
			counts.repeat();
			runs.handOver();
		},
		detach(exit) {
			wire.down();
			runs.endHandedOver(exit);
			endQuestions({ kind: "process-died", started: true, ...exit });
		},
		endAll(failure) {
			wire.down();
			runs.endAll(failure);
			endQuestions(failure);
		},
		receive(message) {
			switch (message.kind) {
				case "started":
					return runs.started(message.id, message.start);
				case "delta":
					return runs.grew(message.id, message.delta);
				case "finished":
					return runs.finished(message.id, message.result);
				case "counted":
					return counts.answer(message.id, ok(message.counts));
				case "counters":
					return counters.answer(message.id, message.counters);
				case "gate-closed":
					return gate.closed(message.id, message.report);
				case "gate-opened":
					return gate.opened(message.id, message.report);
				default:
					// The rest is about the process itself, not about a call.
					return;
			}
		},
	};
}
