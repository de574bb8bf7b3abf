import type { Database } from "better-sqlite3";
import { type FileFold, fileOrdinal } from "./fold-files.ts";
import type { Op } from "./log.ts";
import type { OpBody } from "./ops.ts";
import type { LedgerChange } from "./records.ts";

/** Folds operations on the life of a batch. Each sets columns that are never unset, so that their order hardly matters. */
export interface BatchFold {
	add(body: OpBody<"batch">, op: Op): readonly LedgerChange[];
	validated(body: OpBody<"validated">, op: Op): readonly LedgerChange[];
	invalid(body: OpBody<"invalid">, op: Op): readonly LedgerChange[];
	cancel(body: OpBody<"cancel">, op: Op): readonly LedgerChange[];
	published(body: OpBody<"published">, op: Op): readonly LedgerChange[];
}

/** A fold of batches into `database`; output files go through `files`. */
export function createBatchFold(database: Database, files: FileFold): BatchFold {
	const insert = database.prepare(
		`INSERT INTO batch (id, idempotency_key, manifest, input_file_id, created_at_ms, expires_at_ms)
		 VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
	);
	const validated = database.prepare(
		`UPDATE batch SET total = ?, model_name = ?, model_digest = ?, in_progress_at_ms = ?
		 WHERE id = ? AND in_progress_at_ms IS NULL AND failed_at_ms IS NULL`,
	);
	const invalid = database.prepare(
		`UPDATE batch SET faults = ?, failed_at_ms = ?
		 WHERE id = ? AND failed_at_ms IS NULL AND in_progress_at_ms IS NULL AND sealed IS NULL`,
	);
	const cancel = database.prepare(
		`UPDATE batch SET cancelling_at_ms = ?
		 WHERE id = ? AND cancelling_at_ms IS NULL AND sealed IS NULL AND failed_at_ms IS NULL`,
	);
	const seal = database.prepare(
		`UPDATE batch SET sealed = ?, sealed_at_ms = ?, output_file_id = ?, error_file_id = ?
		 WHERE id = ? AND sealed IS NULL AND failed_at_ms IS NULL`,
	);
	const changed = (batchId: string): readonly LedgerChange[] => [{ kind: "batch", batchId }];

	return {
		add({ id, manifest, idempotencyKey }, op) {
			const expiresAtMs = op.atMs + manifest.windowMs;
			insert.run(id, idempotencyKey, JSON.stringify(manifest), manifest.inputFileId, op.atMs, expiresAtMs);
			return changed(id);
		},
		validated({ batchId, total, model }, op) {
			validated.run(total, model.name, model.digest, op.atMs, batchId);
			return changed(batchId);
		},
		invalid({ batchId, faults }, op) {
			invalid.run(JSON.stringify(faults), op.atMs, batchId);
			return changed(batchId);
		},
		cancel({ batchId }, op) {
			cancel.run(op.atMs, batchId);
			return changed(batchId);
		},
		published({ batchId, status, output, errors }, op) {
			const { changes } = seal.run(status, op.atMs, output?.id ?? null, errors?.id ?? null, batchId);
			if (changes === 0) return [];
			const added = [
				...(output === null ? [] : files.add(output, fileOrdinal(op, 0), op.atMs)),
				...(errors === null ? [] : files.add(errors, fileOrdinal(op, 1), op.atMs)),
			];
			return [...added, ...changed(batchId)];
		},
	};
}
