import type { Database } from "better-sqlite3";
import type { Op } from "./log.ts";
import type { OpBody } from "./ops.ts";
import type { LedgerChange } from "./records.ts";
import { lineKey } from "./schema.ts";

/** Folds what takes results away again: a retry those of failed lines, age or a wish all of them. */
export interface RetryFold {
	retried(body: OpBody<"retried">, op: Op): readonly LedgerChange[];
	dropped(body: OpBody<"results-dropped">, op: Op): readonly LedgerChange[];
}

interface Sums {
	readonly count: number;
	readonly input: number;
	readonly cached: number;
	readonly output: number;
	readonly reasoning: number;
}

/** A fold of retries and removals into `database`. */
export function createRetryFold(database: Database): RetryFold {
	const reopen = database
		.prepare<(string | number)[], number>(
			`UPDATE batch SET sealed = NULL, sealed_at_ms = NULL, finalizing_at_ms = NULL, cancelling_at_ms = NULL,
			 output_file_id = NULL, error_file_id = NULL, faults = '[]', collected_at_ms = NULL, expires_at_ms = ?, round = ?,
			 retries = retries + ?, rehearsed = CASE is_held WHEN 1 THEN NULL ELSE rehearsed END
			 WHERE id = ? AND sealed IS NOT NULL AND results_dropped_at_ms IS NULL RETURNING number`,
		)
		.pluck();
	const sums = database.prepare<[number, number], Sums>(
		`SELECT count(*) AS count, coalesce(sum(prompt_tokens), 0) AS input, coalesce(sum(cached_tokens), 0) AS cached,
		 coalesce(sum(completion_tokens), 0) AS output, coalesce(sum(reasoning_tokens), 0) AS reasoning
		 FROM result WHERE key >= ? AND key < ? AND is_error = 1`,
	);
	const dropErrors = database.prepare("DELETE FROM result WHERE key >= ? AND key < ? AND is_error = 1");
	const dropCrashes = database.prepare("DELETE FROM crash WHERE key >= ? AND key < ?");
	const takeAway = database.prepare(
		`UPDATE batch SET failed = failed - ?, input_tokens = input_tokens - ?, cached_tokens = cached_tokens - ?,
		 output_tokens = output_tokens - ?, reasoning_tokens = reasoning_tokens - ? WHERE number = ?`,
	);
	const drop = database
		.prepare<(string | number | null)[], number>(
			`UPDATE batch SET completed = ?, failed = ?, input_tokens = ?, cached_tokens = ?, output_tokens = ?,
			 reasoning_tokens = ?, finalizing_at_ms = ?, results_dropped_at_ms = coalesce(results_dropped_at_ms, ?)
			 WHERE id = ? RETURNING number`,
		)
		.pluck();
	// Its key may be used for another batch.
	const remove = database.prepare(
		`UPDATE batch SET deleted_at_ms = coalesce(deleted_at_ms, ?), idempotency_key = NULL WHERE number = ?`,
	);
	const dropResults = database.prepare("DELETE FROM result WHERE key >= ? AND key < ?");
	const dropSegments = database.prepare("DELETE FROM segment WHERE batch = ?");
	const changed = (batchId: string): readonly LedgerChange[] => [{ kind: "batch", batchId }];

	return {
		retried({ batchId, round, lines, putBack, windowMs }, op) {
			const number = reopen.get(op.atMs + windowMs, round, putBack, batchId);
			if (number === undefined) return [];
			const runs =
				lines === null
					? [[lineKey(number, 0), lineKey(number + 1, 0)] as const]
					: lines.map(([first, count]) => [lineKey(number, first), lineKey(number, first + count)] as const);
			for (const [from, end] of runs) {
				const sum = sums.get(from, end);
				if (sum === undefined) continue;
				dropErrors.run(from, end);
				// What killed the inference process then gets a fair chance, too.
				dropCrashes.run(from, end);
				takeAway.run(sum.count, sum.input, sum.cached, sum.output, sum.reasoning, number);
			}
			return changed(batchId);
		},
		dropped({ batchId, cause, completed, failed, usage, finalizingAtMs }, op) {
			const { inputTokens, cachedTokens, outputTokens, reasoningTokens } = usage;
			const tokens = [inputTokens, cachedTokens, outputTokens, reasoningTokens] as const;
			const number = drop.get(completed, failed, ...tokens, finalizingAtMs, op.atMs, batchId);
			if (number === undefined) return [];
			if (cause === "deleted") remove.run(op.atMs, number);
			dropResults.run(lineKey(number, 0), lineKey(number + 1, 0));
			dropSegments.run(number);
			return changed(batchId);
		},
	};
}
