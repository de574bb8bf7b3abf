/** What can be done to a job as it stands. Pure; the service has the last word. */
import type { BatchDetails } from "../../native/contract/contract.ts";
import { hasEnded } from "../state/batches.ts";

/** Something that can be done to a job. */
export type JobAction =
	| "queue"
	| "resume"
	| "pause"
	| "results"
	| "errors"
	| "retry"
	| "machines"
	| "duplicate"
	| "cancel"
	| "delete";

/** What decides about it. */
export type ActionFacts = Pick<
	BatchDetails,
	| "status"
	| "pause"
	| "is_rehearsal"
	| "health"
	| "results_dropped_at"
	| "output_file_id"
	| "error_file_id"
	| "in_progress_at"
	| "request_counts"
>;

/** The actions that make sense now, the likeliest first and what can't be taken back last. `hasOthers`: there is a choice of machines. */
export function actionsOf(batch: ActionFacts, hasOthers: boolean): readonly JobAction[] {
	const order: readonly JobAction[] = [
		"queue",
		"resume",
		"pause",
		"results",
		"errors",
		"retry",
		"machines",
		"duplicate",
		"cancel",
		"delete",
	];
	return order.filter((action) => (action !== "machines" || hasOthers) && isPossible(action, batch));
}

function isPossible(action: JobAction, batch: ActionFacts): boolean {
	const isOpen = !hasEnded(batch) && batch.status !== "cancelling";
	const isRehearsed = batch.health.state === "rehearsed";
	const hasFiles = batch.results_dropped_at === null;
	switch (action) {
		case "queue":
			return isOpen && batch.is_rehearsal;
		case "resume":
			return isOpen && batch.pause !== null;
		case "pause":
			return isOpen && batch.pause === null && batch.status !== "finalizing" && !isRehearsed;
		case "results":
			return hasFiles && batch.output_file_id !== null;
		case "errors":
			return hasFiles && batch.error_file_id !== null;
		case "retry":
			return hasEnded(batch) && hasFiles && canRetry(batch);
		case "machines":
			return isOpen;
		case "duplicate":
			return true;
		case "cancel":
			return isOpen;
		case "delete":
			return hasEnded(batch);
		default:
			return action satisfies never;
	}
}

/** A batch whose file was refused never had lines to run; one with every line answered has none left. */
function canRetry({ status, in_progress_at, request_counts: counts }: ActionFacts): boolean {
	if (status === "failed" && in_progress_at === null) return false;
	return counts.completed < counts.total;
}
