import type { BatchStatus } from "./records.ts";

/** True: nothing will happen to a batch of this status any more. */
export function isEnded(status: BatchStatus): boolean {
	return status === "completed" || status === "failed" || status === "expired" || status === "cancelled";
}
