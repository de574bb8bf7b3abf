import { assertNever } from "../base/base.ts";
import type { BatchRecord, Seal } from "../ledger/ledger.ts";

/** How a batch is to be sealed at this moment (wall clock); null: it is not time yet. */
export function sealDue(batch: BatchRecord, nowMs: number): Seal["status"] | null {
	switch (batch.status) {
		case "cancelling":
			return "cancelled";
		case "finalizing":
			return batch.givenUp === null ? "completed" : "failed";
		case "in_progress":
			// A rehearsal is over when somebody queues it or its time is up, also where it ran all lines there are.
			if (!batch.isHeld && batch.completed + batch.failed === batch.total) return "completed";
			return nowMs >= batch.expiresAtMs ? "expired" : null;
		case "validating":
		case "failed":
		case "completed":
		case "expired":
		case "cancelled":
			return null;
		default:
			return assertNever(batch.status);
	}
}
