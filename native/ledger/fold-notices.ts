import type { Database } from "better-sqlite3";
import type { Op } from "./log.ts";
import type { OpBody } from "./ops.ts";
import type { LedgerChange, Notice } from "./records.ts";

/** Folds what people are told of, and what webhooks became of it. */
export interface NoticeFold {
	/** What an operation tells people; at most one an operation, whose number it has. */
	tell(op: Op, notice: Pick<Notice, "kind" | "batchId" | "message">): readonly LedgerChange[];
	delivery(body: OpBody<"delivery">, op: Op): readonly LedgerChange[];
}

/** A fold of notices into `database`. */
export function createNoticeFold(database: Database): NoticeFold {
	const insert = database.prepare(
		"INSERT INTO notice (number, at_ms, kind, batch_id, message) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
	);
	const deliver = database.prepare(
		"INSERT INTO delivery (number, notice, target, outcome) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
	);
	return {
		tell(op, { kind, batchId, message }) {
			insert.run(op.sequence, op.atMs, kind, batchId, message);
			return [{ kind: "notice", number: op.sequence }];
		},
		delivery({ notice, target, outcome }, op) {
			deliver.run(op.sequence, notice, target, outcome);
			return [];
		},
	};
}
