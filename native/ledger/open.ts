import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import SqliteDatabase, { type Database } from "better-sqlite3";
import { type Clock, err, errorCode, ok, type Result } from "../base/base.ts";
import { createBlobs } from "./blobs.ts";
import { noteName } from "./create-exchange.ts";
import type { FetchBlob } from "./files.ts";
import { type Random, randomId, systemRandom } from "./ids.ts";
import type { Ledger } from "./ledger.ts";
import { opHash, type StoredOp } from "./log.ts";
import { migrate, schemaVersion } from "./migrations.ts";
import type { OpenFailure } from "./records.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { createSqliteLedger, type LedgerLog } from "./sqlite-ledger.ts";

/** What a ledger is made of. */
export interface LedgerDeps {
	/** Folder for `ledger.sqlite` and `blobs/`; made if it is missing. */
	readonly dataDir: string;
	readonly clock: Clock;
	readonly log: LedgerLog;
	/** Gets a blob from another machine into the blob folder; false: nobody has it. Without it this machine has what it has. */
	readonly fetchBlob?: FetchBlob;
	/** The system's, unless a test needs its own. */
	readonly random?: Random;
}

/** Codes of Node that mean: not a folder that this user may write to. */
const UNWRITABLE_CODES: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"]);

/** Name of the note (`LedgerExchange.keepNote`) with the log that is to be left for a new one at the next opening. */
export const NEW_ORIGIN_NOTE = "leave-origin";

/** Wait for the lock of a process that is just ending, e.g. at a restart; a living one holds it much longer. */
const LOCK_WAIT_MS = 500;

/** Page cache; the index of a million lines is about 60 MB and is mostly read in order. */
const CACHE_KIBIBYTES = 32 * 1024;

/** The write-ahead log is cut back to this size after large transactions. */
const WAL_KEEP_BYTES = 64 * 1024 * 1024;

/**
 * Opens the ledger in a data folder, making it where there is none. Fails if another process has it open, if a newer
 * Nightshift wrote it, or if it is damaged. The lock is the operating system's and ends with the process, however it ends.
 */
export async function openLedger(deps: LedgerDeps): Promise<Result<Ledger, OpenFailure>> {
	const path = join(deps.dataDir, "ledger.sqlite");
	const blobFolder = join(deps.dataDir, "blobs");
	const random = deps.random ?? systemRandom;
	let database: Database | null = null;
	try {
		mkdirSync(deps.dataDir, { recursive: true });
		database = new SqliteDatabase(path, { timeout: LOCK_WAIT_MS });
		configure(database);
		const failure = inspect(database, path, blobFolder);
		if (failure !== null) {
			database.close();
			return err(failure);
		}
		migrate(database);
		const origin = originOf(database, random);
		const blobs = createBlobs({ folder: blobFolder, random });
		blobs.clearTemporary();
		const shadowPath = join(deps.dataDir, "ledger-verify.sqlite");
		return ok(createSqliteLedger({ ...deps, random, database, origin, blobs, shadowPath }));
	} catch (error) {
		database?.close();
		const failure = openFailure(error, deps.dataDir);
		if (failure === null) throw error;
		return err(failure);
	}
}

/** Sets what SQLite forgets between openings. The lock is taken with the first read. */
export function configure(database: Database): void {
	database.pragma("locking_mode = EXCLUSIVE");
	database.pragma("journal_mode = WAL");
	database.pragma("synchronous = FULL");
	database.pragma("fullfsync = ON");
	database.pragma("checkpoint_fullfsync = ON");
	database.pragma("foreign_keys = ON");
	database.pragma(`cache_size = -${CACHE_KIBIBYTES}`);
	database.pragma(`journal_size_limit = ${WAL_KEEP_BYTES}`);
}

/** Looks for what makes a database unfit to be written to; null: it is fit. */
function inspect(database: Database, path: string, blobFolder: string): OpenFailure | null {
	const version = schemaVersion(database);
	if (version > SCHEMA_VERSION) {
		return {
			kind: "newer-schema",
			message: `This data folder was written by a newer Nightshift (schema ${version}, this one knows ${SCHEMA_VERSION}). Install the newer version, or choose another folder with --data-dir.`,
		};
	}
	// With the write-ahead log taken in, the file must be as long as it says.
	database.pragma("wal_checkpoint(TRUNCATE)");
	const pages = Number(database.pragma("page_count", { simple: true }));
	const pageBytes = Number(database.pragma("page_size", { simple: true }));
	if (statSync(path).size < pages * pageBytes) return damaged("its database is shorter than it should be");
	if (version === 0) {
		// A new database beside old blobs would take them for litter and sweep them away.
		return hasBlobs(blobFolder) ? damaged("its database is missing, its blobs are there") : null;
	}
	const last = database
		.prepare<[], StoredOp>(
			`SELECT origin, sequence, previous, hash, kind, version, body, at_ms AS atMs FROM op
			 ORDER BY ${version < 3 ? "origin DESC, sequence" : "arrival"} DESC LIMIT 1`,
		)
		.get();
	if (last !== undefined && opHash(last) !== last.hash) return damaged("the end of its log was changed");
	return null;
}

function hasBlobs(folder: string): boolean {
	return existsSync(folder) && readdirSync(folder).some((name) => /^[0-9a-f]{2}$/.test(name));
}

function openFailure(error: unknown, dataDir: string): OpenFailure | null {
	const code = errorCode(error);
	if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
		return {
			kind: "in-use",
			message: `Another Nightshift is using this data folder (${dataDir}). Stop it, or choose another folder with --data-dir.`,
		};
	}
	if (UNWRITABLE_CODES.has(code) || code.startsWith("SQLITE_CANTOPEN") || code.startsWith("SQLITE_READONLY")) {
		return {
			kind: "unwritable",
			message: `Nightshift can't write to its data folder ${dataDir} (${code}). Give it the right to, or choose another folder with --data-dir.`,
		};
	}
	if (code.startsWith("SQLITE_CORRUPT") || code.startsWith("SQLITE_NOTADB"))
		return damaged("its database can't be read");
	return null;
}

function damaged(reason: string): OpenFailure {
	return {
		kind: "damaged",
		message: `The ledger in this data folder is damaged: ${reason}. Restore the folder from a copy, or move it aside and start with a new one.`,
	};
}

/**
 * Name of this ledger's log, drawn when the ledger is made, and anew where somebody noted that others have more of this log than it
 * has itself: the disk was set back, and to go on under the old name would write other operations into places that are taken.
 */
function originOf(database: Database, random: Random): string {
	const value = database.prepare<[string], string>("SELECT value FROM kv WHERE name = ?").pluck();
	const known = value.get("origin");
	if (known !== undefined && value.get(noteName(NEW_ORIGIN_NOTE)) !== known) return known;
	const origin = randomId("", random);
	database.prepare("INSERT OR REPLACE INTO kv (name, value) VALUES ('origin', ?)").run(origin);
	return origin;
}
