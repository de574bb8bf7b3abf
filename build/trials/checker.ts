/**
 * Judges a history: what the mesh promised and did not keep, and what it cost. Pure. Owns what counts as broken; must never look at
 * anything but the history, nor excuse what it can't explain.
 */
import { checkAnswers } from "./check-answers.ts";
import { checkBatches } from "./check-batches.ts";
import { checkMachines } from "./check-machines.ts";
import { checkOutputs } from "./check-outputs.ts";
import { checkWork, type WorkFigures } from "./check-work.ts";
import { eventsOf, type FaultKind, type History, sincePhase } from "./history.ts";

/** A promise that was not kept. */
export interface Violation {
	readonly promise: /** The trial itself came to its end. */
		| "ended"
		/** An acknowledged batch is there, for good. */
		| "kept"
		/** Statuses go forward. */
		| "forward"
		/** In the end all machines say the same. */
		| "agreed"
		/** An output has every line once, in the order of the input. */
		| "whole"
		/** A file, once shown, stays and keeps its bytes. */
		| "same-bytes"
		/** Answers are right as often as those of one machine. */
		| "right"
		/** What is done is not run again, but for what broke. */
		| "once"
		/** Log, stored bytes and tables agree. */
		| "ledger"
		/** No process ended but those that were killed, and no machine is in trouble in the end. */
		| "alive";
	/** What was seen, with machine and batch. */
	readonly message: string;
}

/** What a trial came to. */
export interface TrialFigures extends WorkFigures {
	readonly machines: number;
	readonly batches: number;
	/** Of them, acknowledged as standing on two disks. */
	readonly level2: number;
	/** Asked for and neither acknowledged nor refused. */
	readonly unanswered: number;
	readonly faults: Readonly<Record<FaultKind, number>>;
	/** Batches of which clients were shown more than one output; allowed, as long as all of them are whole and stay. */
	readonly twoOutputs: number;
	/** From the first fault until all was done, seconds. */
	readonly stormSeconds: number;
	readonly settleSeconds: number;
	/** Share of right answers, and of those of the same lines by one machine; null: not compared. */
	readonly right: number | null;
	readonly rightAlone: number | null;
	/** Lines whose answer differs from that of one machine by so much as a letter. */
	readonly otherAnswers: number;
}

/** A judged history. */
export interface Judgement {
	readonly violations: readonly Violation[];
	readonly figures: TrialFigures;
}

/** Judges a history. */
export function checkHistory(history: History): Judgement {
	const answers = checkAnswers(history);
	const work = checkWork(history);
	const violations: Violation[] = [
		...checkMachines(history),
		...checkBatches(history),
		...checkOutputs(history),
		...answers.violations,
		...work.violations,
	];
	return { violations, figures: { ...figuresOf(history), ...answers.figures, ...work.figures } };
}

function figuresOf(history: History) {
	const created = eventsOf(history, "created");
	const answered = new Set(created.filter(({ http }) => http !== null).map(({ request }) => request));
	const shown = new Map<string, Set<string>>();
	for (const { batchId, batch } of eventsOf(history, "polled")) {
		if (batch === null || batch.outputFileId === null) continue;
		shown.set(batchId, (shown.get(batchId) ?? new Set()).add(batch.outputFileId));
	}
	const startOf = (phase: "faults" | "healed" | "final"): number => sincePhase(history, phase)[0]?.atMs ?? Number.NaN;
	return {
		machines: eventsOf(history, "run")[0]?.machines.length ?? 0,
		batches: created.filter(({ batchId }) => batchId !== null).length,
		level2: created.filter(({ level }) => level === 2).length,
		unanswered: eventsOf(history, "create").filter(({ request }) => !answered.has(request)).length,
		faults: countFaults(history),
		twoOutputs: [...shown.values()].filter(({ size }) => size > 1).length,
		stormSeconds: (startOf("healed") - startOf("faults")) / 1_000,
		settleSeconds: (startOf("final") - startOf("healed")) / 1_000,
	};
}

function countFaults(history: History): Record<FaultKind, number> {
	const counts = { "kill-host": 0, "kill-other": 0, cut: 0, pull: 0, stop: 0, "kill-all": 0 };
	for (const { fault } of eventsOf(history, "fault")) counts[fault] += 1;
	return counts;
}
