import type { LeasedLine } from "../ledger/ledger.ts";

/** How the inference process went while it held a line. */
export interface ProcessDeath {
	/** `crashed`: by its own fault; `killed`: by a signal from outside, which may also be the system short of memory. */
	readonly cause: "crashed" | "killed";
	/** Whether the line had begun to run. */
	readonly started: boolean;
}

/** What to do with a line that was in a process that died: `innocent` runs as before, `suspect` alone, `guilty` never again. */
export type Verdict = "innocent" | "suspect" | "guilty";

/** Decides who is to blame for deaths of the inference process. */
export interface Suspicion {
	/** `countCrash` records a crash durably and answers the line's total. */
	judge(line: LeasedLine, death: ProcessDeath, countCrash: () => Promise<number>): Promise<Verdict>;
}

/** A line that was there at two crashes, the second time alone, is the reason. */
const CRASHES_TO_CONVICT = 2;
/** Kills from outside are not a line's fault, but the system's memory killer looks the same: after this many, run it alone. */
const KILLS_TO_SUSPECT = 3;
/** And after this many it is treated as a crash: a line that fills the memory each time must not stop a batch for ever. */
const KILLS_TO_COUNT = 8;

/** Builds the judge for one batch. Kills are remembered for this process's life only, crashes in the ledger. */
export function createSuspicion(): Suspicion {
	const kills = new Map<number, number>();
	return {
		async judge(line, death, countCrash) {
			if (!death.started) return "innocent";
			if (death.cause === "killed") {
				const count = (kills.get(line.line) ?? 0) + 1;
				kills.set(line.line, count);
				if (count < KILLS_TO_SUSPECT) return "innocent";
				if (count < KILLS_TO_COUNT) return "suspect";
			}
			return (await countCrash()) >= CRASHES_TO_CONVICT ? "guilty" : "suspect";
		},
	};
}
