import type { Database } from "better-sqlite3";
import type { SealRow } from "./course.ts";
import { type CourseFold, filesOf } from "./fold-course.ts";
import { type FileFold, fileOrdinal } from "./fold-files.ts";
import type { Op } from "./log.ts";
import { canonicalJson, type OpBody } from "./ops.ts";
import type { LedgerChange } from "./records.ts";
import { startOf } from "./start.ts";

/** Folds the beginning and the ends of batches. */
export interface BatchFold {
	add(body: OpBody<"batch">, op: Op): readonly LedgerChange[];
	/** A seal, or that one is published. */
	sealed(content: SealRow["content"], op: Op): readonly LedgerChange[];
	indexed(body: OpBody<"indexed">, op: Op): readonly LedgerChange[];
}

/** A fold of batches into `database`; output files go through `files`, what was decided through `course`. */
export function createBatchFold(database: Database, files: FileFold, course: CourseFold): BatchFold {
	const insert = database.prepare(
		`INSERT INTO batch (id, origin, idempotency_key, manifest, input_file_id, created_at_ms, expires_at_ms, surface,
		 not_before_ms, effective_until_ms, is_held) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
	);
	const places = database.prepare<[string], { number: number; origin: string }>(
		"SELECT number, origin FROM batch WHERE id = ?",
	);
	const insertIndex = database.prepare(
		"INSERT INTO shared_index (number, batch, digest, size_bytes, total) VALUES (?, ?, ?, ?, ?)",
	);

	return {
		add({ id, manifest, idempotencyKey }, op) {
			const { inputFileId, surface, notBeforeMs, effectiveUntilMs } = manifest;
			const { isHeld, expiresAtMs } = startOf(manifest, op.atMs);
			insert.run(
				id,
				op.origin,
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
			return [{ kind: "batch", batchId: id }];
		},
		sealed(content, op) {
			const batch = places.get(content.body.batchId);
			if (batch === undefined) return [];
			const { isPublished, changes } = course.sealed(content, op);
			if (!isPublished) return changes;
			const { output, errors } = filesOf({ content });
			const round = course.roundOf(batch.number, op, content.body.round);
			const owner = { batch: batch.number, origin: batch.origin, round };
			return [
				...(output === null ? [] : files.publish(output, fileOrdinal(op, 0), op.atMs, owner)),
				...(errors === null ? [] : files.publish(errors, fileOrdinal(op, 1), op.atMs, owner)),
				...changes,
			];
		},
		indexed({ batchId, digest, sizeBytes, total }, op) {
			const number = places.get(batchId)?.number;
			if (number === undefined) return [];
			insertIndex.run(op.arrival, number, digest, sizeBytes, total);
			return [{ kind: "batch", batchId }];
		},
	};
}
