/** What the tray shows, put together from what the shell knows; pure. */
import type { BatchDetails, Rest } from "../../native/contract/contract.ts";
import type { ShellState } from "../state/state.ts";
import { type Summary, summarize } from "../state/summary.ts";
import type { TrayBatch, TrayLook, TrayProgress, TrayUpdate } from "./look.ts";

const noRest: Rest = { isPaused: false, snoozedUntilMs: null };

/** The look for a state. `nowMs` is Unix milliseconds. */
export function trayLookOf(state: ShellState, update: TrayUpdate, nowMs: number): TrayLook {
	const summary = summarize(state, nowMs);
	const isGivenUp = state.service.kind === "given-up";
	return {
		// A service that was given up is not a job that needs somebody.
		kind: isGivenUp ? "down" : summary.kind,
		progress: progressOf(summary),
		reason: summary.reason ?? "",
		attentionCount: summary.attentionIds.length,
		update,
		batches: summary.runningIds.flatMap((id) => batchOf(state.batches.get(id))),
		rest: state.machine?.rest ?? noRest,
		canTryAgain: isGivenUp,
	};
}

function progressOf({ progress }: Summary): TrayProgress | null {
	if (progress === null) return null;
	const { done, total, fraction, linesPerSecond, readyByMs } = progress;
	return { doneLines: done, totalLines: total, fraction, linesPerSecond, readyByMs };
}

function batchOf(batch: BatchDetails | undefined): readonly TrayBatch[] {
	if (batch === undefined) return [];
	const { total, completed, failed } = batch.request_counts;
	const fraction = total === 0 ? null : (completed + failed) / total;
	return [{ id: batch.id, name: batch.input_filename ?? batch.id, fraction }];
}
