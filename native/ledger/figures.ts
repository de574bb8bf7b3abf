import type { Database } from "better-sqlite3";
import type { Batches } from "./batches.ts";
import { durationKey, histogramOf } from "./durations.ts";
import { LedgerMisuseError } from "./errors.ts";
import type { Journal } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import { createModelSpeed } from "./model-speed.ts";
import type { Stint, WorkMinute } from "./records.ts";

type Figures = Pick<Ledger, "recordStint" | "workMinutes" | "stints" | "durations" | "modelSpeed">;

interface StintRow extends Omit<Stint, "isMeasured"> {
	readonly isMeasured: 0 | 1;
}

/** Records and tells what was done, when, and what it took. */
export function createFigures(deps: {
	database: Database;
	journal: Journal;
	batches: Batches;
	/** Log of this machine. */
	origin: string;
}): Figures {
	const { database, journal, batches, origin } = deps;
	const columns = `batch.id AS batchId, machine, at_ms AS atMs, lines, work.failed AS failed, work.retries AS retries,
		work.input_tokens AS inputTokens, work.cached_tokens AS cachedTokens, work.output_tokens AS outputTokens`;
	const minutes = database.prepare<[number, number], WorkMinute>(
		`SELECT ${columns} FROM work JOIN batch ON batch.number = work.batch
		 WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms, work.batch, machine`,
	);
	const minutesOf = database.prepare<[number, number, number], WorkMinute>(
		`SELECT ${columns} FROM work JOIN batch ON batch.number = work.batch
		 WHERE work.batch = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms, machine`,
	);
	const stints = database.prepare<[number, number], StintRow>(
		`SELECT batch.id AS batchId, machine, from_ms AS fromMs, to_ms AS toMs, stint.watt_hours AS wattHours,
		 is_measured AS isMeasured FROM stint JOIN batch ON batch.number = stint.batch
		 WHERE to_ms > ? AND from_ms < ? ORDER BY from_ms, stint.number`,
	);
	const buckets = database.prepare<[number, number, number], { bucket: number; count: number }>(
		"SELECT key - ? AS bucket, count FROM duration WHERE key >= ? AND key < ?",
	);

	return {
		recordStint: (stint) =>
			journal.record((append) => {
				const { batchId, machine, wattHours, isMeasured } = stint;
				if (batches.numberEver(batchId) === null) throw new LedgerMisuseError(`There is no batch ${batchId}.`);
				const fromMs = Math.round(stint.fromMs);
				// The wall clock may have been put back meanwhile.
				const toMs = Math.max(fromMs, Math.round(stint.toMs));
				append({ kind: "worked", body: { batchId, machine, fromMs, toMs, wattHours, isMeasured } });
			}),
		workMinutes({ batchId, fromMs, toMs }) {
			if (batchId === null) return minutes.all(fromMs, toMs);
			return minutesOf.all(batches.facts(batchId).number, fromMs, toMs);
		},
		stints: ({ fromMs, toMs }) => stints.all(fromMs, toMs).map((row) => ({ ...row, isMeasured: row.isMeasured === 1 })),
		durations(batchId) {
			const { number } = batches.facts(batchId);
			const [first, end] = [durationKey(number, 0), durationKey(number + 1, 0)];
			return histogramOf(buckets.all(first, first, end));
		},
		modelSpeed: createModelSpeed(database, origin),
	};
}
