import { assertNever } from "../base/base.ts";
import type { LeasedLine, Ledger, LineResult } from "../ledger/ledger.ts";
import type { Gatherer } from "./gather.ts";
import type { LineOutcome } from "./line.ts";
import { createSuspicion } from "./suspicion.ts";

/** What `feedBatch` needs. */
export interface FeedDeps {
	readonly ledger: Pick<Ledger, "claim" | "release" | "countCrash">;
	readonly gatherer: Gatherer;
	/** Runs one line; never rejects for what the line contains. */
	readonly runLine: (line: LeasedLine, signal: AbortSignal) => Promise<LineOutcome>;
	/** The answer to a line that crashes the inference process whenever it runs. */
	readonly quarantine: (line: LeasedLine, detail: string) => LineResult;
	/** Text to order lines by, so that neighbours share as long a start of their prompts as possible. */
	readonly promptText: (line: LeasedLine) => string;
	/** Lines handed to the engine at once: enough that a freed lane never waits for the next one. */
	readonly inFlight: number;
	readonly onDone: (result: LineResult) => void;
}

/** Lines leased at a time: enough to order by prompt, few enough that another machine finds work too. */
const SLICE_LINES = 512;
/** A lease outlives the slowest slice; on this machine alone nothing else frees it but the end of the process. */
const LEASE_MS = 6 * 3_600_000;

/**
 * Hands a batch's lines to the engine until none is left or the signal says stop. Lines that may have crashed the inference
 * process run again one by one, so that only the guilty one is blamed. Results go to the gatherer; what was not finished is
 * given back.
 */
export async function feedBatch(deps: FeedDeps, batchId: string, signal: AbortSignal): Promise<void> {
	const suspicion = createSuspicion();
	const queue: LeasedLine[] = [];
	const suspects: LeasedLine[] = [];
	const running = new Map<number, Promise<void>>();
	const leases: string[] = [];
	/** Keeps a line from running twice at once when a lease ran out under it. */
	const held = new Set<number>();
	let wake = () => {};

	function refill(): void {
		const lease = deps.ledger.claim(batchId, SLICE_LINES, LEASE_MS);
		if (!lease) return;
		leases.push(lease.token);
		const fresh = lease.lines.filter((line) => !held.has(line.line));
		for (const line of fresh) held.add(line.line);
		queue.push(
			...inPromptOrder(
				fresh.filter((line) => line.crashes === 0),
				deps.promptText,
			),
		);
		suspects.push(...fresh.filter((line) => line.crashes > 0));
	}

	async function run(line: LeasedLine): Promise<void> {
		const outcome = await deps.runLine(line, signal);
		switch (outcome.kind) {
			case "done":
				finish(outcome.result);
				return;
			case "aborted":
				held.delete(line.line);
				return;
			case "process-died": {
				const verdict = await suspicion.judge(line, outcome, () => deps.ledger.countCrash(batchId, line.line));
				if (verdict === "guilty") finish(deps.quarantine(line, outcome.detail));
				else if (verdict === "suspect") suspects.push(line);
				else queue.unshift(line);
				return;
			}
			default:
				assertNever(outcome);
		}
	}

	function finish(result: LineResult): void {
		held.delete(result.line);
		deps.gatherer.add(result);
		deps.onDone(result);
	}

	function start(line: LeasedLine): void {
		const ended = run(line).finally(() => {
			running.delete(line.line);
			wake();
		});
		running.set(line.line, ended);
	}

	while (!signal.aborted) {
		if (queue.length < deps.inFlight && suspects.length === 0) refill();
		const suspect = running.size === 0 ? suspects.shift() : undefined;
		if (suspect) start(suspect);
		while (suspects.length === 0 && !suspect && running.size < deps.inFlight) {
			const next = queue.shift();
			if (!next) break;
			start(next);
		}
		if (running.size === 0 && queue.length === 0 && suspects.length === 0) break;
		await new Promise<void>((resolve) => {
			wake = resolve;
		});
		await deps.gatherer.room();
	}
	await Promise.all(running.values());
	await (signal.aborted ? deps.gatherer.letGo() : deps.gatherer.drain());
	for (const token of leases) deps.ledger.release(token);
}

function inPromptOrder(lines: readonly LeasedLine[], promptText: (line: LeasedLine) => string): readonly LeasedLine[] {
	return lines
		.map((line) => ({ line, text: promptText(line) }))
		.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.line.line - b.line.line))
		.map(({ line }) => line);
}
