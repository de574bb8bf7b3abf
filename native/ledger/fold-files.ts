import type { Database } from "better-sqlite3";
import type { Op } from "./log.ts";
import type { OpBody } from "./ops.ts";
import type { LedgerChange } from "./records.ts";

/** Folds operations on files and uploads. */
export interface FileFold {
	/** `ordinal`: place among all files ever, see `fileOrdinal`. */
	add(file: OpBody<"file">, ordinal: number, op: Pick<Op, "atMs" | "origin">): readonly LedgerChange[];
	/** As `add`, of a file that a batch published; one that was dropped in an earlier round of it comes back. */
	publish(file: OpBody<"file">, ordinal: number, atMs: number, owner: FileOwner): readonly LedgerChange[];
	drop(body: OpBody<"file-dropped">, atMs: number): readonly LedgerChange[];
	addUpload(body: OpBody<"upload">, op: Op): readonly LedgerChange[];
	addPart(body: OpBody<"upload-part">, op: Op): readonly LedgerChange[];
	endUpload(body: OpBody<"upload-ended">, op: Op): readonly LedgerChange[];
}

/** The batch that published a file, and in which of its rounds. */
export interface FileOwner {
	readonly batch: number;
	/** Log of the machine that took the batch in. */
	readonly origin: string;
	readonly round: number;
}

/** Place of a file among all: by operation, and within one (a published batch brings two) by `index`. */
export function fileOrdinal(op: Op, index: 0 | 1): number {
	return op.arrival * 2 + index;
}

/** A fold of files into `database`. */
export function createFileFold(database: Database): FileFold {
	const insertFile = database.prepare(
		`INSERT INTO file (ordinal, id, filename, purpose, size_bytes, digest, blobs, created_at_ms, expires_at_ms,
		 origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
	);
	const own = database.prepare("UPDATE file SET batch = ? WHERE id = ?");
	// Its name is made of its content: a retry that came to nothing new publishes the same once more. Rounds decide whether it is
	// there, not the order in which this machine heard of them.
	const revive = database.prepare(
		`UPDATE file SET round = ?, expires_at_ms = ?,
		 dropped_at_ms = CASE WHEN dropped_round >= ? THEN dropped_at_ms ELSE NULL END WHERE id = ? AND round < ?`,
	);
	const dropFile = database.prepare(
		`UPDATE file SET dropped_round = max(coalesce(dropped_round, 0), coalesce(?, round)),
		 dropped_at_ms = CASE WHEN coalesce(?, round) >= round THEN coalesce(dropped_at_ms, ?) ELSE dropped_at_ms END
		 WHERE id = ?`,
	);
	const insertUpload = database.prepare(
		`INSERT INTO upload (ordinal, id, filename, purpose, mime_type, size_bytes, created_at_ms, expires_at_ms,
		 file_expires_after_ms, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
	);
	const insertPart = database.prepare(
		`INSERT INTO upload_part (ordinal, id, upload_id, bytes, created_at_ms) VALUES (?, ?, ?, ?, ?)
		 ON CONFLICT (id) DO NOTHING`,
	);
	const endUpload = database.prepare("UPDATE upload SET ended = ?, file_id = ? WHERE id = ? AND ended IS NULL");

	const add: FileFold["add"] = (file, ordinal, { atMs, origin }) => {
		const { id, filename, purpose, sizeBytes, digest, blobs, expiresAtMs } = file;
		const list = JSON.stringify(blobs);
		insertFile.run(ordinal, id, filename, purpose, sizeBytes, digest, list, atMs, expiresAtMs, origin);
		return [{ kind: "file", fileId: id }];
	};

	return {
		add,
		publish(file, ordinal, atMs, { batch, origin, round }) {
			const changes = add(file, ordinal, { atMs, origin });
			own.run(batch, file.id);
			revive.run(round, file.expiresAtMs, round, file.id, round);
			return changes;
		},
		drop({ id, round }, atMs) {
			dropFile.run(round, round, atMs, id);
			return [{ kind: "file", fileId: id }];
		},
		addUpload(body, op) {
			const { id, filename, purpose, mimeType, sizeBytes, expiresAtMs, fileExpiresAfterMs } = body;
			insertUpload.run(
				op.arrival,
				id,
				filename,
				purpose,
				mimeType,
				sizeBytes,
				op.atMs,
				expiresAtMs,
				fileExpiresAfterMs,
				op.origin,
			);
			return [];
		},
		addPart({ id, uploadId, bytes }, op) {
			insertPart.run(op.arrival, id, uploadId, JSON.stringify(bytes), op.atMs);
			return [];
		},
		endUpload({ id, status, file }, op) {
			endUpload.run(status, file?.id ?? null, id);
			return file === null ? [] : add(file, fileOrdinal(op, 0), op);
		},
	};
}
