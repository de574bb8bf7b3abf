import type { Database } from "better-sqlite3";
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
import { createFiles, type FetchBlob } from "./files.ts";
import { createFold } from "./fold.ts";
import { type FoldingDeps, foldWhatIsNew } from "./folding.ts";
import type { Random } from "./ids.ts";
import { createInputs } from "./inputs.ts";
import { createJournal, type Journal } from "./journal.ts";
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
import { createSegmentReader } from "./segment-reader.ts";
import { createSharedIndexes } from "./shared-indexes.ts";
import { createStore } from "./store.ts";
import { createReferences, createSweep } from "./sweep.ts";
import { createUploads } from "./uploads.ts";
import { createValidation } from "./validation.ts";
import { createVerify } from "./verify.ts";
import { createWatchers } from "./watchers.ts";
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
	/** Gets a blob from another machine into the blob folder; false: nobody has it. Asked before a missing blob of a file is read. */
	readonly fetchBlob?: FetchBlob;
	/** Where `verify` makes the tables anew for comparison. */
	readonly shadowPath: string;
}

/** Composes the ledger of its parts. */
export function createSqliteLedger(deps: SqliteLedgerDeps): Ledger {
	const { database, origin, blobs, clock, random, shadowPath } = deps;
	const watchers = createWatchers(deps.log);
	const { announce } = watchers;
	const { folding, journal } = createLogParts(deps, announce);
	const { log } = folding;
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
	const fetchBlob = deps.fetchBlob ?? null;
	const files = createFiles({ database, journal, blobs, clock, random, origin, fetchBlob });
	const inputs = createInputs({ files, blobs, fetchBlob });
	const { commit, adopt } = createCommits({ journal, batches, results, blobs, settled: leases.settled });
	const references = createReferences(database, origin);
	const aftermath = createAftermath({ batches, lines, leases, results });
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
		...createSharedIndexes({ database, journal, batches, files, lines, leases, blobs, unsynced, announce }),
		...createAdoption({ database, batches, results, adopt, clock, adopted: leases.skipFinished }),
		...createWork({ journal, batches, inputs, lines, leases, results, clock }),
		...createAssigning({ batches, leases, lines, inputs }),
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
		exchange: createExchange({ database, journal, log, blobs, aftermath, fault: deps.log }),
		async close() {
			await journal.close();
			blobs.handles.closeAll();
			database.close();
		},
	};
}

/** The log and its fold, brought up to this program. */
function createLogParts(
	{ database, origin, blobs, clock, log: told }: SqliteLedgerDeps,
	announce: (changes: readonly LedgerChange[]) => void,
): { readonly folding: FoldingDeps; readonly journal: Journal } {
	const readSegment = createSegmentReader(blobs, told);
	const log = createLog({ database, origin, clock });
	const odd = createOdd(told);
	const folding = { database, log, readSegment, odd };
	foldWhatIsNew(folding);
	const fold = createFold(database, readSegment, origin);
	const replay = createReplay({ database, fold, origin, odd });
	return { folding, journal: createJournal({ database, log, fold, replay, announce }) };
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
