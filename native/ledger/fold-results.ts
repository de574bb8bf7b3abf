import type { Database } from "better-sqlite3";
import type { CourseFold } from "./fold-course.ts";
import type { FigureFold } from "./fold-figures.ts";
import type { Op } from "./log.ts";
import type { OpBody } from "./ops.ts";
import { rangesSchema } from "./ops-columns.ts";
import type { LedgerChange } from "./records.ts";
import { LINES_PER_BATCH, lineKey } from "./schema.ts";
import type { SegmentRow } from "./segments.ts";
import { beats } from "./winner.ts";

/** Reads the rows of a stored segment; empty if its blob is gone, whose lines then have no result and are run again. */
export type SegmentReader = (body: OpBody<"segment">) => readonly SegmentRow[];

/** Folds segments of results and crashes of lines. */
export interface ResultFold {
	/** `rows`: those of the segment if they are at hand. */
	add(body: OpBody<"segment">, op: Op, rows?: readonly SegmentRow[]): readonly LedgerChange[];
	crash(body: OpBody<"crash">, op: Op): readonly LedgerChange[];
}

interface Owner {
	readonly number: number;
	readonly total: number;
	readonly round: number;
	readonly results_dropped_at_ms: number | null;
}

interface Holder {
	readonly is_error: number;
	readonly round: number;
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
export function createResultFold(
	database: Database,
	readSegment: SegmentReader,
	figures: FigureFold,
	course: CourseFold,
): ResultFold {
	const batchById = database.prepare<[string], Owner>(
		"SELECT number, total, round, results_dropped_at_ms FROM batch WHERE id = ?",
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
		 AND in_progress_at_ms IS NOT NULL AND is_held = 0 AND sealed IS NULL AND completed + failed = total`,
	);
	const addCrash = database.prepare("INSERT INTO crash (number, key, round) VALUES (?, ?, ?)");
	const putBack = createPutBack(database);
	const putRows = createRowFold(database);

	return {
		add(body, op, known) {
			const batch = batchById.get(body.batchId);
			if (batch === undefined) return [];
			const retries = figures.addWork(batch.number, body);
			if (batch.results_dropped_at_ms !== null) return [];
			insertSegment.run(op.arrival, body.digest, batch.number, body.sizeBytes);
			const isPutBack = putBack(batch, body.round);
			const rows = known ?? readSegment(body);
			const delta = putRows(batch, op.arrival, body, isPutBack, rows);
			const adopted = body.adopted ? body.lines.reduce((sum, [, lines]) => sum + lines, 0) : 0;
			const tokens = [delta.input, delta.cached, delta.output, delta.reasoning];
			count.run(delta.completed, delta.failed, ...tokens, adopted, retries, batch.number);
			finalize.run(op.atMs, batch.number);
			return [{ kind: "batch", batchId: body.batchId }];
		},
		crash({ batchId, line, round: said }, op) {
			const batch = batchById.get(batchId);
			if (batch === undefined || line >= LINES_PER_BATCH) return [];
			const round = course.roundOf(batch.number, op, said);
			if (!putBack(batch, round)(line)) addCrash.run(op.arrival, lineKey(batch.number, line), round);
			return [];
		},
	};
}

const NEVER = (): boolean => false;

/** Answers which lines a later round than the one asked for put back: their errors from before no longer count. */
function createPutBack(database: Database) {
	const later = database
		.prepare<[number, number], string | null>("SELECT lines FROM retry WHERE batch = ? AND round > ?")
		.pluck();
	return ({ number, round: current }: Pick<Owner, "number" | "round">, round: number): ((line: number) => boolean) => {
		// Retries that a removal of the results outran raise no round, but then there are no results.
		if (current <= round) return NEVER;
		const retries = later
			.all(number, round)
			.map((json) => (json === null ? null : rangesSchema.parse(JSON.parse(json))));
		if (retries.includes(null)) return () => true;
		return (line) => retries.some((lines) => lines?.some(([first, count]) => line >= first && line < first + count));
	};
}

/** Answers a function that takes the rows of a segment into `database` as far as they win, and says what that changes. */
function createRowFold(database: Database) {
	const holder = database.prepare<[number], Holder>(
		`SELECT is_error, round, hash, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens FROM result WHERE key = ?`,
	);
	const put = database.prepare(
		`INSERT OR REPLACE INTO result (key, is_error, round, hash, segment, offset, length, prompt_tokens, cached_tokens,
		 completion_tokens, reasoning_tokens) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	);
	return (
		batch: Owner,
		segment: number,
		{ round }: OpBody<"segment">,
		isPutBack: (line: number) => boolean,
		rows: readonly SegmentRow[],
	): Delta => {
		const delta: Delta = { completed: 0, failed: 0, input: 0, cached: 0, output: 0, reasoning: 0 };
		for (const row of rows) {
			if (row.line >= batch.total) continue;
			// An error from before a retry is what the retry was for.
			if (row.isError && isPutBack(row.line)) continue;
			const key = lineKey(batch.number, row.line);
			const held = holder.get(key);
			if (held !== undefined) {
				const { isError, hash } = row;
				const holds = { isError: held.is_error === 1, round: held.round, hash: held.hash };
				if (!beats({ isError, round, hash }, holds)) continue;
				takeAway(delta, held);
			}
			const { promptTokens, cachedTokens, completionTokens, reasoningTokens } = row;
			const tokens = [promptTokens, cachedTokens, completionTokens, reasoningTokens] as const;
			put.run(key, row.isError ? 1 : 0, round, row.hash, segment, row.offset, row.length, ...tokens);
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
