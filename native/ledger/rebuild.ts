import type { Database } from "better-sqlite3";
import { createFold, FOLDED_TABLES } from "./fold.ts";
import type { SegmentReader } from "./fold-results.ts";
import type { Journal } from "./journal.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import { decodeOp, type OperationLog } from "./log.ts";
import { createReplayReader } from "./replay.ts";

/** Operations read at a time. */
const PAGE_OPS = 1_000;

/** Makes all tables but the log anew, in one transaction: it happens whole or not at all. */
export function createRebuild(deps: {
	database: Database;
	journal: Journal;
	log: OperationLog;
	readSegment: SegmentReader;
	leases: Leases;
}): Pick<Ledger, "rebuild"> {
	const { database, journal, log, readSegment, leases } = deps;
	return {
		rebuild: () =>
			journal.exclusive(async () => {
				const fold = createFold(database, createReplayReader(log, readSegment));
				journal.derive(() => {
					for (const table of ["line", "line_order", "line_index"]) database.exec(`DELETE FROM ${table}`);
					for (const { table } of FOLDED_TABLES) database.exec(`DELETE FROM ${table}`);
					let after = 0;
					for (;;) {
						const page = log.read(after, PAGE_OPS);
						for (const stored of page) {
							fold.apply(decodeOp(stored));
							after = stored.sequence;
						}
						if (page.length === 0) return;
					}
				});
				leases.forgetAll();
			}),
	};
}
