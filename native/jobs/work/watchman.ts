import { assertNever } from "../../base/base.ts";
import type { BatchRecord, Ledger, LineResult, RehearsedFigures } from "../../ledger/ledger.ts";
import { FIRST_LINES, type GuardVerdict, judge, type Tally } from "./guard.ts";

/** Watches one batch at work and acts on what `judge` says. */
export interface Watchman {
	/** Hears of each line as it is finished. */
	count(result: LineResult): void;
	/** Judges the batch anew: time passes without a line being finished. */
	look(): void;
	/** Resolves once what was decided is on disk; rejects where it could not be recorded. */
	settled(): Promise<void>;
}

/** What `createWatchman` needs. */
export interface WatchmanDeps {
	readonly ledger: Pick<Ledger, "batch" | "giveUp" | "pause" | "rehearsalBaseline" | "workMinutes">;
	/** Work on the batch that is not in its record yet. */
	readonly unrecordedMs: () => number;
	/** The batch is to be drained. */
	readonly onEnough: () => void;
}

interface Counts {
	firstLines: number;
	firstFailed: number;
	ranLines: number;
	ranTokens: number;
	outputTokens: number;
	openLines: number;
}

/** Builds the watchman of a batch that is taken up, with what was done on it before this. */
export function createWatchman(deps: WatchmanDeps, batch: BatchRecord): Watchman {
	const { ledger } = deps;
	const { policy } = batch.manifest;
	const baseline = ledger.rehearsalBaseline(batch.id);
	const counts = countSoFar(deps, batch);
	/** As of the last look: reading it for every line would be the main work on short ones. */
	let known = batch;
	let decision: Promise<unknown> | null = null;

	function tally(workedMs: number): Tally {
		return {
			first: { lines: counts.firstLines, failed: counts.firstFailed },
			ran: { lines: counts.ranLines, outputTokens: counts.ranTokens },
			outputTokens: counts.outputTokens,
			workedMs,
			isComplete: counts.openLines === 0,
		};
	}

	function judgeNow(): void {
		if (decision !== null) return;
		const rules = { policy, baseline, overruled: known.overruled };
		const verdict = judge(tally(known.workedMs + deps.unrecordedMs()), rules);
		if (verdict === null) return;
		decision = act(ledger, batch.id, verdict);
		// Whoever waits for it hears of a failure by `settled`; until then it must not count as unheard.
		decision.catch(() => {});
		deps.onEnough();
	}

	return {
		count({ isError, provenance }) {
			counts.openLines -= 1;
			if (counts.firstLines < FIRST_LINES) {
				counts.firstLines += 1;
				if (isError) counts.firstFailed += 1;
			}
			counts.ranLines += 1;
			counts.ranTokens += provenance.completionTokens;
			counts.outputTokens += provenance.completionTokens;
			judgeNow();
		},
		look() {
			known = ledger.batch(batch.id) ?? known;
			judgeNow();
		},
		async settled() {
			await decision;
		},
	};
}

/** A batch whose first lines were judged before is not judged by them again: only the counts up to then are known. */
function countSoFar({ ledger }: WatchmanDeps, batch: BatchRecord): Counts {
	const finished = batch.completed + batch.failed;
	let ranLines = 0;
	let outputTokens = 0;
	for (const minute of ledger.workMinutes({ batchId: batch.id, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER })) {
		ranLines += minute.lines;
		outputTokens += minute.outputTokens;
	}
	const rehearsed: Pick<RehearsedFigures, "lines" | "outputTokens"> = batch.rehearsed ?? { lines: 0, outputTokens: 0 };
	return {
		firstLines: Math.min(finished, FIRST_LINES),
		firstFailed: finished <= FIRST_LINES ? batch.failed : 0,
		ranLines: Math.max(ranLines - rehearsed.lines, 0),
		ranTokens: Math.max(outputTokens - rehearsed.outputTokens, 0),
		outputTokens,
		openLines: batch.total - finished,
	};
}

function act(ledger: WatchmanDeps["ledger"], batchId: string, verdict: GuardVerdict): Promise<unknown> {
	switch (verdict.kind) {
		case "give-up":
			return ledger.giveUp(batchId, verdict.fault);
		case "pause":
			return ledger.pause(batchId, verdict.cause, verdict.message);
		default:
			return assertNever(verdict);
	}
}
