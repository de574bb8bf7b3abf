import type { Database } from "better-sqlite3";
import { type FileFold, fileOrdinal } from "./fold-files.ts";
import type { NoticeFold } from "./fold-notices.ts";
import type { Op } from "./log.ts";
import { canonicalJson, type OpBody } from "./ops.ts";
import type { LedgerChange } from "./records.ts";

/** Longest time a rehearsal is held for; what it showed is no longer of interest then. */
const HELD_MS = 7 * 24 * 60 * 60 * 1000;

/** Folds operations on the life of a batch. Each sets columns that only `retried` unsets, so that their order hardly matters. */
export interface BatchFold {
	add(body: OpBody<"batch">, op: Op): readonly LedgerChange[];
	validated(body: OpBody<"validated">, op: Op): readonly LedgerChange[];
	invalid(body: OpBody<"invalid">, op: Op): readonly LedgerChange[];
	cancel(body: OpBody<"cancel">, op: Op): readonly LedgerChange[];
	published(body: OpBody<"published">, op: Op): readonly LedgerChange[];
}

/** A fold of batches into `database`; output files go through `files`, what people are told of through `notices`. */
export function createBatchFold(database: Database, files: FileFold, notices: NoticeFold): BatchFold {
	const insert = database.prepare(
		`INSERT INTO batch (id, idempotency_key, manifest, input_file_id, created_at_ms, expires_at_ms, surface,
		 not_before_ms, effective_until_ms, is_held) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
	);
	const validated = database.prepare(
		`UPDATE batch SET total = ?, model_name = ?, model_digest = ?, notices = ?, in_progress_at_ms = ?
		 WHERE id = ? AND in_progress_at_ms IS NULL AND failed_at_ms IS NULL`,
	);
	const invalid = database.prepare(
		`UPDATE batch SET faults = ?, failed_at_ms = ?, pause = NULL, warning = NULL
		 WHERE id = ? AND failed_at_ms IS NULL AND in_progress_at_ms IS NULL AND sealed IS NULL`,
	);
	const cancel = database.prepare(
		`UPDATE batch SET cancelling_at_ms = ?
		 WHERE id = ? AND cancelling_at_ms IS NULL AND sealed IS NULL AND failed_at_ms IS NULL`,
	);
	const seal = database
		.prepare<(string | number | null)[], number>(
			`UPDATE batch SET sealed = ?, sealed_at_ms = ?, output_file_id = ?, error_file_id = ?, faults = ?, pause = NULL,
			 warning = NULL, given_up = NULL WHERE id = ? AND sealed IS NULL AND failed_at_ms IS NULL RETURNING number`,
		)
		.pluck();
	const changed = (batchId: string): readonly LedgerChange[] => [{ kind: "batch", batchId }];

	return {
		add({ id, manifest, idempotencyKey }, op) {
			const { inputFileId, surface, notBeforeMs, effectiveUntilMs } = manifest;
			const isHeld = manifest.rehearsal !== null;
			const expiresAtMs = op.atMs + (isHeld ? HELD_MS : manifest.windowMs);
			insert.run(
				id,
				idempotencyKey,
				canonicalJson(manifest),
				inputFileId,
				op.atMs,
				expiresAtMs,
				surface,
				notBeforeMs,
				effectiveUntilMs,
				isHeld ? 1 : 0,
			);
			return changed(id);
		},
		validated({ batchId, total, model, notices: found }, op) {
			validated.run(total, model.name, model.digest, canonicalJson(found), op.atMs, batchId);
			return changed(batchId);
		},
		invalid({ batchId, faults, message }, op) {
			const { changes } = invalid.run(canonicalJson(faults), op.atMs, batchId);
			const isNews = changes > 0 && message !== null;
			return [...changed(batchId), ...(isNews ? notices.tell(op, { kind: "failed", batchId, message }) : [])];
		},
		cancel({ batchId }, op) {
			cancel.run(op.atMs, batchId);
			return changed(batchId);
		},
		published({ batchId, status, output, errors, faults, message }, op) {
			const ids = [output?.id ?? null, errors?.id ?? null];
			const number = seal.get(status, op.atMs, ...ids, canonicalJson(faults), batchId);
			if (number === undefined) return [];
			return [
				...(output === null ? [] : files.publish(output, fileOrdinal(op, 0), op.atMs, number)),
				...(errors === null ? [] : files.publish(errors, fileOrdinal(op, 1), op.atMs, number)),
				...changed(batchId),
				...(message === null ? [] : notices.tell(op, { kind: status, batchId, message })),
			];
		},
	};
}
