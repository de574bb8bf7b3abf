import type { Database } from "better-sqlite3";
import type { CourseFold } from "./fold-course.ts";
import type { Op } from "./log.ts";
import { canonicalJson, type OpBody } from "./ops.ts";
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
export function createRetryFold(database: Database, course: CourseFold): RetryFold {
	const numberById = database.prepare<[string], number>("SELECT number FROM batch WHERE id = ?").pluck();
	const insert = database.prepare("INSERT INTO retry (number, batch, round, origin, lines) VALUES (?, ?, ?, ?, ?)");
	const sums = database.prepare<[number, number, number], Sums>(
		`SELECT count(*) AS count, coalesce(sum(prompt_tokens), 0) AS input, coalesce(sum(cached_tokens), 0) AS cached,
		 coalesce(sum(completion_tokens), 0) AS output, coalesce(sum(reasoning_tokens), 0) AS reasoning
		 FROM result WHERE key >= ? AND key < ? AND is_error = 1 AND round < ?`,
	);
	const dropErrors = database.prepare("DELETE FROM result WHERE key >= ? AND key < ? AND is_error = 1 AND round < ?");
	const dropCrashes = database.prepare("DELETE FROM crash WHERE key >= ? AND key < ? AND round < ?");
	const takeAway = database.prepare(
		`UPDATE batch SET failed = failed - ?, input_tokens = input_tokens - ?, cached_tokens = cached_tokens - ?,
		 output_tokens = output_tokens - ?, reasoning_tokens = reasoning_tokens - ? WHERE number = ?`,
	);
	const putBackMore = database.prepare("UPDATE batch SET retries = retries + ? WHERE number = ?");
	const drop = database.prepare(
		`UPDATE batch SET completed = ?, failed = ?, input_tokens = ?, cached_tokens = ?, output_tokens = ?,
		 reasoning_tokens = ?, finalizing_at_ms = ?, figures = CASE WHEN sealed IS NULL THEN NULL ELSE ? END,
		 results_dropped_at_ms = min(coalesce(results_dropped_at_ms, ?), ?) WHERE number = ?`,
	);
	// Its key may be used for another batch.
	const remove = database.prepare(
		"UPDATE batch SET deleted_at_ms = min(coalesce(deleted_at_ms, ?), ?), idempotency_key = NULL WHERE number = ?",
	);
	const dropResults = database.prepare("DELETE FROM result WHERE key >= ? AND key < ?");
	const dropSegments = database.prepare("DELETE FROM segment WHERE batch = ?");

	return {
		retried(body, op) {
			const { batchId, round, lines, putBack } = body;
			const number = numberById.get(batchId);
			if (number === undefined) return [];
			insert.run(op.arrival, number, round, op.origin, lines === null ? null : JSON.stringify(lines));
			putBackMore.run(putBack, number);
			for (const [from, end] of keysOf(number, lines)) {
				const sum = sums.get(from, end, round);
				// What killed the inference process then gets a fair chance, too.
				dropCrashes.run(from, end, round);
				if (sum === undefined || sum.count === 0) continue;
				dropErrors.run(from, end, round);
				takeAway.run(sum.count, sum.input, sum.cached, sum.output, sum.reasoning, number);
			}
			return course.decided({ kind: "retried", body }, op);
		},
		dropped({ batchId, cause, completed, failed, usage, finalizingAtMs }, op) {
			const number = numberById.get(batchId);
			if (number === undefined) return [];
			const { inputTokens, cachedTokens, outputTokens, reasoningTokens } = usage;
			const tokens = [inputTokens, cachedTokens, outputTokens, reasoningTokens] as const;
			const figures = canonicalJson({ completed, failed, usage });
			drop.run(completed, failed, ...tokens, finalizingAtMs, figures, op.atMs, op.atMs, number);
			if (cause === "deleted") remove.run(op.atMs, op.atMs, number);
			dropResults.run(lineKey(number, 0), lineKey(number + 1, 0));
			dropSegments.run(number);
			course.settle(batchId, op);
			return [{ kind: "batch", batchId }];
		},
	};
}

/** Keys of the lines that a retry puts back, never those of another batch. */
function keysOf(batch: number, lines: OpBody<"retried">["lines"]): readonly (readonly [from: number, end: number])[] {
	const last = lineKey(batch + 1, 0);
	if (lines === null) return [[lineKey(batch, 0), last]];
	return lines.map(([first, count]) => {
		const from = Math.min(lineKey(batch, first), last);
		return [from, Math.min(from + count, last)];
	});
}
