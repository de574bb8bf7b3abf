/** Stops batch work altogether, lets it come back, and writes down what each time came to. Never decides when. */
import { type Clock, durationInWords, type Log } from "../base/base.ts";
import type { Cause, MachineSnapshot, Yield } from "../contract/contract.ts";
import type { Residency, SuspendReport, SuspendScope } from "../engine/residency.ts";
import type { Machine } from "../machine/machine.ts";
import type { YieldJournal } from "./yield-journal.ts";

/** What stopping is made from. */
export interface StopsDeps {
	readonly residency: Pick<Residency, "suspend" | "resume">;
	readonly machine: Pick<Machine, "snapshot" | "look">;
	readonly journal: YieldJournal;
	readonly clock: Clock;
	readonly log: Log;
}

/** Why work is stopped. */
export type StopCause = Pick<Cause, "kind" | "words">;

/** Stops batch work and lets it come back. */
export interface Stops {
	/** Work is stopped, or not yet let go. */
	readonly isStopped: boolean;
	/**
	 * Stops it before this returns; resolves when all it held is given back. Who joins a stop keeps its first cause; the scope is
	 * that of the last word.
	 */
	stop(cause: StopCause, scope: SuspendScope): Promise<void>;
	/** Lets it come back once a stop under way is done, unless it is wanted stopped again by then. True: it came back now. */
	letGo(): Promise<boolean>;
	/** Writes down the stop there is, and what is not yet written. */
	end(): Promise<void>;
}

/** The promise of design 6: what is stopped has given everything back by then. */
const PROMISED_MS = 2_000;

/** One time of being stopped. */
interface Stop {
	readonly cause: StopCause;
	/** Monotonic, and wall time. */
	readonly sinceMs: number;
	readonly arrivedAtMs: number;
	/** Null: it failed, and the log says how. */
	readonly suspended: Promise<Suspended | null>;
	/** GPU memory that came free. */
	readonly freedBytes: Promise<number | null>;
}

interface Suspended {
	readonly report: SuspendReport;
	readonly handBackMs: number;
}

/** Builds it; nothing is stopped. */
export function createStops({ residency, machine, journal, clock, log }: StopsDeps): Stops {
	let current: Stop | null = null;
	/** Who has the memory while work is stopped. */
	let heldScope: SuspendScope = "all";
	let isWanted = false;
	/** Ends when the last stop is written down: they are written in their order. */
	let written = Promise.resolve();

	function begin(cause: StopCause, scope: SuspendScope): Stop {
		const [sinceMs, arrivedAtMs, before] = [clock.monotonicMs(), clock.nowMs(), machine.snapshot];
		const suspended = suspend(cause, scope, sinceMs);
		return { cause, sinceMs, arrivedAtMs, suspended, freedBytes: lookForFreed(suspended, before) };
	}

	async function suspend(cause: StopCause, scope: SuspendScope, sinceMs: number): Promise<Suspended | null> {
		try {
			const report = await residency.suspend(scope);
			const handBackMs = clock.monotonicMs() - sinceMs;
			if (isWorthTelling(report)) tell(cause, report, handBackMs);
			return { report, handBackMs };
		} catch (error) {
			log.error({ error, cause }, "stopping batch work failed");
			return null;
		}
	}

	/** What is given back beyond the batch's is the owner's own use: no cost of the batch, and nothing to tell. */
	async function handOver(cause: StopCause, scope: SuspendScope): Promise<void> {
		try {
			await residency.suspend(scope);
		} catch (error) {
			log.error({ error, cause }, "giving the memory to somebody else failed");
		}
	}

	function tell(cause: StopCause, report: SuspendReport, handBackMs: number): void {
		const facts = { cause: cause.kind, ...report, handBackMs: Math.round(handBackMs) };
		const message = `batch work stopped: ${cause.words}; everything was given back in ${Math.round(handBackMs)} ms`;
		if (handBackMs <= PROMISED_MS) log.info(facts, message);
		else log.warn(facts, `${message}, longer than the ${durationInWords(PROMISED_MS)} it may take`);
	}

	async function lookForFreed(suspended: Promise<Suspended | null>, before: MachineSnapshot): Promise<number | null> {
		const done = await suspended;
		if (done === null || done.report.processes === 0) return null;
		try {
			return freedBytes(before, await machine.look());
		} catch (error) {
			log.error({ error }, "looking at what a stop gave back failed");
			return null;
		}
	}

	function record(stop: Stop): void {
		const frozenMs = clock.monotonicMs() - stop.sinceMs;
		const before = written;
		written = (async () => {
			const suspended = await stop.suspended;
			const freed = await stop.freedBytes;
			await before;
			if (suspended !== null && isWorthTelling(suspended.report)) {
				journal.append(describe(stop, suspended, freed, frozenMs));
			}
		})();
	}

	return {
		get isStopped() {
			return current !== null;
		},
		async stop(cause, scope) {
			isWanted = true;
			if (current === null) current = begin(cause, scope);
			else if (scope !== heldScope) void handOver(cause, scope);
			heldScope = scope;
			await current.suspended;
		},
		async letGo() {
			isWanted = false;
			const left = current;
			await left?.suspended;
			if (left === null || current !== left || isWanted) return false;
			current = null;
			record(left);
			residency.resume();
			return true;
		},
		async end() {
			if (current !== null) record(current);
			current = null;
			await written;
			await journal.close();
		},
	};
}

/** Where nothing was in memory, nothing was stopped. */
function isWorthTelling({ processes, lanes }: SuspendReport): boolean {
	return processes > 0 || lanes > 0;
}

/** Of our own memory on all GPUs; null: it can't be told. */
function freedBytes(before: MachineSnapshot, after: MachineSnapshot): number | null {
	const [heldBytes, leftBytes] = [oursBytes(before), oursBytes(after)];
	return heldBytes === null || leftBytes === null ? null : Math.max(0, heldBytes - leftBytes);
}

function oursBytes({ gpus }: MachineSnapshot): number | null {
	let sum: number | null = null;
	for (const { memory } of gpus) {
		if (memory.oursBytes === null) return null;
		sum = (sum ?? 0) + memory.oursBytes;
	}
	return sum;
}

function describe(
	{ cause, arrivedAtMs }: Stop,
	{ report, handBackMs }: Suspended,
	freed: number | null,
	frozenMs: number,
): Omit<Yield, "number"> {
	return {
		cause: { kind: "stop", cause: cause.kind, words: cause.words },
		requests: 0,
		arrivedAtMs,
		handBackMs: Math.round(handBackMs),
		freedBytes: freed,
		batchSteps: 0,
		batchTokens: 0,
		frozenLanes: report.lanes,
		frozenMs: Math.round(frozenMs),
		recomputedTokens: report.lostTokens,
	};
}
