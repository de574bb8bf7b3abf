import type { Database } from "better-sqlite3";
import type { Op } from "./log.ts";
import type { OpBody } from "./ops.ts";
import type { Digest, LedgerChange } from "./records.ts";
import { lineKey } from "./schema.ts";
import type { SegmentRow } from "./segments.ts";
import { beats } from "./winner.ts";

/** Reads the rows of a stored segment; empty if its blob is gone, whose lines then have no result and are run again. */
export type SegmentReader = (digest: Digest) => readonly SegmentRow[];

/** Folds segments of results and crashes of lines. */
export interface ResultFold {
	/** `rows`: those of the segment if they are at hand. */
	add(body: OpBody<"segment">, op: Op, rows?: readonly SegmentRow[]): readonly LedgerChange[];
	crash(body: OpBody<"crash">): readonly LedgerChange[];
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

/** A fold of results into `database`. */
export function createResultFold(database: Database, readSegment: SegmentReader): ResultFold {
	const batchByid = database.prepare<[string], { number: number; total: number; sealed: string | null }>(
		"SELECT number, total, sealed FROM batch WHERE id = ?",
	);
	const insertSegment = database.prepare(
		"INSERT INTO segment (digest, batch, size_bytes) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING",
	);
	const segmentNumber = database.prepare<[string], number>("SELECT number FROM segment WHERE digest = ?").pluck();
	const holder = database.prepare<[number], Holder>(
		`SELECT is_error, hash, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens FROM result WHERE key = ?`,
	);
	const put = database.prepare(
		`INSERT OR REPLACE INTO result (key, is_error, hash, segment, offset, length, prompt_tokens, cached_tokens,
		 completion_tokens, reasoning_tokens) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	);
	const count = database.prepare(
		`UPDATE batch SET completed = completed + ?, failed = failed + ?, input_tokens = input_tokens + ?,
		 cached_tokens = cached_tokens + ?, output_tokens = output_tokens + ?, reasoning_tokens = reasoning_tokens + ?
		 WHERE number = ?`,
	);
	const finalize = database.prepare(
		`UPDATE batch SET finalizing_at_ms = ?
		 WHERE number = ? AND finalizing_at_ms IS NULL AND in_progress_at_ms IS NOT NULL AND completed + failed = total`,
	);
	const addCrash = database.prepare(
		"INSERT INTO crash (key, count) VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET count = count + 1",
	);

	return {
		add(body, op, known) {
			const batch = batchByid.get(body.batchId);
			if (batch === undefined) return [];
			insertSegment.run(body.digest, batch.number, body.sizeBytes);
			// Counts and usage of a batch that ended are published; what comes later does not change them.
			if (batch.sealed !== null) return [];
			const segment = segmentNumber.get(body.digest);
			const delta: Delta = { completed: 0, failed: 0, input: 0, cached: 0, output: 0, reasoning: 0 };
			for (const row of known ?? readSegment(body.digest)) {
				if (row.line >= batch.total) continue;
				const key = lineKey(batch.number, row.line);
				const held = holder.get(key);
				if (held !== undefined) {
					if (!beats(row, { isError: held.is_error === 1, hash: held.hash })) continue;
					takeAway(delta, held);
				}
				const { promptTokens, cachedTokens, completionTokens, reasoningTokens } = row;
				const isError = row.isError ? 1 : 0;
				const tokens = [promptTokens, cachedTokens, completionTokens, reasoningTokens] as const;
				put.run(key, isError, row.hash, segment, row.offset, row.length, ...tokens);
				addTo(delta, row);
			}
			count.run(delta.completed, delta.failed, delta.input, delta.cached, delta.output, delta.reasoning, batch.number);
			finalize.run(op.atMs, batch.number);
			return [{ kind: "batch", batchId: body.batchId }];
		},
		crash({ batchId, line }) {
			const batch = batchByid.get(batchId);
			if (batch !== undefined) addCrash.run(lineKey(batch.number, line));
			return [];
		},
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
