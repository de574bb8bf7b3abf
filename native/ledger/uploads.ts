import { createHash } from "node:crypto";
import type { Database } from "better-sqlite3";
import type { Clock } from "../base/base.ts";
import type { Blobs } from "./blobs.ts";
import { LedgerMisuseError } from "./errors.ts";
import { type Files, fileBody } from "./files.ts";
import { type Random, randomId } from "./ids.ts";
import type { Journal } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import { storedBytesSchema } from "./ops-columns.ts";
import type { FileRecord, StoredBytes, UploadPart, UploadRecord } from "./records.ts";

interface UploadRow {
	readonly id: string;
	readonly filename: string;
	readonly purpose: string;
	readonly mime_type: string;
	readonly size_bytes: number;
	readonly created_at_ms: number;
	readonly expires_at_ms: number;
	readonly file_expires_after_ms: number | null;
	readonly ended: "completed" | "cancelled" | "expired" | null;
	readonly file_id: string | null;
}

interface PartRow {
	readonly id: string;
	readonly upload_id: string;
	readonly bytes: string;
	readonly created_at_ms: number;
}

type Uploads = Pick<
	Ledger,
	"createUpload" | "upload" | "addUploadPart" | "uploadParts" | "completeUpload" | "cancelUpload"
>;

/** Reads uploads; `known` and `pending` throw `LedgerMisuseError` for one that is not. */
function createUploadReader(database: Database, clock: Clock) {
	const byId = database.prepare<[string], UploadRow>("SELECT * FROM upload WHERE id = ?");
	const partsOf = database.prepare<[string], PartRow>("SELECT * FROM upload_part WHERE upload_id = ? ORDER BY ordinal");

	function upload(id: string): UploadRecord | null {
		const row = byId.get(id);
		return row === undefined ? null : uploadRecord(row, clock.nowMs());
	}

	function known(id: string): UploadRecord {
		const record = upload(id);
		if (record === null) throw new LedgerMisuseError(`There is no upload ${id}.`);
		return record;
	}

	function pending(id: string): UploadRecord {
		const record = known(id);
		if (record.status !== "pending") throw new LedgerMisuseError(`Upload ${id} is ${record.status}, not pending.`);
		return record;
	}

	return { upload, known, pending, parts: (id: string) => partsOf.all(id).map(uploadPart) };
}

/** Uploads in parts, in `database`. */
export function createUploads(deps: {
	database: Database;
	journal: Journal;
	blobs: Blobs;
	files: Files;
	clock: Clock;
	random: Random;
}): Uploads {
	const { database, journal, blobs, files, clock, random } = deps;
	const { upload, known, pending, parts } = createUploadReader(database, clock);

	/** The answer of then, for one who completes an upload again. */
	function completed(record: UploadRecord): { upload: UploadRecord; file: FileRecord } | null {
		if (record.status !== "completed" || record.fileId === null) return null;
		const file = files.evenIfDropped(record.fileId);
		return file === null ? null : { upload: record, file };
	}

	return {
		createUpload(wish) {
			const id = randomId("upload_", random);
			const { filename, purpose, mimeType, sizeBytes, expiresAtMs, fileExpiresAfterMs } = wish;
			const body = { id, filename, purpose, mimeType, sizeBytes, expiresAtMs, fileExpiresAfterMs };
			return journal.record((append) => {
				const op = append({ kind: "upload", body });
				return { ...body, createdAtMs: op.atMs, status: "pending", fileId: null };
			});
		},
		upload,
		addUploadPart: (uploadId, bytes) =>
			journal.record((append) => {
				pending(uploadId);
				blobs.require(bytes.blobs);
				const id = randomId("part_", random);
				const op = append({ kind: "upload-part", body: { id, uploadId, bytes } });
				return { id, uploadId, createdAtMs: op.atMs, bytes };
			}),
		uploadParts: parts,
		async completeUpload(uploadId, partIds) {
			const before = completed(known(uploadId));
			if (before !== null) return before;
			pending(uploadId);
			const bytes = await joinParts(blobs, known(uploadId), parts(uploadId), partIds);
			return journal.record((append) => {
				const raced = completed(known(uploadId));
				if (raced !== null) return raced;
				const { filename, purpose, fileExpiresAfterMs } = pending(uploadId);
				const expiresAtMs = fileExpiresAfterMs === null ? null : clock.nowMs() + fileExpiresAfterMs;
				const file = fileBody(randomId("file-", random), { filename, purpose, expiresAtMs }, bytes);
				const op = append({ kind: "upload-ended", body: { id: uploadId, status: "completed", file } });
				return { upload: known(uploadId), file: { ...file, createdAtMs: op.atMs } };
			});
		},
		cancelUpload: (uploadId) =>
			journal.record((append) => {
				if (known(uploadId).status === "pending") {
					append({ kind: "upload-ended", body: { id: uploadId, status: "cancelled", file: null } });
				}
				return known(uploadId);
			}),
	};
}

function uploadRecord(row: UploadRow, nowMs: number): UploadRecord {
	return {
		id: row.id,
		filename: row.filename,
		purpose: row.purpose,
		mimeType: row.mime_type,
		sizeBytes: row.size_bytes,
		createdAtMs: row.created_at_ms,
		expiresAtMs: row.expires_at_ms,
		status: row.ended ?? (row.expires_at_ms <= nowMs ? "expired" : "pending"),
		fileId: row.file_id,
		fileExpiresAfterMs: row.file_expires_after_ms,
	};
}

function uploadPart(row: PartRow): UploadPart {
	const bytes = storedBytesSchema.parse(JSON.parse(row.bytes));
	return { id: row.id, uploadId: row.upload_id, createdAtMs: row.created_at_ms, bytes };
}

/** Parts in the order of `partIds`, as one. */
async function joinParts(
	blobs: Blobs,
	upload: UploadRecord,
	parts: readonly UploadPart[],
	partIds: readonly string[],
): Promise<StoredBytes> {
	const byId = new Map(parts.map((part) => [part.id, part.bytes]));
	const chosen = partIds.map((partId) => {
		const bytes = byId.get(partId);
		if (bytes === undefined) throw new LedgerMisuseError(`Upload ${upload.id} has no part ${partId}.`);
		return bytes;
	});
	const joined = chosen.flatMap((bytes) => bytes.blobs);
	const whole = createHash("sha256");
	for (const blob of joined) {
		for await (const piece of blobs.stream(blob.digest, 0, blob.sizeBytes)) whole.update(piece);
	}
	const sizeBytes = chosen.reduce((sum, bytes) => sum + bytes.sizeBytes, 0);
	return { sizeBytes, digest: whole.digest("hex"), blobs: joined };
}
