import type { Database } from "better-sqlite3";
import type { FigureFold } from "./fold-figures.ts";
import type { Op } from "./log.ts";
import type { OpBody } from "./ops.ts";
import type { LedgerChange } from "./records.ts";
import { lineKey } from "./schema.ts";
import type { SegmentRow } from "./segments.ts";
import { beats } from "./winner.ts";

/** Reads the rows of a stored segment; empty if its blob is gone, whose lines then have no result and are run again. */
export type SegmentReader = (body: OpBody<"segment">) => readonly SegmentRow[];

/** Folds segments of results and crashes of lines. */
export interface ResultFold {
	/** `rows`: those of the segment if they are at hand. */
	add(body: OpBody<"segment">, op: Op, rows?: readonly SegmentRow[]): readonly LedgerChange[];
	crash(body: OpBody<"crash">): readonly LedgerChange[];
}

interface Owner {
	readonly number: number;
	readonly total: number;
	readonly sealed: string | null;
	readonly round: number;
	readonly results_dropped_at_ms: number | null;
}

interface Holder {
	readonly is_error: number;
	readonly hash: Uint8Array;
	readonly prompt_tokens: number;
	readonly cached_tokens: number;
	readonly completion_tokens: number;
	readonly reasoning_tokens: number;
}

/** What a segment adds to the counters of its batch. A winner that flips takes its old share away. */
interface Delta {
	completed: number;
	failed: number;
	input: number;
	cached: number;
	output: number;
	reasoning: number;
}

/** A fold of results into `database`; the work they took goes through `figures`. */
export function createResultFold(database: Database, readSegment: SegmentReader, figures: FigureFold): ResultFold {
	const batchById = database.prepare<[string], Owner>(
		"SELECT number, total, sealed, round, results_dropped_at_ms FROM batch WHERE id = ?",
	);
	const insertSegment = database.prepare(
		"INSERT INTO segment (number, digest, batch, size_bytes) VALUES (?, ?, ?, ?) ON CONFLICT (number) DO NOTHING",
	);
	const count = database.prepare(
		`UPDATE batch SET completed = completed + ?, failed = failed + ?, input_tokens = input_tokens + ?,
		 cached_tokens = cached_tokens + ?, output_tokens = output_tokens + ?, reasoning_tokens = reasoning_tokens + ?,
		 adopted = adopted + ?, retries = retries + ? WHERE number = ?`,
	);
	// A rehearsal that ran or found all lines there are waits all the same.
	const finalize = database.prepare(
		`UPDATE batch SET finalizing_at_ms = ? WHERE number = ? AND finalizing_at_ms IS NULL
		 AND in_progress_at_ms IS NOT NULL AND is_held = 0 AND completed + failed = total`,
	);
	const addCrash = database.prepare(
		"INSERT INTO crash (key, count) VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET count = count + 1",
	);
	const putRows = createRowFold(database);

	return {
		add(body, op, known) {
			const batch = batchById.get(body.batchId);
			if (batch === undefined || batch.results_dropped_at_ms !== null) return [];
			insertSegment.run(op.sequence, body.digest, batch.number, body.sizeBytes);
			const retries = figures.addWork(batch.number, body);
			// Counts and usage of a batch that ended are published; what comes later does not change them.
			if (batch.sealed !== null) return [];
			const delta = putRows(batch, op.sequence, body, known ?? readSegment(body));
			const adopted = body.adopted ? body.lines.reduce((sum, [, lines]) => sum + lines, 0) : 0;
			const tokens = [delta.input, delta.cached, delta.output, delta.reasoning];
			count.run(delta.completed, delta.failed, ...tokens, adopted, retries, batch.number);
			finalize.run(op.atMs, batch.number);
			return [{ kind: "batch", batchId: body.batchId }];
		},
		crash({ batchId, line }) {
			const batch = batchById.get(batchId);
			if (batch !== undefined) addCrash.run(lineKey(batch.number, line));
			return [];
		},
	};
}

/** Answers a function that takes the rows of a segment into `database` as far as they win, and says what that changes. */
function createRowFold(database: Database) {
	const holder = database.prepare<[number], Holder>(
		`SELECT is_error, hash, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens FROM result WHERE key = ?`,
	);
	const put = database.prepare(
		`INSERT OR REPLACE INTO result (key, is_error, hash, segment, offset, length, prompt_tokens, cached_tokens,
		 completion_tokens, reasoning_tokens) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	);
	return (batch: Owner, segment: number, body: OpBody<"segment">, rows: readonly SegmentRow[]): Delta => {
		const delta: Delta = { completed: 0, failed: 0, input: 0, cached: 0, output: 0, reasoning: 0 };
		for (const row of rows) {
			if (row.line >= batch.total) continue;
			// An error from before a retry is what the retry was for.
			if (row.isError && body.round < batch.round) continue;
			const key = lineKey(batch.number, row.line);
			const held = holder.get(key);
			if (held !== undefined) {
				if (!beats(row, { isError: held.is_error === 1, hash: held.hash })) continue;
				takeAway(delta, held);
			}
			const { promptTokens, cachedTokens, completionTokens, reasoningTokens } = row;
			const tokens = [promptTokens, cachedTokens, completionTokens, reasoningTokens] as const;
			put.run(key, row.isError ? 1 : 0, row.hash, segment, row.offset, row.length, ...tokens);
			addTo(delta, row);
		}
		return delta;
	};
}

function addTo(delta: Delta, row: SegmentRow): void {
	if (row.isError) delta.failed += 1;
	else delta.completed += 1;
	delta.input += row.promptTokens;
	delta.cached += row.cachedTokens;
	delta.output += row.completionTokens;
	delta.reasoning += row.reasoningTokens;
}

function takeAway(delta: Delta, held: Holder): void {
	if (held.is_error === 1) delta.failed -= 1;
	else delta.completed -= 1;
	delta.input -= held.prompt_tokens;
	delta.cached -= held.cached_tokens;
	delta.output -= held.completion_tokens;
	delta.reasoning -= held.reasoning_tokens;
}
