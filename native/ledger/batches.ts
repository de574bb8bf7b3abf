import type { Database } from "better-sqlite3";
import { LedgerMisuseError } from "./errors.ts";
import type { Ledger } from "./ledger.ts";
import { faultsSchema, manifestSchema } from "./ops.ts";
import { boundOf, readPage } from "./pages.ts";
import type { BatchRecord, BatchStatus, ModelIdentity, Page, PageQuery } from "./records.ts";

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
}

/** Reads batches. */
export interface Batches extends Pick<Ledger, "batch" | "batches" | "openBatches"> {
	/** Throws `LedgerMisuseError` for an unknown id. */
	facts(id: string): BatchFacts;
	record(id: string): BatchRecord;
	idOfKey(idempotencyKey: string): string | null;
	/** Numbers of other batches that ran the same model and have results and an index. */
	relatives(facts: BatchFacts): readonly number[];
}

interface BatchRow {
	readonly number: number;
	readonly id: string;
	readonly manifest: string;
	readonly input_file_id: string;
	readonly faults: string;
	readonly model_name: string | null;
	readonly model_digest: string | null;
	readonly total: number;
	readonly completed: number;
	readonly failed: number;
	readonly input_tokens: number;
	readonly cached_tokens: number;
	readonly output_tokens: number;
	readonly reasoning_tokens: number;
	readonly output_file_id: string | null;
	readonly error_file_id: string | null;
	readonly sealed: "completed" | "cancelled" | "expired" | null;
	readonly created_at_ms: number;
	readonly expires_at_ms: number;
	readonly in_progress_at_ms: number | null;
	readonly finalizing_at_ms: number | null;
	readonly failed_at_ms: number | null;
	readonly cancelling_at_ms: number | null;
	readonly sealed_at_ms: number | null;
	readonly is_indexed: 0 | 1;
}

const SELECT = `SELECT batch.*, EXISTS (SELECT 1 FROM line_index WHERE line_index.batch = batch.number) AS is_indexed FROM batch`;

/** Batches in `database`. */
export function createBatches(database: Database): Batches {
	const byId = database.prepare<[string], BatchRow>(`${SELECT} WHERE id = ?`);
	const open = database.prepare<[], BatchRow>(
		`${SELECT} WHERE sealed IS NULL AND failed_at_ms IS NULL ORDER BY number`,
	);
	const numberById = database.prepare<[string], number>("SELECT number FROM batch WHERE id = ?").pluck();
	const idByKey = database.prepare<[string], string>("SELECT id FROM batch WHERE idempotency_key = ?").pluck();
	const relatives = database
		.prepare<[string | null, number], number>(
			`SELECT number FROM batch JOIN line_index ON line_index.batch = batch.number
			 WHERE model_digest = ? AND number <> ? AND completed > 0 ORDER BY number DESC`,
		)
		.pluck();
	const list = {
		asc: database.prepare<[number, number], BatchRow>(`${SELECT} WHERE number > ? ORDER BY number ASC LIMIT ?`),
		desc: database.prepare<[number, number], BatchRow>(`${SELECT} WHERE number < ? ORDER BY number DESC LIMIT ?`),
	};

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
		batches(query: PageQuery): Page<BatchRecord> {
			const source = {
				placeOf: (id: string) => numberById.get(id),
				rows: (place: number | null, order: "asc" | "desc", limit: number) =>
					list[order].all(boundOf(place, order), limit).map(batchRecord),
			};
			return readPage(source, query);
		},
		openBatches: () => open.all().map(batchRecord),
		facts: (id) => batchFacts(row(id)),
		record: (id) => batchRecord(row(id)),
		idOfKey: (idempotencyKey) => idByKey.get(idempotencyKey) ?? null,
		relatives: (facts) => relatives.all(facts.modelDigest, facts.number),
	};
}

/** The status follows from what has happened, so that no order of operations can leave a wrong one behind. */
function statusOf(row: BatchRow): BatchStatus {
	if (row.sealed !== null) return row.sealed;
	if (row.failed_at_ms !== null) return "failed";
	// Validated, but its index is gone (`rebuild`): the lines must be found again before anything else can be done.
	if (row.in_progress_at_ms !== null && row.is_indexed === 0) return "validating";
	if (row.cancelling_at_ms !== null) return "cancelling";
	if (row.in_progress_at_ms === null) return "validating";
	return row.finalizing_at_ms === null ? "in_progress" : "finalizing";
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
	};
}

function batchRecord(row: BatchRow): BatchRecord {
	const sealedAt = (status: BatchRow["sealed"]): number | null => (row.sealed === status ? row.sealed_at_ms : null);
	return {
		id: row.id,
		manifest: manifestSchema.parse(JSON.parse(row.manifest)),
		status: statusOf(row),
		faults: faultsSchema.parse(JSON.parse(row.faults)),
		model: modelOf(row),
		total: row.total,
		completed: row.completed,
		failed: row.failed,
		usage: {
			inputTokens: row.input_tokens,
			cachedTokens: row.cached_tokens,
			outputTokens: row.output_tokens,
			reasoningTokens: row.reasoning_tokens,
		},
		outputFileId: row.output_file_id,
		errorFileId: row.error_file_id,
		createdAtMs: row.created_at_ms,
		expiresAtMs: row.expires_at_ms,
		inProgressAtMs: row.in_progress_at_ms,
		finalizingAtMs: row.finalizing_at_ms,
		completedAtMs: sealedAt("completed"),
		failedAtMs: row.failed_at_ms,
		expiredAtMs: sealedAt("expired"),
		cancellingAtMs: row.cancelling_at_ms,
		cancelledAtMs: sealedAt("cancelled"),
	};
}

function modelOf(row: BatchRow): ModelIdentity | null {
	if (row.model_name === null || row.model_digest === null) return null;
	return { name: row.model_name, digest: row.model_digest };
}
