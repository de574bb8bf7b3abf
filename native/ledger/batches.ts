import type { Database } from "better-sqlite3";
import { type BatchRow, batchRecord, statusOf } from "./batch-row.ts";
import { LedgerMisuseError } from "./errors.ts";
import type { Ledger } from "./ledger.ts";
import { boundOf, readPage } from "./pages.ts";
import type { BatchQuery, BatchRecord, BatchStatus } from "./records.ts";

/** A batch as other parts of the ledger need it: its number and what decides what may happen to it. */
export interface BatchFacts {
	readonly number: number;
	readonly id: string;
	readonly status: BatchStatus;
	readonly total: number;
	readonly inputFileId: string;
	readonly expiresAtMs: number;
	readonly modelDigest: string | null;
	/** The lines are in the index. */
	readonly isIndexed: boolean;
	/** The input was found invalid. */
	readonly isInvalid: boolean;
	readonly isHeld: boolean;
	readonly isPaused: boolean;
	readonly notBeforeMs: number | null;
	readonly round: number;
	readonly finalizingAtMs: number | null;
	readonly resultsDroppedAtMs: number | null;
}

/** Another batch that ran the same model and has results and an index. */
export interface Relative {
	readonly number: number;
	readonly completed: number;
	readonly round: number;
}

/** Reads batches. Those that were deleted are not there, but for `numberEver`. */
export interface Batches extends Pick<Ledger, "batch" | "batchOfFile" | "batches" | "openBatches"> {
	/** Throws `LedgerMisuseError` for an unknown id. */
	facts(id: string): BatchFacts;
	record(id: string): BatchRecord;
	idOfKey(idempotencyKey: string): string | null;
	/** Newest first; none whose answers are stale at `nowMs`. */
	relatives(facts: BatchFacts, nowMs: number): readonly Relative[];
	/** Number of a batch, deleted or not; null: there never was one. */
	numberEver(id: string): number | null;
	/** Of the choice of machines that stands; 0: nobody chose. */
	machineRevision(id: string): number;
}

const SELECT = `SELECT batch.*, EXISTS (SELECT 1 FROM line_index WHERE line_index.batch = batch.number) AS is_indexed FROM batch`;

/** Batches in `database`. */
export function createBatches(database: Database): Batches {
	const byId = database.prepare<[string], BatchRow>(`${SELECT} WHERE id = ? AND deleted_at_ms IS NULL`);
	const byFile = database.prepare<[string], BatchRow>(
		`${SELECT} WHERE number = (SELECT batch FROM file WHERE id = ?) AND deleted_at_ms IS NULL`,
	);
	const open = database.prepare<[], BatchRow>(
		`${SELECT} WHERE sealed IS NULL AND failed_at_ms IS NULL ORDER BY number`,
	);
	const numberById = database.prepare<[string], number>("SELECT number FROM batch WHERE id = ?").pluck();
	const idByKey = database
		.prepare<[string], string>("SELECT id FROM batch WHERE idempotency_key = ? ORDER BY created_at_ms, id LIMIT 1")
		.pluck();
	const relatives = database.prepare<[string | null, number, number], Relative>(
		`SELECT number, completed, round FROM batch JOIN line_index ON line_index.batch = batch.number
		 WHERE model_digest = ? AND number <> ? AND completed > 0 AND results_dropped_at_ms IS NULL
		 AND (effective_until_ms IS NULL OR effective_until_ms > ?) ORDER BY number DESC`,
	);
	const machineRevision = database
		.prepare<[string], number | null>("SELECT machines ->> '$.revision' FROM batch WHERE id = ?")
		.pluck();
	const list = { asc: prepareList(database, ">", "ASC"), desc: prepareList(database, "<", "DESC") };

	function row(id: string): BatchRow {
		const found = byId.get(id);
		if (found === undefined) throw new LedgerMisuseError(`There is no batch ${id}.`);
		return found;
	}

	return {
		batch(id) {
			const found = byId.get(id);
			return found === undefined ? null : batchRecord(found);
		},
		batchOfFile(fileId) {
			const found = byFile.get(fileId);
			return found === undefined ? null : batchRecord(found);
		},
		batches(query: BatchQuery) {
			const { surface, withHeld } = query;
			const source = {
				placeOf: (id: string) => numberById.get(id),
				rows: (place: number | null, order: "asc" | "desc", limit: number) =>
					list[order].all(boundOf(place, order), surface, surface, withHeld ? 1 : 0, limit).map(batchRecord),
			};
			return readPage(source, query);
		},
		openBatches: () => open.all().map(batchRecord),
		facts: (id) => batchFacts(row(id)),
		record: (id) => batchRecord(row(id)),
		idOfKey: (idempotencyKey) => idByKey.get(idempotencyKey) ?? null,
		relatives: (facts, nowMs) => relatives.all(facts.modelDigest, facts.number, nowMs),
		machineRevision: (id) => machineRevision.get(id) ?? 0,
		numberEver: (id) => numberById.get(id) ?? null,
	};
}

function prepareList(database: Database, comparison: "<" | ">", order: "ASC" | "DESC") {
	return database.prepare<[number, string | null, string | null, 0 | 1, number], BatchRow>(
		`${SELECT} WHERE number ${comparison} ? AND deleted_at_ms IS NULL AND (? IS NULL OR surface = ?)
		 AND (is_held = 0 OR ? = 1) ORDER BY number ${order} LIMIT ?`,
	);
}

function batchFacts(row: BatchRow): BatchFacts {
	return {
		number: row.number,
		id: row.id,
		status: statusOf(row),
		total: row.total,
		inputFileId: row.input_file_id,
		expiresAtMs: row.expires_at_ms,
		modelDigest: row.model_digest,
		isIndexed: row.is_indexed === 1,
		isInvalid: row.failed_at_ms !== null,
		isHeld: row.is_held === 1,
		isPaused: row.pause !== null,
		notBeforeMs: row.not_before_ms,
		round: row.round,
		finalizingAtMs: row.finalizing_at_ms,
		resultsDroppedAtMs: row.results_dropped_at_ms,
	};
}
