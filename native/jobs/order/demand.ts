/**
 * What open batches want of this machine, whether it may be given or not. Pure; for whoever decides about keeping the computer
 * awake and looking closely at it.
 */
import type { BatchRecord } from "../../ledger/ledger.ts";

/** What the demand depends on beyond the batches themselves. */
export interface DemandFacts {
	readonly nowMs: number;
	/** The night's budget is used up: only rehearsals go on. */
	readonly isNightSpent: boolean;
}

/** A batch that may begin within so long counts as work of this night. */
export const SOON_MS = 12 * 3_600_000;

/** Whether a rehearsal has lines to run, or its file to be checked for that: somebody waits for it. */
export function wantsToRehearse(batches: readonly BatchRecord[], { nowMs }: DemandFacts): boolean {
	return batches.some((batch) => isFree(batch) && isToBeRehearsed(batch) && nowMs < batch.expiresAtMs);
}

/** Whether a batch could be checked, rehearsed or worked on now or soon. */
export function hasWork(batches: readonly BatchRecord[], { nowMs, isNightSpent }: DemandFacts): boolean {
	return batches.some((batch) => {
		if (!isFree(batch)) return false;
		// The window of one that was never checked ends only after that.
		if (batch.status === "in_progress" && nowMs >= batch.expiresAtMs) return false;
		if (batch.isHeld) return isToBeRehearsed(batch);
		if (batch.status === "in_progress" && batch.completed + batch.failed >= batch.total) return false;
		return !isNightSpent && (batch.manifest.notBeforeMs ?? 0) <= nowMs + SOON_MS;
	});
}

/** Nobody has to say a word before it goes on. */
function isFree({ status, pause, givenUp }: BatchRecord): boolean {
	return (status === "validating" || status === "in_progress") && pause === null && givenUp === null;
}

function isToBeRehearsed({ isHeld, rehearsed }: BatchRecord): boolean {
	return isHeld && rehearsed === null;
}
