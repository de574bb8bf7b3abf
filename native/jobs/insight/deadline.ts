import { durationInWords } from "../../base/base.ts";
import type { BatchRecord } from "../../ledger/ledger.ts";
import type { WorkForecast } from "../jobs.ts";

/** What to do about the warning that a batch won't be done in time. */
export type WarningDecision =
	| { readonly kind: "set"; readonly message: string }
	| { readonly kind: "lift" }
	/** It stays as it is: none, or the one there is. */
	| { readonly kind: "keep" };

/** What the decision needs beyond batch and forecast. */
export interface DeadlineFacts {
	readonly nowMs: number;
	/** Writes a moment of Unix seconds for people. */
	readonly formatTime: (seconds: number) => string;
}

/** A warning is lifted only when the batch is expected this share of the time left before its end: it must not come and go. */
const LIFT_SHARE = 0.05;

/**
 * Decides whether people are to be warned that a batch will miss its deadline: as soon as the forecast says so, however far
 * away the deadline is. Without a forecast nothing changes, for a warning without facts is noise.
 */
export function deadlineWarning(
	batch: BatchRecord,
	forecast: WorkForecast | null,
	facts: DeadlineFacts,
): WarningDecision {
	if (batch.status !== "in_progress" || batch.isHeld || forecast === null) return { kind: "keep" };
	const leftMs = batch.expiresAtMs - facts.nowMs;
	if (leftMs <= 0) return { kind: "keep" };
	const finishMs = forecast.finish_at.expected * 1_000;
	if (batch.warning === null) {
		if (!forecast.misses_deadline) return { kind: "keep" };
		return { kind: "set", message: describeDelay(batch, finishMs, facts) };
	}
	const isSafe = finishMs <= batch.expiresAtMs - LIFT_SHARE * leftMs;
	return isSafe ? { kind: "lift" } : { kind: "keep" };
}

function describeDelay(batch: BatchRecord, finishMs: number, { formatTime }: DeadlineFacts): string {
	const late = durationInWords(finishMs - batch.expiresAtMs);
	const ready = formatTime(finishMs / 1_000);
	const end = formatTime(batch.expiresAtMs / 1_000);
	const sooner = batch.manifest.priority === "standard" ? 'the priority "soon" if other batches run before it, ' : "";
	return (
		`It is expected to be ready about ${ready}, ${late} after its window ends (${end}). Lines done by then are kept, the ` +
		"others are marked expired and can be retried. To be in time it needs " +
		`${sooner}fewer lines, or a longer window: cancel it and submit the file again; what is done is not run again.`
	);
}
