/** What this machine works on at the moment, as far as the batches' progress tells. Pure. */
import type { BatchDetails } from "../../native/contract/contract.ts";
import { type BatchesState, newestFirst, type ProgressPoint } from "../state/batches.ts";

/** A batch whose lines came longer ago is not said to be worked on: long lines take a minute on a slow machine. */
const STILL_AT_IT_MS = 90_000;

/** The batch whose lines came in last, as long as that is not long ago; null: none is worked on that one could tell. */
export function workingOn(state: BatchesState, nowMs: number): BatchDetails | null {
	const moving = newestFirst(state).flatMap((batch) => {
		const movedAtMs = lastRiseMs(state.progress.get(batch.id) ?? []);
		const isMoving = batch.status === "in_progress" && batch.pause === null;
		return isMoving && movedAtMs !== null && nowMs - movedAtMs <= STILL_AT_IT_MS ? [{ batch, movedAtMs }] : [];
	});
	return moving.sort((one, other) => other.movedAtMs - one.movedAtMs)[0]?.batch ?? null;
}

/** When lines last came in; null: not since the page was opened. A batch is told anew for other reasons too. */
function lastRiseMs(points: readonly ProgressPoint[]): number | null {
	const at = points.findLastIndex(
		(point, index) => point.doneLines > (points[index - 1]?.doneLines ?? point.doneLines),
	);
	return points[at]?.atMs ?? null;
}
