import { assertNever, durationInWords, formatCount } from "../../base/base.ts";
import type { BatchHealth } from "../../contract/contract.ts";
import type { BatchRecord } from "../../ledger/ledger.ts";
import type { WorkForecast } from "../jobs.ts";
import type { Shortage } from "./shortage.ts";

/** What is known of a batch beyond its record. Moments are wall-clock milliseconds; null: it never came to that. */
export interface HealthFacts {
	readonly nowMs: number;
	/** When it was taken up to be checked or worked on; null: it is not in hand. */
	readonly inHandSinceMs: number | null;
	/** What keeps it from going on until somebody mends it, as a sentence; null: nothing. */
	readonly trouble: string | null;
	/** What it is doing or waiting for, in words (`BatchProgress.activity`). */
	readonly activity: string;
	/** Other machines work on it. */
	readonly isElsewhere: boolean;
	readonly forecast: WorkForecast | null;
	readonly lastResultAtMs: number | null;
	/** Batch work stands aside for live requests right now. */
	readonly isFrozen: boolean;
	/** When batch work last went on after standing aside. */
	readonly lastThawAtMs: number | null;
	/** When its model, or another one, was last short of memory. */
	readonly lastShortAtMs: number | null;
	/** What 95 % of its lines took at most; null: none has run. */
	readonly lineP95Ms: number | null;
	/** Why no batch work is done this night (`nightSpent`); null: it is. */
	readonly nightSpent: string | null;
	/** Why its lines may not run now, though it would be their time (`WorkPermit.reason`); null: they may. */
	readonly notPermitted: string | null;
	/** False: nobody knows when it will be permitted. */
	readonly isStartKnown: boolean;
	/** Its model does not fit into the memory for the moment; null: nothing is known of that. */
	readonly shortage: Shortage | null;
	/** Writes a moment of Unix seconds for people. */
	readonly formatTime: (seconds: number) => string;
}

/** Nothing finished for so long is no long line any more; loading a large model from a slow disk fits in. */
const LEAST_STUCK_MS = 10 * 60_000;

/** Memory others use comes free when they are done; what lasts longer than this, somebody has to see to. */
const LEAST_SHORTAGE_MS = 60 * 60_000;

/** A line may take this many times as long as 95 % of the lines before it. */
const STUCK_FACTOR = 5;

/** Tells how a batch does: its state and the reason in words. */
export function describeHealth(batch: BatchRecord, facts: HealthFacts): BatchHealth {
	switch (batch.status) {
		case "validating":
			return describeCheck(facts);
		case "in_progress":
			return describeOpen(batch, facts);
		case "finalizing":
			return facts.trouble === null ? health("on-time", facts.activity) : stuckBy(facts.trouble);
		case "cancelling":
			return facts.trouble === null ? health("cancelled", facts.activity) : stuckBy(facts.trouble);
		case "completed":
		case "failed":
		case "expired":
			return describeEnd(batch, facts);
		case "cancelled":
			return health("cancelled", `cancelled: ${doneOf(batch)}${remark(batch, facts)}`);
		default:
			return assertNever(batch.status);
	}
}

function describeCheck({ trouble, shortage, notPermitted, activity, formatTime }: HealthFacts): BatchHealth {
	if (trouble !== null) return stuckBy(trouble);
	if (notPermitted === null && isLasting(shortage)) return stuckBy(describeShortage(shortage, formatTime));
	return health("checking", activity);
}

function describeOpen(batch: BatchRecord, facts: HealthFacts): BatchHealth {
	if (batch.pause !== null) return health("paused", `paused: ${batch.pause.message}`);
	if (batch.isHeld && batch.rehearsed !== null) return describeRehearsed(batch, batch.rehearsed);
	if (facts.trouble !== null) return stuckBy(facts.trouble);
	const { inHandSinceMs, notPermitted, shortage } = facts;
	const isResting = inHandSinceMs === null || notPermitted !== null || shortage !== null;
	const isWaiting = isResting && !facts.isElsewhere;
	if (inHandSinceMs !== null && notPermitted === null && isLasting(shortage) && isWaiting) {
		return stuckBy(`${describeShortage(shortage, facts.formatTime)} ${doneOf(batch)}`);
	}
	const quietMs = isResting ? 0 : quietFor(inHandSinceMs, facts);
	if (quietMs > Math.max(LEAST_STUCK_MS, STUCK_FACTOR * (facts.lineP95Ms ?? 0))) {
		return stuckBy(`no line has been done for ${durationInWords(quietMs)} (${facts.activity}); ${doneOf(batch)}`);
	}
	const isLate = batch.warning !== null || facts.forecast?.misses_deadline === true;
	const state = isLate ? "late" : isWaiting ? "waiting" : "on-time";
	const doing = inHandSinceMs === null ? whyWaiting(batch, facts) : whileInHand(batch, facts);
	return health(state, [doneOf(batch), ...doing, readyAbout(batch, facts)].filter((part) => part !== "").join(", "));
}

function describeRehearsed(batch: BatchRecord, rehearsed: NonNullable<BatchRecord["rehearsed"]>): BatchHealth {
	const failed = rehearsed.failed > 0 ? `, ${formatCount(rehearsed.failed)} of them failed` : "";
	const left = batch.total - batch.completed - batch.failed;
	return health(
		"rehearsed",
		`${lines(rehearsed.lines)} rehearsed${failed}; queue it to run the other ${formatCount(left)}`,
	);
}

function isLasting(shortage: Shortage | null): shortage is Shortage {
	return shortage !== null && shortage.forMs > LEAST_SHORTAGE_MS;
}

/** What is wrong and how to mend it. */
function describeShortage({ model, forMs, message, nextTryAtMs }: Shortage, formatTime: HealthFacts["formatTime"]) {
	return (
		`${model} has needed more memory than is free for ${durationInWords(forMs)} (${message}); next try ` +
		`${formatTime(nextTryAtMs / 1_000)}. Close what uses the memory, take a smaller model, or let it be loaded with less ` +
		"(setting outOfMemory.settleFor)."
	);
}

/** How long it has had its chance and nothing got done. What it stood aside, or memory was short, does not count. */
function quietFor(inHandSinceMs: number, facts: HealthFacts): number {
	if (facts.isFrozen) return 0;
	const { lastResultAtMs, lastThawAtMs, lastShortAtMs } = facts;
	return facts.nowMs - Math.max(inHandSinceMs, lastResultAtMs ?? 0, lastThawAtMs ?? 0, lastShortAtMs ?? 0);
}

function whyWaiting(batch: BatchRecord, facts: HealthFacts): readonly string[] {
	const { nowMs, nightSpent, activity, isElsewhere, formatTime } = facts;
	const { notBeforeMs } = batch.manifest;
	if (batch.isHeld || isElsewhere) return [activity];
	if (notBeforeMs !== null && notBeforeMs > nowMs) return [`not to begin before ${formatTime(notBeforeMs / 1_000)}`];
	return [nightSpent ?? activity];
}

/** Plain work needs no word: the figures beside it tell. */
function whileInHand(batch: BatchRecord, facts: HealthFacts): readonly string[] {
	const { isFrozen, activity, notPermitted, shortage } = facts;
	if (notPermitted !== null || shortage !== null) return [activity];
	if (isFrozen) return ["standing aside for a live request"];
	if (batch.isHeld) return ["rehearsing"];
	return activity === "working" ? [] : [activity];
}

function readyAbout(batch: BatchRecord, { forecast, isStartKnown, isElsewhere, formatTime }: HealthFacts): string {
	if (batch.isHeld) return "";
	if (forecast === null) return batch.warning?.message ?? "";
	const finish = forecast.finish_at.expected;
	const ready = `ready about ${formatTime(finish)}`;
	const lateMs = finish * 1_000 - batch.expiresAtMs;
	// It is that late at the least.
	if (lateMs <= 0) return isStartKnown || isElsewhere ? ready : "";
	return `${ready}, ${durationInWords(lateMs)} after its window ends (${formatTime(batch.expiresAtMs / 1_000)})`;
}

/** An ended batch: by what came of it, then by whether anybody has it. */
function describeEnd(batch: BatchRecord, facts: HealthFacts): BatchHealth {
	const [fault] = batch.faults;
	const why = fault === undefined ? "" : `: ${fault.message}`;
	const end = `${batch.status}${why} (${doneOf(batch)})${remark(batch, facts)}`;
	if (batch.completed === 0 && (batch.total > 0 || batch.status === "failed")) return health("failed", end);
	if (batch.completed < batch.total) return health("partial", end);
	const isFetchable = batch.outputFileId !== null && batch.resultsDroppedAtMs === null;
	return health(isFetchable && batch.collectedAtMs === null ? "done-uncollected" : "done", end);
}

/** What became of the files of an ended batch. */
function remark(batch: BatchRecord, { formatTime }: HealthFacts): string {
	if (batch.resultsDroppedAtMs !== null) {
		return `; its files were removed for their age (${formatTime(batch.resultsDroppedAtMs / 1_000)})`;
	}
	if (batch.outputFileId === null && batch.errorFileId === null) return "";
	return batch.collectedAtMs === null ? "; its results were not fetched yet" : "";
}

/** e.g. `1,204 of 5,000 lines done, 3 failed`. */
function doneOf({ completed, failed, total }: BatchRecord): string {
	const done = `${formatCount(completed + failed)} of ${lines(total)} done`;
	return failed > 0 ? `${done}, ${formatCount(failed)} failed` : done;
}

function stuckBy(reason: string): BatchHealth {
	return health("stuck", `stuck: ${reason}`);
}

function health(state: BatchHealth["state"], words: string): BatchHealth {
	return { state, words };
}

function lines(count: number): string {
	return `${formatCount(count)} ${count === 1 ? "line" : "lines"}`;
}
