import type { Database } from "better-sqlite3";
import type { Clock } from "../base/base.ts";
import { isEnded } from "./batch-status.ts";
import type { Batches } from "./batches.ts";
import { LedgerMisuseError } from "./errors.ts";
import type { Append, Journal } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import type { Lines } from "./lines.ts";
import type { Retention } from "./records.ts";

/** Files marked in one transaction. */
const MARKED_AT_ONCE = 500;

/** Drops files and results that have been kept long enough, or that somebody wants gone. */
export interface Dropping extends Pick<Ledger, "deleteBatch"> {
	dropOld(retention: Retention): Promise<void>;
}

/** Drops what is in `database`; blobs go when the sweep finds that nothing needs them. */
export function createDropping(deps: {
	database: Database;
	journal: Journal;
	batches: Batches;
	lines: Lines;
	clock: Clock;
	/** Log of this machine, which drops for their age what it took in; others hear of it. */
	origin: string;
}): Dropping {
	const { database, journal, batches, lines, clock, origin } = deps;
	// A rehearsal that ended without having been queued was looked at long ago.
	const old = database
		.prepare<[string, number, number], string>(
			`SELECT id FROM batch WHERE origin = ? AND (sealed IS NOT NULL OR failed_at_ms IS NOT NULL) AND results_dropped_at_ms IS NULL
			 AND (collected_at_ms <= ? OR (is_held = 1 AND sealed_at_ms <= ?)) LIMIT 1`,
		)
		.pluck();
	// A file that was found invalid was not read in earnest: nothing of it can run again.
	const unused = database
		.prepare<[string, number, number], string>(
			`SELECT id FROM file WHERE origin = ? AND purpose = 'batch' AND dropped_at_ms IS NULL AND expires_at_ms IS NULL
			 AND created_at_ms <= ?
			 AND NOT EXISTS (SELECT 1 FROM batch WHERE input_file_id = file.id AND failed_at_ms IS NULL) LIMIT ?`,
		)
		.pluck();
	// Its input and all it published, but for what another batch reads that still has its results.
	const filesOf = database.prepare<[string, number, number], { id: string; round: number }>(
		`SELECT id, round FROM file WHERE (id = ? OR batch = ?) AND dropped_at_ms IS NULL AND NOT EXISTS (
			 SELECT 1 FROM batch WHERE input_file_id = file.id AND number <> ? AND results_dropped_at_ms IS NULL
			 AND failed_at_ms IS NULL) ORDER BY ordinal`,
	);

	function drop(append: Append, batchId: string, cause: "expired" | "deleted"): void {
		const { number, inputFileId, finalizingAtMs } = batches.facts(batchId);
		const { completed, failed, usage } = batches.record(batchId);
		for (const file of filesOf.all(inputFileId, number, number)) {
			append({ kind: "file-dropped", body: { ...file, cause } });
		}
		append({ kind: "results-dropped", body: { batchId, cause, completed, failed, usage, finalizingAtMs } });
		lines.clear(number);
	}

	return {
		deleteBatch: (batchId) =>
			journal.record((append) => {
				const batch = batches.batch(batchId);
				if (batch === null) return false;
				if (!isEnded(batch.status))
					throw new LedgerMisuseError(`Batch ${batchId} is ${batch.status}; cancel it first.`);
				drop(append, batchId, "deleted");
				return true;
			}),
		async dropOld({ keepCollectedMs, keepUnusedMs }) {
			const dropNext = (): Promise<boolean> =>
				journal.record((append) => {
					const now = clock.nowMs();
					const id = old.get(origin, now - keepCollectedMs, now - keepUnusedMs);
					if (id !== undefined) drop(append, id, "expired");
					return id !== undefined;
				});
			while (await dropNext());
			const dropUnused = (): Promise<number> =>
				journal.record((append) => {
					const ids = unused.all(origin, clock.nowMs() - keepUnusedMs, MARKED_AT_ONCE);
					for (const id of ids) append({ kind: "file-dropped", body: { id, cause: "expired", round: 0 } });
					return ids.length;
				});
			while ((await dropUnused()) > 0);
		},
	};
}
