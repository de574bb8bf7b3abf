import type { Database } from "better-sqlite3";
import { createFold, FOLDED_TABLES } from "./fold.ts";
import type { SegmentReader } from "./fold-results.ts";
import type { Journal } from "./journal.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { Lines } from "./lines.ts";
import { decodeOp, type OperationLog } from "./log.ts";
import { createReplayReader } from "./replay.ts";

/** Operations read at a time. */
const PAGE_OPS = 1_000;

interface BatchPlace {
	readonly number: number;
	readonly id: string;
	readonly isEnded: 0 | 1;
}

/** Makes all tables but the log anew, in one transaction: it happens whole or not at all. */
export function createRebuild(deps: {
	database: Database;
	journal: Journal;
	log: OperationLog;
	readSegment: SegmentReader;
	lines: Lines;
	leases: Leases;
}): Pick<Ledger, "rebuild"> {
	const { database, journal, log, readSegment, lines, leases } = deps;
	const batches = database.prepare<[], BatchPlace>(
		"SELECT number, id, sealed IS NOT NULL OR failed_at_ms IS NOT NULL AS isEnded FROM batch",
	);

	/**
	 * The index of an open batch is found anew by its validation, which may be what the rebuild is for. An ended one is not
	 * validated any more: without its index nobody could read its results by line, nor take them over.
	 */
	function dropIndexes(before: readonly BatchPlace[]): void {
		const ended = new Map(batches.all().flatMap(({ number, id, isEnded }) => (isEnded === 1 ? [[number, id]] : [])));
		for (const { number, id } of before) if (ended.get(number) !== id) lines.clear(number);
	}

	return {
		rebuild: () =>
			journal.exclusive(async () => {
				const fold = createFold(database, createReplayReader(log, readSegment));
				journal.derive(() => {
					const before = batches.all();
					for (const { table } of FOLDED_TABLES) database.exec(`DELETE FROM ${table}`);
					let after = 0;
					for (;;) {
						const page = log.read(after, PAGE_OPS);
						for (const stored of page) {
							fold.apply(decodeOp(stored));
							after = stored.sequence;
						}
						if (page.length === 0) break;
					}
					dropIndexes(before);
				});
				leases.forgetAll();
			}),
	};
}
