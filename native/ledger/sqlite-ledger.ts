import type { Database } from "better-sqlite3";
import { z } from "zod";
import type { Clock, Log } from "../base/base.ts";
import { createAdoption } from "./adoption.ts";
import { createAftermath } from "./aftermath.ts";
import { createAssigning } from "./assigning.ts";
import { createBaseline } from "./baseline.ts";
import { createBatches } from "./batches.ts";
import type { Blobs } from "./blobs.ts";
import { createBrowsing } from "./browsing.ts";
import { createCommits } from "./commits.ts";
import { createControl } from "./control.ts";
import { createExchange } from "./create-exchange.ts";
import { ORDER_PAGE_LINES } from "./family-order.ts";
import { createFigures } from "./figures.ts";
import { createFiles } from "./files.ts";
import { createFold } from "./fold.ts";
import type { SegmentReader } from "./fold-results.ts";
import { type FoldingDeps, foldWhatIsNew } from "./folding.ts";
import type { Random } from "./ids.ts";
import { createInputs } from "./inputs.ts";
import { createJournal } from "./journal.ts";
import { createLeases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import { createLines } from "./lines.ts";
import { createLog } from "./log.ts";
import { createNotices } from "./notices.ts";
import { createRebuild } from "./rebuild.ts";
import type { LedgerChange } from "./records.ts";
import { createReplay } from "./replay.ts";
import { createResults } from "./results.ts";
import { createDropping } from "./retention.ts";
import { createRetrying } from "./retrying.ts";
import { createSealing } from "./sealing.ts";
import { createSeals } from "./seals.ts";
import { parseSegment, type SegmentRow } from "./segments.ts";
import { createStore } from "./store.ts";
import { createReferences, createSweep } from "./sweep.ts";
import { createUploads } from "./uploads.ts";
import { createValidation } from "./validation.ts";
import { createVerify } from "./verify.ts";
import { createWork } from "./work.ts";

/** Where the ledger tells of what needs a person's eye. */
export type LedgerLog = Pick<Log, "warn" | "error">;

/** What the parts of a ledger are built on. */
export interface SqliteLedgerDeps {
	/** Open, configured and migrated; the ledger closes it. */
	readonly database: Database;
	/** Name of the log that this ledger writes. */
	readonly origin: string;
	readonly blobs: Blobs;
	readonly clock: Clock;
	readonly random: Random;
	readonly log: LedgerLog;
	/** Where `verify` makes the tables anew for comparison. */
	readonly shadowPath: string;
}

/** Composes the ledger of its parts. */
export function createSqliteLedger(deps: SqliteLedgerDeps): Ledger {
	const { database, origin, blobs, clock, random, shadowPath } = deps;
	const watchers = createWatchers(deps.log);
	const readSegment = createSegmentReader(blobs, deps.log);
	const log = createLog({ database, origin, clock });
	const odd = createOdd(deps.log);
	const folding = { database, log, readSegment, odd };
	foldWhatIsNew(folding);
	const fold = createFold(database, readSegment, origin);
	const replay = createReplay({ database, fold, origin, odd });
	const journal = createJournal({ database, log, fold, replay, announce: watchers.announce });
	const batches = createBatches(database);
	const lines = createLines(database);
	const results = createResults(database, blobs.handles);
	const unsynced = createUnsynced(database);
	const leases = createLeases({
		source: {
			pageLines: ORDER_PAGE_LINES,
			orderPage: lines.orderPage,
			hasResult: results.has,
			lengthOf: (batch, line) => lines.get(batch, line)?.length ?? 0,
			floor: lines.floor,
			familyOf: lines.family,
		},
		clock,
		random,
		raiseFloor: (batch, position) => unsynced(() => journal.derive(() => lines.raiseFloor(batch, position))),
	});
	const files = createFiles({ database, journal, blobs, clock, random, origin });
	const inputs = createInputs({ files, blobs });
	const { commit, adopt } = createCommits({ journal, batches, results, blobs, settled: leases.settled });
	const references = createReferences(database, origin);
	const dropping = createDropping({ database, journal, batches, lines, clock, origin });
	return {
		...createStore({ blobs }),
		createFile: files.createFile,
		file: files.file,
		files: files.files,
		deleteFile: files.deleteFile,
		readFile: files.readFile,
		...createUploads({ database, journal, blobs, files, clock, random }),
		batch: batches.batch,
		batchOfFile: batches.batchOfFile,
		batches: batches.batches,
		openBatches: batches.openBatches,
		...createSealing({ journal, batches, leases, blobs, clock, random, seals: createSeals(database) }),
		...createValidation({ journal, batches, lines, leases, unsynced }),
		...createAdoption({ database, batches, results, adopt, clock, adopted: leases.skipFinished }),
		...createWork({ journal, batches, inputs, lines, leases, results, clock }),
		...createAssigning({ batches, leases }),
		...createBrowsing({ database, batches, inputs, lines, results }),
		commit,
		...createControl({ journal, batches }),
		...createBaseline({ database, batches }),
		...createRetrying({ journal, batches, inputs, lines, leases, results }),
		deleteBatch: dropping.deleteBatch,
		...createFigures({ database, journal, batches, origin }),
		...createNotices({ database, journal }),
		...createSweep({ database, journal, blobs, references, dropping, clock, origin }),
		...createVerify({ ...folding, journal, blobs, references, shadowPath }),
		...createRebuild({ ...folding, journal, lines, leases }),
		watch: watchers.watch,
		exchange: createExchange({
			database,
			journal,
			log,
			blobs,
			aftermath: createAftermath({ batches, lines, leases, results }),
			fault: deps.log,
		}),
		async close() {
			await journal.close();
			blobs.handles.closeAll();
			database.close();
		},
	};
}

/** Runs changes to derived data without an fsync of their own; the next durable change takes them along. */
function createUnsynced(database: Database): <Value>(body: () => Value) => Value {
	return (body) => {
		database.pragma("synchronous = NORMAL");
		try {
			return body();
		} finally {
			database.pragma("synchronous = FULL");
		}
	};
}

/** Notes operations of other machines that make no sense. */
function createOdd(log: LedgerLog): FoldingDeps["odd"] {
	return ({ origin, sequence, kind }, error) => {
		log.warn(
			{ err: error, origin, sequence, kind },
			"an operation of another machine makes no sense and counts for nothing",
		);
	};
}

/** Reads whole segments for the fold. One that is missing or damaged counts as empty: its lines are run again. */
function createSegmentReader(blobs: Blobs, log: LedgerLog): SegmentReader {
	return ({ digest }) => {
		const rows = parsed(blobs.readWholeSync(digest));
		if (rows !== null) return rows;
		log.error({ segment: digest }, "a segment of results is missing or damaged; its lines will be run again");
		return [];
	};
}

/** Rows of a segment; null: there is none, or it is no segment. */
function parsed(bytes: Buffer | null): readonly SegmentRow[] | null {
	try {
		return bytes === null ? null : parseSegment(bytes);
	} catch (error) {
		if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
		throw error;
	}
}

interface Watchers extends Pick<Ledger, "watch"> {
	announce(changes: readonly LedgerChange[]): void;
}

function createWatchers(log: LedgerLog): Watchers {
	const listeners = new Set<(change: LedgerChange) => void>();
	return {
		watch(listener) {
			// Wrapped, so that one function given twice is heard twice and ended one by one.
			const own = (change: LedgerChange): void => listener(change);
			listeners.add(own);
			return () => void listeners.delete(own);
		},
		announce(changes) {
			const distinct = new Map(changes.map((change) => [JSON.stringify(change), change]));
			for (const change of distinct.values()) {
				for (const listener of listeners) {
					try {
						listener(change);
					} catch (error) {
						// The change is on disk; a listener's fault must not make it look as if it were not.
						log.error({ err: error, change }, "a listener to changes of the ledger failed");
					}
				}
			}
		},
	};
}
