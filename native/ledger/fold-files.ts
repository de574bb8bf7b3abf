import type { Database } from "better-sqlite3";
import type { Op } from "./log.ts";
import type { OpBody } from "./ops.ts";
import type { LedgerChange } from "./records.ts";

/** Folds operations on files and uploads. */
export interface FileFold {
	/** `ordinal`: place among all files ever, see `fileOrdinal`. */
	add(file: OpBody<"file">, ordinal: number, atMs: number): readonly LedgerChange[];
	/** As `add`, of a file that the batch of this number published; one that was dropped comes back. */
	publish(file: OpBody<"file">, ordinal: number, atMs: number, batch: number): readonly LedgerChange[];
	drop(body: OpBody<"file-dropped">, atMs: number): readonly LedgerChange[];
	addUpload(body: OpBody<"upload">, op: Op): readonly LedgerChange[];
	addPart(body: OpBody<"upload-part">, op: Op): readonly LedgerChange[];
	endUpload(body: OpBody<"upload-ended">, op: Op): readonly LedgerChange[];
}

/** Place of a file among all: by operation, and within one (a published batch brings two) by `index`. */
export function fileOrdinal(op: Op, index: 0 | 1): number {
	return op.sequence * 2 + index;
}

/** A fold of files into `database`. */
export function createFileFold(database: Database): FileFold {
	const insertFile = database.prepare(
		`INSERT INTO file (ordinal, id, filename, purpose, size_bytes, digest, blobs, created_at_ms, expires_at_ms)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
	);
	// Its name is made of its content: a retry that came to nothing new publishes the same once more.
	const revive = database.prepare("UPDATE file SET batch = ?, dropped_at_ms = NULL, expires_at_ms = ? WHERE id = ?");
	const dropFile = database.prepare("UPDATE file SET dropped_at_ms = ? WHERE id = ? AND dropped_at_ms IS NULL");
	const insertUpload = database.prepare(
		`INSERT INTO upload (ordinal, id, filename, purpose, mime_type, size_bytes, created_at_ms, expires_at_ms,
		 file_expires_after_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
	);
	const insertPart = database.prepare(
		`INSERT INTO upload_part (ordinal, id, upload_id, bytes, created_at_ms) VALUES (?, ?, ?, ?, ?)
		 ON CONFLICT (id) DO NOTHING`,
	);
	const endUpload = database.prepare("UPDATE upload SET ended = ?, file_id = ? WHERE id = ? AND ended IS NULL");

	function add(file: OpBody<"file">, ordinal: number, atMs: number): readonly LedgerChange[] {
		const { id, filename, purpose, sizeBytes, digest, blobs, expiresAtMs } = file;
		insertFile.run(ordinal, id, filename, purpose, sizeBytes, digest, JSON.stringify(blobs), atMs, expiresAtMs);
		return [{ kind: "file", fileId: id }];
	}

	return {
		add,
		publish(file, ordinal, atMs, batch) {
			const changes = add(file, ordinal, atMs);
			revive.run(batch, file.expiresAtMs, file.id);
			return changes;
		},
		drop({ id }, atMs) {
			dropFile.run(atMs, id);
			return [{ kind: "file", fileId: id }];
		},
		addUpload(body, op) {
			const { id, filename, purpose, mimeType, sizeBytes, expiresAtMs, fileExpiresAfterMs } = body;
			insertUpload.run(
				op.sequence,
				id,
				filename,
				purpose,
				mimeType,
				sizeBytes,
				op.atMs,
				expiresAtMs,
				fileExpiresAfterMs,
			);
			return [];
		},
		addPart({ id, uploadId, bytes }, op) {
			insertPart.run(op.sequence, id, uploadId, JSON.stringify(bytes), op.atMs);
			return [];
		},
		endUpload({ id, status, file }, op) {
			endUpload.run(status, file?.id ?? null, id);
			return file === null ? [] : add(file, fileOrdinal(op, 0), op.atMs);
		},
	};
}
