import type { Database } from "better-sqlite3";
import { assertNever } from "../base/base.ts";
import type { Op } from "./log.ts";
import { type OpContent, opContentSchema } from "./ops.ts";

/**
 * Keeps operations whose subject is not here yet. The logs of two machines come in any order, so that a result may be here before
 * its batch; nothing of it may be lost for that.
 */
export interface Parking {
	/** What must be here before an operation can be applied; null: all is. */
	missing(content: OpContent): string | null;
	park(op: Op, subject: string): void;
	/** Takes out what waited for a subject, by arrival. */
	take(subject: string): readonly Op[];
}

/** What waits for a batch, the validation of its lines, a file or an upload. */
export const subjectOf = {
	batch: (id: string): string => `batch ${id}`,
	lines: (batchId: string): string => `lines ${batchId}`,
	file: (id: string): string => `file ${id}`,
	upload: (id: string): string => `upload ${id}`,
} as const;

interface ParkedRow {
	readonly arrival: number;
	readonly content: string;
	readonly origin: string;
	readonly sequence: number;
	readonly atMs: number;
	readonly stampMs: number;
}

/** Parked operations in `database`. */
export function createParking(database: Database): Parking {
	const batch = database
		.prepare<[string], 0 | 1>("SELECT in_progress_at_ms IS NOT NULL FROM batch WHERE id = ?")
		.pluck();
	const file = database.prepare<[string], number>("SELECT 1 FROM file WHERE id = ?").pluck();
	const upload = database.prepare<[string], number>("SELECT 1 FROM upload WHERE id = ?").pluck();
	const insert = database.prepare(
		"INSERT INTO parked (number, subject, content, origin, sequence, at_ms, stamp_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
	);
	const waiting = database.prepare<[string], ParkedRow>(
		`SELECT number AS arrival, content, origin, sequence, at_ms AS atMs, stamp_ms AS stampMs FROM parked
		 WHERE subject = ? ORDER BY number`,
	);
	const remove = database.prepare("DELETE FROM parked WHERE subject = ?");

	return {
		missing(content) {
			switch (content.kind) {
				case "file":
				case "upload":
				case "batch":
				case "notice":
				case "delivery":
					return null;
				case "file-dropped":
					return file.get(content.body.id) === undefined ? subjectOf.file(content.body.id) : null;
				case "upload-part":
					return upload.get(content.body.uploadId) === undefined ? subjectOf.upload(content.body.uploadId) : null;
				case "upload-ended":
					return upload.get(content.body.id) === undefined ? subjectOf.upload(content.body.id) : null;
				case "segment": {
					const isValidated = batch.get(content.body.batchId);
					if (isValidated === undefined) return subjectOf.batch(content.body.batchId);
					return isValidated === 1 ? null : subjectOf.lines(content.body.batchId);
				}
				case "validated":
				case "invalid":
				case "crash":
				case "cancel":
				case "seal":
				case "published":
				case "indexed":
				case "rehearsed":
				case "queued":
				case "paused":
				case "resumed":
				case "gave-up":
				case "warned":
				case "retried":
				case "collected":
				case "chosen":
				case "results-dropped":
				case "worked":
					return batch.get(content.body.batchId) === undefined ? subjectOf.batch(content.body.batchId) : null;
				default:
					return assertNever(content);
			}
		},
		park({ arrival, content, origin, sequence, atMs, stampMs }, subject) {
			insert.run(arrival, subject, JSON.stringify(content), origin, sequence, atMs, stampMs);
		},
		take(subject) {
			const rows = waiting.all(subject);
			if (rows.length > 0) remove.run(subject);
			return rows.map(({ content, ...op }) => ({ ...op, content: opContentSchema.parse(JSON.parse(content)) }));
		},
	};
}
