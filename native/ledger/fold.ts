import type { Database } from "better-sqlite3";
import { assertNever } from "../base/base.ts";
import { createBatchFold } from "./fold-batches.ts";
import { createCourseFold } from "./fold-course.ts";
import { createFigureFold } from "./fold-figures.ts";
import { createFileFold, fileOrdinal } from "./fold-files.ts";
import { createNoticeFold } from "./fold-notices.ts";
import { createResultFold, type SegmentReader } from "./fold-results.ts";
import { createRetryFold } from "./fold-retries.ts";
import type { Op } from "./log.ts";
import type { OpContent } from "./ops.ts";
import { createParking, subjectOf } from "./parking.ts";
import type { LedgerChange } from "./records.ts";
import type { SegmentRow } from "./segments.ts";

/**
 * Turns operations into rows. Runs in the transaction that appends the operation, and again over all logs when the tables are made
 * anew; both give the same rows, since nothing but the operation, the blobs and the rows before decide. Machines with the same
 * operations show the same batches, whatever the order of arrival; what is each machine's own is numbers, notices and the moment at
 * which a batch that still runs was seen to have all its results.
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
	{ table: "crash", key: "number" },
	{ table: "result", key: "key" },
	{ table: "segment", key: "number" },
	{ table: "shared_index", key: "number" },
	{ table: "seal", key: "number" },
	{ table: "retry", key: "number" },
	{ table: "decision", key: "number" },
	{ table: "batch", key: "number" },
	{ table: "upload_part", key: "ordinal" },
	{ table: "upload", key: "ordinal" },
	{ table: "file", key: "ordinal" },
	{ table: "parked", key: "number" },
] as const;

/** A fold into the tables of `database`, on the machine whose log is `origin`. */
export function createFold(database: Database, readSegment: SegmentReader, origin: string): Fold {
	const parking = createParking(database);
	const parts = createParts(database, readSegment, origin);

	function apply(op: Op, rows?: readonly SegmentRow[]): readonly LedgerChange[] {
		const missing = parking.missing(op.content);
		if (missing !== null) {
			parking.park(op, missing);
			return [];
		}
		const changes = parts(op, rows);
		const waited = arrivedWith(op.content).flatMap((subject) => parking.take(subject));
		return waited.length === 0 ? changes : [...changes, ...waited.flatMap((one) => apply(one))];
	}

	return { apply };
}

/** What others may have waited for. */
function arrivedWith(content: OpContent): readonly string[] {
	switch (content.kind) {
		case "batch":
			return [subjectOf.batch(content.body.id)];
		case "validated":
			return [subjectOf.lines(content.body.batchId)];
		case "file":
			return [subjectOf.file(content.body.id)];
		case "upload":
			return [subjectOf.upload(content.body.id)];
		case "upload-ended":
			return content.body.file === null ? [] : [subjectOf.file(content.body.file.id)];
		case "published":
			return [content.body.output, content.body.errors].flatMap((file) =>
				file === null ? [] : subjectOf.file(file.id),
			);
		case "seal":
			return [content.body.outputFile, content.body.errorFile].flatMap((file) =>
				file === null ? [] : subjectOf.file(file.id),
			);
		default:
			return [];
	}
}

/** Answers a function that applies one operation whose subject is here. */
function createParts(database: Database, readSegment: SegmentReader, origin: string) {
	const files = createFileFold(database);
	const notices = createNoticeFold(database, origin);
	const course = createCourseFold(database, notices);
	const batches = createBatchFold(database, files, course);
	const retries = createRetryFold(database, course);
	const figures = createFigureFold(database);
	const results = createResultFold(database, readSegment, figures, course);
	return (op: Op, rows: readonly SegmentRow[] | undefined): readonly LedgerChange[] => {
		const { content } = op;
		switch (content.kind) {
			case "file":
				return files.add(content.body, fileOrdinal(op, 0), op);
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
			case "segment":
				return results.add(content.body, op, rows);
			case "crash":
				return results.crash(content.body, op);
			case "seal":
			case "published":
				return batches.sealed(content, op);
			case "indexed":
				return batches.indexed(content.body, op);
			case "retried":
				return retries.retried(content.body, op);
			case "results-dropped":
				return retries.dropped(content.body, op);
			case "validated":
			case "invalid":
			case "cancel":
			case "rehearsed":
			case "queued":
			case "paused":
			case "resumed":
			case "gave-up":
			case "warned":
			case "collected":
			case "chosen":
				return course.decided(content, op);
			case "worked":
				return figures.worked(content.body, op);
			case "notice":
				return notices.notice(content.body, op);
			case "delivery":
				return notices.delivery(content.body, op);
			default:
				return assertNever(content);
		}
	};
}
