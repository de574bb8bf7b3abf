import type { Database } from "better-sqlite3";
import { durationKey } from "./durations.ts";
import type { Op } from "./log.ts";
import type { OpBody } from "./ops.ts";
import type { LedgerChange } from "./records.ts";
import type { WorkFigures } from "./work-figures.ts";

/** Folds what was done, when, and what it took. Figures stay when results go. */
export interface FigureFold {
	/** Adds the work that a segment brought; answers how many starts beyond the first it took. */
	addWork(batch: number, figures: WorkFigures): number;
	worked(body: OpBody<"worked">, op: Op): readonly LedgerChange[];
}

/** A fold of figures into `database`. */
export function createFigureFold(database: Database): FigureFold {
	const numberById = database.prepare<[string], number>("SELECT number FROM batch WHERE id = ?").pluck();
	const addMinute = database.prepare(
		`INSERT INTO work (batch, at_ms, machine, lines, failed, retries, input_tokens, cached_tokens, output_tokens)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (batch, at_ms, machine) DO UPDATE SET
		 lines = lines + excluded.lines, failed = failed + excluded.failed, retries = retries + excluded.retries,
		 input_tokens = input_tokens + excluded.input_tokens, cached_tokens = cached_tokens + excluded.cached_tokens,
		 output_tokens = output_tokens + excluded.output_tokens`,
	);
	const addDuration = database.prepare(
		"INSERT INTO duration (key, count) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET count = count + excluded.count",
	);
	const addStint = database.prepare(
		"INSERT INTO stint (number, batch, machine, from_ms, to_ms, watt_hours, is_measured, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	);
	const addToBatch = database.prepare(
		`UPDATE batch SET worked_ms = worked_ms + ?, last_worked_at_ms = max(coalesce(last_worked_at_ms, 0), ?),
		 watt_hours = watt_hours + ?, is_energy_measured = is_energy_measured AND ? WHERE number = ?`,
	);

	return {
		addWork(batch, { work, durations }) {
			let retries = 0;
			for (const one of work) {
				const tokens = [one.inputTokens, one.cachedTokens, one.outputTokens];
				addMinute.run(batch, one.atMs, one.machine, one.lines, one.failed, one.retries, ...tokens);
				retries += one.retries;
			}
			for (const [bucket, count] of durations) addDuration.run(durationKey(batch, bucket), count);
			return retries;
		},
		worked({ batchId, machine, fromMs, toMs, wattHours, isMeasured }, op) {
			const batch = numberById.get(batchId);
			if (batch === undefined) return [];
			const measured = isMeasured ? 1 : 0;
			addStint.run(op.arrival, batch, machine, fromMs, toMs, wattHours, measured, op.origin);
			addToBatch.run(toMs - fromMs, toMs, wattHours, measured, batch);
			return [{ kind: "batch", batchId }];
		},
	};
}
