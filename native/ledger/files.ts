import type { Database } from "better-sqlite3";
import type { Clock } from "../base/base.ts";
import type { Blobs } from "./blobs.ts";
import { LedgerInputElsewhereError } from "./errors.ts";
import { type Random, randomId } from "./ids.ts";
import type { Journal } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import type { OpBody } from "./ops.ts";
import { blobListSchema } from "./ops-columns.ts";
import { boundOf, readPage } from "./pages.ts";
import type { Digest, FileRecord, StoredBytes } from "./records.ts";

interface FileRow {
	readonly id: string;
	readonly filename: string;
	readonly purpose: string;
	readonly size_bytes: number;
	readonly digest: string;
	readonly blobs: string;
	readonly created_at_ms: number;
	readonly expires_at_ms: number | null;
}

/** Gets a blob from another machine into the blob folder; false: nobody has it. */
export type FetchBlob = (digest: Digest, sizeBytes: number) => Promise<boolean>;

/** The ledger's part about files, and what other parts need of it. */
export interface Files extends Pick<Ledger, "createFile" | "file" | "files" | "deleteFile" | "readFile"> {
	/** A file though it was deleted or expired: open batches still read it. */
	evenIfDropped(id: string): FileRecord | null;
	/** This machine took it in: where its bytes are missing here, they are gone. */
	isOwn(id: string): boolean;
}

const COLUMNS = "id, filename, purpose, size_bytes, digest, blobs, created_at_ms, expires_at_ms";
const LIVE = "dropped_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > ?)";

/** Files in `database`. */
export function createFiles(deps: {
	database: Database;
	journal: Journal;
	blobs: Blobs;
	clock: Clock;
	random: Random;
	/** Log of this machine. */
	origin: string;
	/** Null: what is not here is nowhere. */
	fetchBlob: FetchBlob | null;
}): Files {
	const { database, journal, blobs, clock, random, origin, fetchBlob } = deps;
	const anyById = database.prepare<[string], FileRow>(`SELECT ${COLUMNS} FROM file WHERE id = ?`);
	const liveById = database.prepare<[string, number], FileRow>(`SELECT ${COLUMNS} FROM file WHERE id = ? AND ${LIVE}`);
	const roundById = database.prepare<[string], number>("SELECT round FROM file WHERE id = ?").pluck();
	const originById = database.prepare<[string], string>("SELECT origin FROM file WHERE id = ?").pluck();
	const ordinalById = database.prepare<[string], number>("SELECT ordinal FROM file WHERE id = ?").pluck();
	const list = {
		asc: prepareList(database, ">", "ASC"),
		desc: prepareList(database, "<", "DESC"),
	};

	async function bring(fileId: string, blob: StoredBytes["blobs"][number]): Promise<void> {
		if (fetchBlob === null || blobs.has(blob.digest)) return;
		const isHere = await fetchBlob(blob.digest, blob.sizeBytes);
		if (!isHere && originById.get(fileId) !== origin) throw new LedgerInputElsewhereError([blob]);
	}

	return {
		createFile(file, bytes) {
			const body = fileBody(randomId("file-", random), file, bytes);
			return journal.record((append) => {
				blobs.require(bytes.blobs);
				const op = append({ kind: "file", body });
				return { ...body, createdAtMs: op.atMs };
			});
		},
		file(id) {
			const row = liveById.get(id, clock.nowMs());
			return row === undefined ? null : fileRecord(row);
		},
		evenIfDropped(id) {
			const row = anyById.get(id);
			return row === undefined ? null : fileRecord(row);
		},
		isOwn: (id) => originById.get(id) === origin,
		files(query) {
			const now = clock.nowMs();
			const source = {
				placeOf: (id: string) => ordinalById.get(id),
				rows: (place: number | null, order: "asc" | "desc", limit: number) =>
					list[order].all(boundOf(place, order), now, query.purpose, query.purpose, limit).map(fileRecord),
			};
			return readPage(source, query);
		},
		deleteFile: (id) =>
			journal.record((append) => {
				if (liveById.get(id, clock.nowMs()) === undefined) return false;
				append({ kind: "file-dropped", body: { id, cause: "deleted", round: roundById.get(id) ?? 0 } });
				return true;
			}),
		async *readFile(file, range) {
			const start = Math.max(0, range?.start ?? 0);
			const end = Math.min(file.sizeBytes, range?.end ?? file.sizeBytes);
			let blobStart = 0;
			for (const blob of file.blobs) {
				const from = Math.max(start - blobStart, 0);
				const to = Math.min(end - blobStart, blob.sizeBytes);
				if (from < to) {
					await bring(file.id, blob);
					yield* blobs.stream(blob.digest, from, to);
				}
				blobStart += blob.sizeBytes;
			}
		},
	};
}

/** Body of the operation that creates a file. */
export function fileBody(
	id: string,
	file: { readonly filename: string; readonly purpose: string; readonly expiresAtMs: number | null },
	bytes: StoredBytes,
): OpBody<"file"> {
	const { filename, purpose, expiresAtMs } = file;
	const { sizeBytes, digest, blobs } = bytes;
	return { id, filename, purpose, sizeBytes, digest, blobs, expiresAtMs };
}

function prepareList(database: Database, comparison: "<" | ">", order: "ASC" | "DESC") {
	return database.prepare<[number, number, string | null, string | null, number], FileRow>(
		`SELECT ${COLUMNS} FROM file WHERE ordinal ${comparison} ? AND ${LIVE} AND (? IS NULL OR purpose = ?)
		 ORDER BY ordinal ${order} LIMIT ?`,
	);
}

function fileRecord(row: FileRow): FileRecord {
	return {
		id: row.id,
		filename: row.filename,
		purpose: row.purpose,
		sizeBytes: row.size_bytes,
		digest: row.digest,
		blobs: blobListSchema.parse(JSON.parse(row.blobs)),
		createdAtMs: row.created_at_ms,
		expiresAtMs: row.expires_at_ms,
	};
}
