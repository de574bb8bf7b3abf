import type { BatchPolicy } from "../../contract/contract.ts";
import type { LeasedLine } from "../../ledger/ledger.ts";

/** How the inference process went while it held a line. */
export interface ProcessDeath {
	/** `crashed`: by its own fault; `killed`: by a signal from outside, which may also be the system short of memory. */
	readonly cause: "crashed" | "killed";
	/** Whether the line had begun to run. */
	readonly started: boolean;
}

/** What to do with a line that was in a process that died: `innocent` runs as before, `suspect` alone, `guilty` never again. */
export type Verdict =
	/** `waitMs`: not before then. */
	{ readonly kind: "innocent" | "suspect"; readonly waitMs: number } | { readonly kind: "guilty" };

/** Decides who is to blame for deaths of the inference process, and how long the others wait. */
export interface Suspicion {
	/** `countCrash` records a crash durably and answers the line's total. */
	judge(line: LeasedLine, death: ProcessDeath, countCrash: () => Promise<number>): Promise<Verdict>;
	/** The line has its result. */
	forget(line: number): void;
}

/** Kills from outside are not a line's fault, but the system's memory killer looks the same: after this many, run it alone. */
const KILLS_TO_SUSPECT = 3;
/** And after this many it is treated as a crash: a line that fills the memory each time must not stop a batch for ever. */
const KILLS_TO_COUNT = 8;
/** Longest pause before a line runs again: what has not passed in five minutes is not waited for any better in an hour. */
const LONGEST_BACKOFF_MS = 300_000;

/**
 * Builds the judge for one batch. Kills and pauses are remembered for this process's life only, crashes in the ledger. What it
 * remembers is bounded by the lines that are in hand, for the others have their results.
 */
export function createSuspicion(policy: Pick<BatchPolicy, "most_crashes" | "retry_backoff_ms">): Suspicion {
	const kills = new Map<number, number>();
	const deaths = new Map<number, number>();

	async function blame(line: LeasedLine, death: ProcessDeath, countCrash: () => Promise<number>) {
		if (death.cause === "killed") {
			const count = countUp(kills, line.line);
			if (count < KILLS_TO_SUSPECT) return "innocent";
			if (count < KILLS_TO_COUNT) return "suspect";
		}
		return (await countCrash()) >= policy.most_crashes ? "guilty" : "suspect";
	}

	return {
		async judge(line, death, countCrash) {
			// It only waited for its turn there: nothing of it was lost.
			if (!death.started) return { kind: "innocent", waitMs: 0 };
			const waitMs = Math.min(policy.retry_backoff_ms * 2 ** (countUp(deaths, line.line) - 1), LONGEST_BACKOFF_MS);
			const kind = await blame(line, death, countCrash);
			return kind === "guilty" ? { kind } : { kind, waitMs };
		},
		forget(line) {
			kills.delete(line);
			deaths.delete(line);
		},
	};
}

/** Answers the new count. */
function countUp(counts: Map<number, number>, line: number): number {
	const count = (counts.get(line) ?? 0) + 1;
	counts.set(line, count);
	return count;
}
