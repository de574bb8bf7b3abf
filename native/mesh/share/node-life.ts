/** The life of the mesh's thread: started, told of the ledger, started anew when it ends. */
import { type Clock, err, type Log, ok, type Result } from "../../base/base.ts";
import type { MeshFault } from "../mesh.ts";
import type { FromNode, NodeStart, QuestionKind, Questions, ToNode } from "../node/messages.ts";
import { type NodeLink, type NodeListener, startThread } from "./node-link.ts";

/** A thread that comes back. */
export interface NodeLife {
	/** Why it is not there although it should be; null: all is well. */
	readonly trouble: string | null;
	start(): void;
	/** Starts it anew, with what the settings say now. */
	restart(): void;
	/** Resolves once it is there, or with why it is not. */
	ready(): Promise<Result<void, MeshFault>>;
	post(message: ToNode): void;
	ask<Kind extends QuestionKind>(
		question: Kind,
		asked: Questions[Kind]["asked"],
	): Promise<Result<Questions[Kind]["answered"], MeshFault>>;
	stop(): Promise<void>;
}

/** What a life is made of. */
export interface NodeLifeDeps {
	readonly log: Log;
	readonly clock: Clock;
	startOf(): NodeStart;
	/** What is in the ledger. */
	logs(): Iterable<ToNode>;
	onBegun(deviceId: string): void;
	onEnded(): void;
	onMessage(message: Exclude<FromNode, { kind: "answer" | "refusal" | "begun" | "failed" }>): void;
	/** Tests pass a thread of their own making. */
	readonly startThread?: (listener: NodeListener) => NodeLink;
}

/** First pause before it is started again, doubled up to the last, and back to the first once it ran for `STEADY_MS`. */
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 60_000;
const STEADY_MS = 60_000;

/** How long a question waits for the thread to begin: keys are made, a port is opened. */
const BEGIN_MS = 15_000;

const ENDED = "The part of Nightshift that talks to other machines ended unexpectedly. It is started again.";

const switchedOff: MeshFault = {
	kind: "switched-off",
	message: "Working together with other machines is switched off here. Switch it on, and try again.",
};

/** One thread and what came of it. */
interface Run {
	readonly link: NodeLink;
	readonly sinceMs: number;
	hasBegun: boolean;
}

/** Nothing runs until `start`. */
export function createNodeLife(deps: NodeLifeDeps): NodeLife {
	const { log, clock, startThread: makeThread = startThread } = deps;
	let run: Run | null = null;
	let isWanted = false;
	let trouble: string | null = null;
	let timer: NodeJS.Timeout | null = null;
	let stopping: Promise<void> = Promise.resolve();
	const arrivals = createArrivals();
	const pauses = createPauses();

	function begin(): void {
		timer = null;
		if (!isWanted || run !== null) return;
		const link = makeThread({ onMessage: (message) => hear(mine, message), onExit: (reason) => end(mine, reason) });
		const mine: Run = { link, sinceMs: clock.monotonicMs(), hasBegun: false };
		run = mine;
		link.post({ kind: "start", start: deps.startOf() });
		for (const message of deps.logs()) link.post(message);
	}

	function hear(from: Run, message: Parameters<NodeListener["onMessage"]>[0]): void {
		if (run !== from) return;
		switch (message.kind) {
			case "begun":
				from.hasBegun = true;
				trouble = null;
				deps.onBegun(message.deviceId);
				arrivals.tell();
				break;
			case "failed":
				log.error({ trouble: message.message }, "this machine can't work together with others");
				trouble = message.message;
				arrivals.tell();
				void from.link.stop().then(() => end(from, message.message));
				break;
			default:
				deps.onMessage(message);
		}
	}

	function end(ended: Run, reason: string): void {
		if (run !== ended) return;
		run = null;
		deps.onEnded();
		if (!isWanted) return;
		trouble ??= ENDED;
		const pauseMs = pauses.next(clock.monotonicMs() - ended.sinceMs);
		log.error({ reason, pauseMs }, "the mesh's thread ended; it is started again");
		timer = setTimeout(begin, pauseMs);
	}

	const hasBegun = (): boolean => run?.hasBegun === true;

	function stop(): Promise<void> {
		isWanted = false;
		trouble = null;
		if (timer !== null) clearTimeout(timer);
		timer = null;
		const ended = run;
		run = null;
		if (ended !== null) {
			stopping = ended.link.stop();
			deps.onEnded();
		}
		return stopping;
	}

	function start(): void {
		isWanted = true;
		void stopping.then(begin);
	}

	return {
		start,
		get trouble() {
			return trouble;
		},
		restart() {
			void stop().then(start);
			isWanted = true;
		},
		ready: () => readiness({ isWanted: () => isWanted, hasBegun, trouble: () => trouble }, arrivals),
		post(message) {
			run?.link.post(message);
		},
		async ask(question, asked) {
			return run === null ? err(switchedOff) : run.link.ask(question, asked);
		},
		stop,
	};
}

/** Waits until the thread is there, or says why it is not. */
async function readiness(
	thread: { isWanted(): boolean; hasBegun(): boolean; trouble(): string | null },
	arrivals: ReturnType<typeof createArrivals>,
): Promise<Result<void, MeshFault>> {
	if (!thread.isWanted()) return err(switchedOff);
	if (!thread.hasBegun()) await arrivals.next(BEGIN_MS);
	if (thread.hasBegun()) return ok(undefined);
	return err({ kind: "wrong-state", message: thread.trouble() ?? "It takes long to begin. Try again in a moment." });
}

/** How long to wait before it is started again, after it ran for so long. */
function createPauses() {
	let pauseMs = FIRST_PAUSE_MS;
	return {
		next(ranMs: number): number {
			if (ranMs >= STEADY_MS) pauseMs = FIRST_PAUSE_MS;
			const now = pauseMs;
			pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS);
			return now;
		},
	};
}

/** Waiting for something that happens, or not for too long. */
function createArrivals() {
	const waiting = new Set<() => void>();
	return {
		tell(): void {
			for (const settle of [...waiting]) settle();
		},
		next(withinMs: number): Promise<void> {
			return new Promise((resolve) => {
				const settle = (): void => {
					clearTimeout(deadline);
					waiting.delete(settle);
					resolve();
				};
				const deadline = setTimeout(settle, withinMs);
				waiting.add(settle);
			});
		},
	};
}
