import type { Database } from "better-sqlite3";
import { assertNever } from "../base/base.ts";
import { createBatchFold } from "./fold-batches.ts";
import { createControlFold } from "./fold-control.ts";
import { createFigureFold } from "./fold-figures.ts";
import { createFileFold, fileOrdinal } from "./fold-files.ts";
import { createNoticeFold } from "./fold-notices.ts";
import { createResultFold, type SegmentReader } from "./fold-results.ts";
import { createRetryFold } from "./fold-retries.ts";
import type { Op } from "./log.ts";
import type { LedgerChange } from "./records.ts";
import type { SegmentRow } from "./segments.ts";

/**
 * Turns operations into rows. Runs in the transaction that appends the operation, and again over the whole log when the
 * tables are made anew; both give the same rows, since nothing but the operation, the blobs and the rows before decide.
 */
export interface Fold {
	/** Applies one operation. `rows`: those of a segment just written, to spare reading it back. */
	apply(op: Op, rows?: readonly SegmentRow[]): readonly LedgerChange[];
}

/** Tables that the fold fills, with their keys; what `rebuild` empties and `verify` compares. Children before parents. */
export const FOLDED_TABLES = [
	{ table: "delivery", key: "number" },
	{ table: "notice", key: "number" },
	{ table: "stint", key: "number" },
	{ table: "duration", key: "key" },
	{ table: "work", key: "number" },
	{ table: "crash", key: "key" },
	{ table: "result", key: "key" },
	{ table: "segment", key: "number" },
	{ table: "batch", key: "number" },
	{ table: "upload_part", key: "ordinal" },
	{ table: "upload", key: "ordinal" },
	{ table: "file", key: "ordinal" },
] as const;

/** A fold into the tables of `database`. */
export function createFold(database: Database, readSegment: SegmentReader): Fold {
	const files = createFileFold(database);
	const notices = createNoticeFold(database);
	const batches = createBatchFold(database, files, notices);
	const control = createControlFold(database, notices);
	const retries = createRetryFold(database);
	const figures = createFigureFold(database);
	const results = createResultFold(database, readSegment, figures);
	return {
		apply(op, rows) {
			const { content } = op;
			switch (content.kind) {
				case "file":
					return files.add(content.body, fileOrdinal(op, 0), op.atMs);
				case "file-dropped":
					return files.drop(content.body, op.atMs);
				case "upload":
					return files.addUpload(content.body, op);
				case "upload-part":
					return files.addPart(content.body, op);
				case "upload-ended":
					return files.endUpload(content.body, op);
				case "batch":
					return batches.add(content.body, op);
				case "validated":
					return batches.validated(content.body, op);
				case "invalid":
					return batches.invalid(content.body, op);
				case "segment":
					return results.add(content.body, op, rows);
				case "crash":
					return results.crash(content.body);
				case "cancel":
					return batches.cancel(content.body, op);
				case "seal":
					// What a mesh chooses between; the state changes only when one is published (reference/mesh 4.4).
					return [];
				case "published":
					return batches.published(content.body, op);
				case "rehearsed":
					return control.rehearsed(content.body, op);
				case "queued":
					return control.queued(content.body, op);
				case "paused":
					return control.paused(content.body, op);
				case "resumed":
					return control.resumed(content.body);
				case "gave-up":
					return control.gaveUp(content.body, op);
				case "warned":
					return control.warned(content.body, op);
				case "retried":
					return retries.retried(content.body, op);
				case "collected":
					return control.collected(content.body, op);
				case "results-dropped":
					return retries.dropped(content.body, op);
				case "worked":
					return figures.worked(content.body, op);
				case "notice":
					return notices.tell(op, content.body);
				case "delivery":
					return notices.delivery(content.body, op);
				default:
					return assertNever(content);
			}
		},
	};
}
