import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import type { Clock } from "../base/base.ts";
import type { Blobs } from "./blobs.ts";
import type { Journal } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import { blobsOf } from "./op-blobs.ts";
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
	/** Of those held: no file that this machine took in or that a batch published has it, so that it need not be here. */
	maybeElsewhere(digest: Digest): boolean;
}

interface BlobRow {
	readonly digest: Digest;
	readonly sizeBytes: number;
}

/** References in `database`, of the machine whose log is `origin`. */
export function createReferences(database: Database, origin: string): References {
	const files = database
		.prepare<[0 | 1, string], string>(
			`SELECT blobs FROM file WHERE (dropped_at_ms IS NULL
			 OR id IN (SELECT input_file_id FROM batch WHERE sealed IS NULL AND failed_at_ms IS NULL))
			 AND (? = 0 OR batch IS NOT NULL OR origin = ?)`,
		)
		.pluck();
	const parts = database
		.prepare<[0 | 1, string], string>(
			`SELECT bytes FROM upload_part JOIN upload ON upload.id = upload_part.upload_id
			 WHERE upload.ended IS NULL AND (? = 0 OR origin = ?)`,
		)
		.pluck();
	const sharedIndexes = database.prepare<[], BlobRow>(
		`SELECT shared_index.digest, shared_index.size_bytes AS sizeBytes FROM shared_index
		 JOIN batch ON batch.number = shared_index.batch WHERE results_dropped_at_ms IS NULL`,
	);
	// Of seals that nobody has published yet, and of what waits for its batch.
	const waiting = database.prepare<[], { kind: string; body: string }>(
		`SELECT content ->> '$.kind' AS kind, content -> '$.body' AS body FROM parked
		 UNION ALL SELECT content ->> '$.kind', content -> '$.body' FROM seal
		 JOIN batch ON batch.number = seal.batch WHERE batch.sealed IS NULL AND seal.round = batch.round`,
	);
	let elsewhere: ReadonlySet<Digest> = new Set();

	/** Blobs of files and uploads; `ownOnly`: of those that must be here. */
	function lists(ownOnly: 0 | 1) {
		return [
			...files.all(ownOnly, origin).map((json) => blobListSchema.parse(JSON.parse(json))),
			...parts.all(ownOnly, origin).map((json) => storedBytesSchema.parse(JSON.parse(json)).blobs),
		];
	}

	const segment = database.prepare<[string], number>("SELECT 1 FROM segment WHERE digest = ? LIMIT 1").pluck();
	return {
		held() {
			const held = new Map<Digest, number>();
			for (const list of lists(0)) for (const blob of list) held.set(blob.digest, blob.sizeBytes);
			const needed = new Set(lists(1).flatMap((list) => list.map((blob) => blob.digest)));
			elsewhere = new Set([...held.keys()].filter((digest) => !needed.has(digest)));
			for (const blob of sharedIndexes.all()) held.set(blob.digest, blob.sizeBytes);
			for (const row of waiting.all()) for (const blob of blobsOf(row)) held.set(blob.digest, blob.sizeBytes);
			return held;
		},
		maybeElsewhere: (digest) => elsewhere.has(digest),
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
	/** Log of this machine. */
	origin: string;
}): Pick<Ledger, "sweep"> {
	const { database, journal, blobs, references, dropping, clock, origin } = deps;
	// Each machine ends what it took in, so that one says so and not all.
	const expiredFiles = database.prepare<[string, number, number], { id: string; round: number }>(
		"SELECT id, round FROM file WHERE origin = ? AND dropped_at_ms IS NULL AND expires_at_ms <= ? LIMIT ?",
	);
	const expiredUploads = database
		.prepare<[string, number, number], string>(
			"SELECT id FROM upload WHERE origin = ? AND ended IS NULL AND expires_at_ms <= ? LIMIT ?",
		)
		.pluck();

	function markExpired(): Promise<number> {
		return journal.record((append) => {
			const files = expiredFiles.all(origin, clock.nowMs(), MARKED_AT_ONCE);
			for (const file of files) append({ kind: "file-dropped", body: { ...file, cause: "expired" } });
			const uploads = expiredUploads.all(origin, clock.nowMs(), MARKED_AT_ONCE);
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
