import type { Database } from "better-sqlite3";
import type { NoticeFold } from "./fold-notices.ts";
import type { Op } from "./log.ts";
import { canonicalJson, type OpBody } from "./ops.ts";
import { overruledSchema, pauseSchema } from "./ops-columns.ts";
import type { LedgerChange } from "./records.ts";

/** Folds what people and guards decide about a batch on its way. Nothing of it touches a batch that ended. */
export interface ControlFold {
	rehearsed(body: OpBody<"rehearsed">, op: Op): readonly LedgerChange[];
	queued(body: OpBody<"queued">, op: Op): readonly LedgerChange[];
	paused(body: OpBody<"paused">, op: Op): readonly LedgerChange[];
	resumed(body: OpBody<"resumed">): readonly LedgerChange[];
	gaveUp(body: OpBody<"gave-up">, op: Op): readonly LedgerChange[];
	warned(body: OpBody<"warned">, op: Op): readonly LedgerChange[];
	collected(body: OpBody<"collected">, op: Op): readonly LedgerChange[];
}

/** Not ended. */
const OPEN = "sealed IS NULL AND failed_at_ms IS NULL";

/** A fold of decisions into `database`; what people are told of goes through `notices`. */
export function createControlFold(database: Database, notices: NoticeFold): ControlFold {
	const rehearsed = database.prepare(`UPDATE batch SET rehearsed = ? WHERE id = ? AND rehearsed IS NULL AND ${OPEN}`);
	// Only now may it be finished, if the rehearsal ran or found all lines there are.
	const queued = database.prepare(
		`UPDATE batch SET is_held = 0, expires_at_ms = ?, finalizing_at_ms =
		 CASE WHEN in_progress_at_ms IS NOT NULL AND completed + failed = total THEN coalesce(finalizing_at_ms, ?)
		 ELSE finalizing_at_ms END WHERE id = ? AND is_held = 1 AND ${OPEN}`,
	);
	const paused = database.prepare(`UPDATE batch SET pause = ? WHERE id = ? AND pause IS NULL AND ${OPEN}`);
	const standing = database.prepare<[string], { pause: string; overruled: string }>(
		"SELECT pause, overruled FROM batch WHERE id = ? AND pause IS NOT NULL",
	);
	const resumed = database.prepare("UPDATE batch SET pause = NULL, overruled = ? WHERE id = ?");
	const gaveUp = database.prepare(
		`UPDATE batch SET given_up = ?, finalizing_at_ms = coalesce(finalizing_at_ms, ?)
		 WHERE id = ? AND given_up IS NULL AND ${OPEN}`,
	);
	const isWarned = database.prepare<[string], 0 | 1>("SELECT warning IS NOT NULL FROM batch WHERE id = ?").pluck();
	const warned = database.prepare(`UPDATE batch SET warning = ? WHERE id = ? AND ${OPEN}`);
	const collected = database.prepare(
		`UPDATE batch SET collected_at_ms = ? WHERE id = ? AND collected_at_ms IS NULL AND NOT (${OPEN})`,
	);
	const isHeld = database.prepare<[string], 0 | 1>("SELECT is_held FROM batch WHERE id = ?").pluck();
	const changed = (batchId: string): readonly LedgerChange[] => [{ kind: "batch", batchId }];

	return {
		rehearsed({ batchId, figures, message }, op) {
			const { changes } = rehearsed.run(canonicalJson({ ...figures, atMs: op.atMs }), batchId);
			// Of a batch that was queued meanwhile nobody waits for it.
			const isNews = changes > 0 && message !== null && isHeld.get(batchId) === 1;
			return [...changed(batchId), ...(isNews ? notices.tell(op, { kind: "rehearsed", batchId, message }) : [])];
		},
		queued({ batchId, windowMs }, op) {
			queued.run(op.atMs + windowMs, op.atMs, batchId);
			return changed(batchId);
		},
		paused({ batchId, cause, message }, op) {
			const { changes } = paused.run(canonicalJson({ cause, message, atMs: op.atMs }), batchId);
			const isNews = changes > 0 && cause !== "user";
			return [...changed(batchId), ...(isNews ? notices.tell(op, { kind: "needs-attention", batchId, message }) : [])];
		},
		resumed({ batchId }) {
			const row = standing.get(batchId);
			if (row === undefined) return [];
			const { cause } = pauseSchema.parse(JSON.parse(row.pause));
			const overruled = overruledSchema.parse(JSON.parse(row.overruled));
			// People may pause it as often as they like.
			const all = cause === "user" || overruled.includes(cause) ? overruled : [...overruled, cause];
			resumed.run(JSON.stringify(all), batchId);
			return changed(batchId);
		},
		gaveUp({ batchId, fault }, op) {
			gaveUp.run(canonicalJson({ fault, atMs: op.atMs }), op.atMs, batchId);
			return changed(batchId);
		},
		warned({ batchId, message }, op) {
			const isNews = message !== null && isWarned.get(batchId) === 0;
			const { changes } = warned.run(message === null ? null : canonicalJson({ message, atMs: op.atMs }), batchId);
			const told = isNews && changes > 0 ? notices.tell(op, { kind: "deadline-at-risk", batchId, message }) : [];
			return [...changed(batchId), ...told];
		},
		collected({ batchId }, op) {
			collected.run(op.atMs, batchId);
			return changed(batchId);
		},
	};
}
