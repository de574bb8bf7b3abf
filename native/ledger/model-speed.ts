import type { Database } from "better-sqlite3";
import type { Ledger } from "./ledger.ts";

/** Work the speed is the mean of: long enough for a steady figure, short enough to follow a change of settings. */
const WORKED_MS = 60 * 60 * 1000;

/** Stints looked at: an hour of work in short pieces. */
const MAX_STINTS = 10_000;

interface StintRow {
	readonly number: number;
	readonly machine: string;
	readonly fromMs: number;
	readonly toMs: number;
}

/** Answers how fast a model was over its last hour of work, by what the stints and minutes in `database` say. */
export function createModelSpeed(database: Database, origin: string): Ledger["modelSpeed"] {
	// The machine of the newest one in this machine's own log is this one.
	const stints = database.prepare<[string, string, string, number], StintRow>(
		`SELECT stint.number, machine, from_ms AS fromMs, to_ms AS toMs
		 FROM stint JOIN batch ON batch.number = stint.batch
		 WHERE model_digest = ? AND machine = (SELECT machine FROM stint JOIN batch ON batch.number = stint.batch
		 WHERE model_digest = ? AND stint.origin = ? ORDER BY stint.number DESC LIMIT 1) ORDER BY stint.number DESC LIMIT ?`,
	);
	const tokens = database
		.prepare<[number, number, string, string, number], number>(
			`SELECT coalesce(sum(work.input_tokens - work.cached_tokens + work.output_tokens), 0)
			 FROM work JOIN batch ON batch.number = work.batch
			 WHERE at_ms > ? - 60000 AND at_ms < ? AND machine = ? AND model_digest = ?
			 AND EXISTS (SELECT 1 FROM stint WHERE stint.batch = work.batch AND stint.machine = work.machine
			 AND stint.number >= ? AND stint.from_ms < work.at_ms + 60000 AND stint.to_ms > work.at_ms)`,
		)
		.pluck();

	return (modelDigest) => {
		let workedMs = 0;
		let first: StintRow | null = null;
		let fromMs = Number.POSITIVE_INFINITY;
		let toMs = 0;
		for (const stint of stints.iterate(modelDigest, modelDigest, origin, MAX_STINTS)) {
			if (workedMs >= WORKED_MS) break;
			workedMs += stint.toMs - stint.fromMs;
			fromMs = Math.min(fromMs, stint.fromMs);
			toMs = Math.max(toMs, stint.toMs);
			first = stint;
		}
		if (first === null || workedMs <= 0) return null;
		const count = tokens.get(fromMs, toMs, first.machine, modelDigest, first.number) ?? 0;
		return count === 0 ? null : { tokensPerSecond: (count * 1_000) / workedMs, workedMs };
	};
}
