import { assertNever, type Clock } from "../../base/base.ts";
import type { LeasedLine, Ledger, LineResult } from "../../ledger/ledger.ts";
import type { LineOutcome } from "./answers.ts";
import type { Gatherer } from "./gather.ts";
import { createPending } from "./pending.ts";
import type { Suspicion } from "./suspicion.ts";

/** What `feedBatch` needs. */
export interface FeedDeps {
	readonly ledger: Pick<Ledger, "claim" | "release" | "countCrash">;
	readonly gatherer: Gatherer;
	readonly suspicion: Suspicion;
	/** Runs one line; never rejects for what the line contains. */
	readonly runLine: (line: LeasedLine, signal: AbortSignal) => Promise<LineOutcome>;
	/** The answer to a line that crashes the inference process whenever it runs. */
	readonly quarantine: (line: LeasedLine, detail: string) => LineResult;
	/** Text to order lines by, so that neighbours share as long a start of their prompts as possible. */
	readonly promptText: (line: LeasedLine) => string;
	/** Lines handed to the engine at once: enough that a freed lane never waits for the next one. */
	readonly inFlight: number;
	/** Resolves with true once there may be lines to lease again, with false where it is not worth waiting for. */
	readonly moreLines: (enough: AbortSignal) => Promise<boolean>;
	readonly onDone: (result: LineResult) => void;
	readonly clock: Clock;
}

/** The two ways to end work on a batch before its lines are out. */
export interface WorkSignals {
	/** Ends running lines too; they run again later. */
	readonly stop: AbortSignal;
	/** Lets running lines come to their end and starts no more. */
	readonly drain: AbortSignal;
}

/** Lines leased at a time: enough to order by prompt, few enough that another machine finds work too. */
const SLICE_LINES = 512;
/** A lease outlives the slowest slice; on this machine alone nothing else frees it but the end of the process. */
const LEASE_MS = 6 * 3_600_000;

/**
 * Hands a batch's lines to the engine until none is left or a signal ends it. Lines that may have crashed the inference
 * process run again one by one, so that only the guilty one is blamed. Results go to the gatherer; what was not finished is
 * given back. Rejects, after running lines have ended, where the ledger can't be read or a crash not be recorded.
 */
export async function feedBatch(deps: FeedDeps, batchId: string, { stop, drain }: WorkSignals): Promise<void> {
	const { gatherer, suspicion } = deps;
	const pending = createPending(deps.inFlight, deps.clock);
	const running = new Map<number, Promise<void>>();
	const leases: string[] = [];
	/** Keeps a line from running twice at once when a lease ran out under it. */
	const held = new Set<number>();
	const enough = AbortSignal.any([stop, drain]);
	let failure: { readonly error: unknown } | null = null;
	let wake = () => {};
	const wakeUp = () => wake();

	/** False: there is nothing left to lease. */
	function refill(): boolean {
		const lease = deps.ledger.claim(batchId, SLICE_LINES, LEASE_MS);
		if (!lease) return false;
		leases.push(lease.token);
		const fresh = lease.lines.filter((line) => !held.has(line.line));
		for (const line of fresh) held.add(line.line);
		pending.add(inPromptOrder(fresh, deps.promptText));
		return true;
	}

	async function run(line: LeasedLine): Promise<void> {
		const outcome = await deps.runLine(line, stop);
		switch (outcome.kind) {
			case "done":
				finish(outcome.result);
				return;
			case "aborted":
				held.delete(line.line);
				return;
			case "process-died": {
				const verdict = await suspicion.judge(line, outcome, () => deps.ledger.countCrash(batchId, line.line));
				if (verdict.kind === "guilty") finish(deps.quarantine(line, outcome.detail));
				else pending.putBack(line, verdict.kind, verdict.waitMs);
				return;
			}
			default:
				assertNever(outcome);
		}
	}

	function finish(result: LineResult): void {
		held.delete(result.line);
		suspicion.forget(result.line);
		gatherer.add(result);
		deps.onDone(result);
	}

	function start(line: LeasedLine): void {
		const ended = run(line)
			.catch((error: unknown) => {
				failure ??= { error };
			})
			.finally(() => {
				running.delete(line.line);
				wake();
			});
		running.set(line.line, ended);
	}

	/** A line ended, one may run again, or it is enough. */
	async function somethingToDo(): Promise<void> {
		const waitMs = pending.waitMs();
		const timer = waitMs === null ? undefined : setTimeout(wakeUp, Math.ceil(waitMs));
		await new Promise<void>((resolve) => {
			wake = resolve;
			if (enough.aborted) resolve();
		});
		clearTimeout(timer);
	}

	async function handOut(): Promise<void> {
		while (!enough.aborted && failure === null) {
			// What is left of a slice that was put off may be a few lines only.
			while (pending.isShort && refill());
			if (pending.isShort) gatherer.hasten();
			for (let next = pending.take(running.size); next; next = pending.take(running.size)) start(next);
			if (running.size === 0 && pending.isEmpty) {
				if (await deps.moreLines(enough)) continue;
				return;
			}
			await somethingToDo();
			await unlessAborted(gatherer.room(), enough);
		}
	}

	enough.addEventListener("abort", wakeUp);
	try {
		await handOut();
	} finally {
		await Promise.all(running.values());
		await endGathering(gatherer, stop);
		for (const token of leases) deps.ledger.release(token);
	}
	rethrow(failure);
}

function rethrow(failure: { readonly error: unknown } | null): void {
	if (failure !== null) throw failure.error;
}

/** Records what was gathered; once it must stop, not at any price. */
async function endGathering(gatherer: Gatherer, stop: AbortSignal): Promise<void> {
	let letGo = Promise.resolve();
	const onStop = () => {
		letGo = gatherer.letGo();
	};
	if (stop.aborted) onStop();
	else stop.addEventListener("abort", onStop);
	await gatherer.drain();
	await letGo;
	stop.removeEventListener("abort", onStop);
}

/** Waits for the promise, or no longer than until the signal. */
async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
	const aborted = Promise.withResolvers<void>();
	const onAbort = () => aborted.resolve();
	signal.addEventListener("abort", onAbort);
	if (signal.aborted) onAbort();
	await Promise.race([promise, aborted.promise]);
	signal.removeEventListener("abort", onAbort);
}

function inPromptOrder(lines: readonly LeasedLine[], promptText: (line: LeasedLine) => string): readonly LeasedLine[] {
	return lines
		.map((line) => ({ line, text: promptText(line) }))
		.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.line.line - b.line.line))
		.map(({ line }) => line);
}
