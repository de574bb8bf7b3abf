import type { Database } from "better-sqlite3";
import { z } from "zod";
import { createFold, FOLDED_TABLES } from "./fold.ts";
import type { SegmentReader } from "./fold-results.ts";
import type { LoggedOp, OperationLog } from "./log.ts";
import { KNOWN_KINDS, OP_VERSION } from "./ops.ts";
import { createReplay, createReplayReader } from "./replay.ts";

/** Raised whenever the same operations make other rows: the tables of an older program are then made anew when it opens. */
const FOLD_VERSION = 1;

/** Operations read at a time. */
const PAGE_OPS = 1_000;

/** What the program that made the tables knew, as kept beside the log. */
const folderSchema = z.object({ fold: z.number(), version: z.number(), kinds: z.array(z.string()) });

const NOTE = "folded-by";

/** What the folding of whole logs needs. */
export interface FoldingDeps {
	readonly database: Database;
	readonly log: OperationLog;
	readonly readSegment: SegmentReader;
	/** Hears of operations of other machines that make no sense. */
	readonly odd: (logged: LoggedOp, error: unknown) => void;
}

/** Empties all tables that the fold fills and fills them again, within the transaction that is open. */
export function foldAnew({ database, log, readSegment, odd }: FoldingDeps): void {
	const fold = createFold(database, createReplayReader(log, readSegment), log.origin);
	const replay = createReplay({ database, fold, origin: log.origin, odd });
	for (const { table } of FOLDED_TABLES) database.exec(`DELETE FROM ${table}`);
	for (let after = 0; ; ) {
		const page = log.read(after, PAGE_OPS);
		for (const logged of page) {
			replay(logged);
			after = logged.arrival;
		}
		if (page.length === 0) return;
	}
}

/**
 * Brings the tables to what this program makes of the log: it may know operations that the last one only kept, or rows may look
 * otherwise since a migration. Line indexes stay: batches keep their numbers. Takes as long as reading all results.
 */
export function foldWhatIsNew(deps: FoldingDeps): void {
	const { database } = deps;
	const note = database.prepare<[string], string>("SELECT value FROM kv WHERE name = ?").pluck().get(NOTE);
	const known = note === undefined ? null : folderSchema.parse(JSON.parse(note));
	const now = JSON.stringify({ fold: FOLD_VERSION, version: OP_VERSION, kinds: KNOWN_KINDS });
	if (note === now) return;
	database.transaction(() => {
		if (known === null || isOutdated(database, known)) foldAnew(deps);
		database.prepare("INSERT OR REPLACE INTO kv (name, value) VALUES (?, ?)").run(NOTE, now);
	})();
}

/** Something in the log means more to this program than to the one that made the tables. */
function isOutdated(database: Database, known: z.output<typeof folderSchema>): boolean {
	if (known.fold !== FOLD_VERSION) return true;
	const waiting = database.prepare<[number, number, string], number>(
		"SELECT 1 FROM op WHERE version <= ? AND (version > ? OR kind IN (SELECT value FROM json_each(?))) LIMIT 1",
	);
	const kinds = KNOWN_KINDS.filter((kind) => !known.kinds.includes(kind));
	return waiting.get(OP_VERSION, known.version, JSON.stringify(kinds)) !== undefined;
}
