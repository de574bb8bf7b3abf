import { isEnded } from "./batch-status.ts";
import type { Batches } from "./batches.ts";
import type { Journal } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import type { OpContent } from "./ops.ts";
import type { BatchRecord } from "./records.ts";
import { rehearsedMessage } from "./wording.ts";

type Control = Pick<
	Ledger,
	"cancel" | "settleRehearsal" | "queue" | "pause" | "resume" | "giveUp" | "warn" | "markCollected" | "chooseMachines"
>;

/** Decides about batches on their way. What changes nothing is not recorded. */
export function createControl(deps: { journal: Journal; batches: Batches }): Control {
	const { journal, batches } = deps;

	/** Records what `decide` answers about the batch as it is then; null: nothing. */
	function decide(batchId: string, decision: (batch: BatchRecord) => OpContent | null): Promise<BatchRecord> {
		return journal.record((append) => {
			const batch = batches.record(batchId);
			const content = decision(batch);
			if (content === null) return batch;
			append(content);
			return batches.record(batchId);
		});
	}

	/** As `decide`, of a batch that has not ended and is not about to. */
	function steer(batchId: string, decision: (batch: BatchRecord) => OpContent | null): Promise<BatchRecord> {
		return decide(batchId, (batch) =>
			isEnded(batch.status) || batch.cancellingAtMs !== null || batch.givenUp !== null ? null : decision(batch),
		);
	}

	return {
		cancel: (batchId) =>
			decide(batchId, (batch) =>
				isEnded(batch.status) || batch.cancellingAtMs !== null
					? null
					: { kind: "cancel", body: { batchId, round: batch.round } },
			),
		settleRehearsal: (batchId, figures) =>
			steer(batchId, (batch) => {
				if (batch.manifest.rehearsal === null || batch.rehearsed !== null) return null;
				const { lines, failed, inputTokens, outputTokens, durationMs } = figures;
				const kept = { lines, failed, inputTokens, outputTokens, durationMs };
				return {
					kind: "rehearsed",
					body: { batchId, figures: kept, message: rehearsedMessage(kept), round: batch.round },
				};
			}),
		queue: (batchId, windowMs) =>
			steer(batchId, (batch) =>
				batch.isHeld ? { kind: "queued", body: { batchId, windowMs, round: batch.round } } : null,
			),
		pause: (batchId, cause, message) =>
			steer(batchId, (batch) =>
				batch.pause !== null || batch.overruled.includes(cause) || batch.status === "finalizing"
					? null
					: { kind: "paused", body: { batchId, cause, message, round: batch.round } },
			),
		resume: (batchId) =>
			decide(batchId, (batch) =>
				batch.pause === null ? null : { kind: "resumed", body: { batchId, round: batch.round } },
			),
		giveUp: (batchId, fault) => steer(batchId, ({ round }) => ({ kind: "gave-up", body: { batchId, fault, round } })),
		warn: (batchId, message) =>
			steer(batchId, (batch) =>
				(batch.warning?.message ?? null) === message
					? null
					: { kind: "warned", body: { batchId, message, round: batch.round } },
			),
		chooseMachines: (batchId, { only, never }) =>
			journal.record((append) => {
				batches.record(batchId);
				const revision = batches.machineRevision(batchId) + 1;
				append({ kind: "chosen", body: { batchId, revision, only, never } });
				return batches.record(batchId);
			}),
		markCollected: (batchId) =>
			decide(batchId, (batch) =>
				isEnded(batch.status) && batch.collectedAtMs === null
					? { kind: "collected", body: { batchId, round: batch.round } }
					: null,
			),
	};
}
