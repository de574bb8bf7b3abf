import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import type { Clock } from "../base/base.ts";
import type { Blobs } from "./blobs.ts";
import type { Journal } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import { blobListSchema, storedBytesSchema } from "./ops-columns.ts";
import type { Digest } from "./records.ts";
import type { Dropping } from "./retention.ts";

/** Age at which bytes that no file took are removed: far longer than any upload lasts. */
const UNREFERENCED_AFTER_MS = 24 * 60 * 60 * 1000;

/** Blobs looked at between two turns of the event loop. */
const BLOBS_AT_ONCE = 500;

/** Expired things marked in one transaction. */
const MARKED_AT_ONCE = 500;

/** Tells which blobs are needed. */
export interface References {
	/** Blobs of live files, of inputs that open batches read, and of pending uploads, with their sizes. */
	held(): ReadonlyMap<Digest, number>;
	isSegment(digest: Digest): boolean;
}

/** References in `database`. */
export function createReferences(database: Database): References {
	const files = database
		.prepare<[], string>(
			`SELECT blobs FROM file WHERE dropped_at_ms IS NULL
			 OR id IN (SELECT input_file_id FROM batch WHERE sealed IS NULL AND failed_at_ms IS NULL)`,
		)
		.pluck();
	const parts = database
		.prepare<[], string>(
			"SELECT bytes FROM upload_part JOIN upload ON upload.id = upload_part.upload_id WHERE upload.ended IS NULL",
		)
		.pluck();
	const segment = database.prepare<[string], number>("SELECT 1 FROM segment WHERE digest = ? LIMIT 1").pluck();
	return {
		held() {
			const held = new Map<Digest, number>();
			const lists = [
				...files.all().map((json) => blobListSchema.parse(JSON.parse(json))),
				...parts.all().map((json) => storedBytesSchema.parse(JSON.parse(json)).blobs),
			];
			for (const list of lists) for (const blob of list) held.set(blob.digest, blob.sizeBytes);
			return held;
		},
		isSegment: (digest) => segment.get(digest) !== undefined,
	};
}

/** Ends what is past its time, then removes blobs that nothing needs. */
export function createSweep(deps: {
	database: Database;
	journal: Journal;
	blobs: Blobs;
	references: References;
	dropping: Pick<Dropping, "dropOld">;
	clock: Clock;
}): Pick<Ledger, "sweep"> {
	const { database, journal, blobs, references, dropping, clock } = deps;
	const expiredFiles = database
		.prepare<[number, number], string>("SELECT id FROM file WHERE dropped_at_ms IS NULL AND expires_at_ms <= ? LIMIT ?")
		.pluck();
	const expiredUploads = database
		.prepare<[number, number], string>("SELECT id FROM upload WHERE ended IS NULL AND expires_at_ms <= ? LIMIT ?")
		.pluck();

	function markExpired(): Promise<number> {
		return journal.record((append) => {
			const files = expiredFiles.all(clock.nowMs(), MARKED_AT_ONCE);
			for (const id of files) append({ kind: "file-dropped", body: { id, cause: "expired" } });
			const uploads = expiredUploads.all(clock.nowMs(), MARKED_AT_ONCE);
			for (const id of uploads) append({ kind: "upload-ended", body: { id, status: "expired", file: null } });
			return files.length + uploads.length;
		});
	}

	return {
		async sweep(retention) {
			while ((await markExpired()) > 0);
			await dropping.dropOld(retention);
			// Nothing is recorded meanwhile; a blob that is put once more becomes young again, or is left alone while it is.
			await journal.exclusive(async () => {
				const held = references.held();
				let seen = 0;
				for (const { digest, storedAtMs } of blobs.list()) {
					const isYoung = clock.nowMs() - storedAtMs < UNREFERENCED_AFTER_MS;
					if (!isYoung && !held.has(digest) && !references.isSegment(digest)) blobs.remove(digest);
					seen += 1;
					if (seen % BLOBS_AT_ONCE === 0) await nextTurn();
				}
			});
		},
	};
}
