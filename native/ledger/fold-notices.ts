import type { Database } from "better-sqlite3";
import type { Op } from "./log.ts";
import type { OpBody } from "./ops.ts";
import type { LedgerChange, Notice } from "./records.ts";

/**
 * Folds what people are told of, and what webhooks became of it. Each machine tells of the batches it took in and of itself, so
 * that one tells and not all.
 */
export interface NoticeFold {
	/** What an operation tells people of a batch of the origin named; at most one an operation, whose arrival is its number. */
	tell(op: Op, batchOrigin: string, notice: Pick<Notice, "kind" | "batchId" | "message">): readonly LedgerChange[];
	/** A notice that no batch brings along. */
	notice(body: OpBody<"notice">, op: Op): readonly LedgerChange[];
	delivery(body: OpBody<"delivery">, op: Op): readonly LedgerChange[];
}

/** A fold of notices into `database` of the machine whose log is `origin`. */
export function createNoticeFold(database: Database, origin: string): NoticeFold {
	const insert = database.prepare(
		"INSERT INTO notice (number, at_ms, kind, batch_id, message) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
	);
	const deliver = database.prepare(
		"INSERT INTO delivery (number, notice, target, outcome) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
	);

	const tell: NoticeFold["tell"] = (op, batchOrigin, { kind, batchId, message }) => {
		if (batchOrigin !== origin) return [];
		insert.run(op.arrival, op.atMs, kind, batchId, message);
		return [{ kind: "notice", number: op.arrival }];
	};

	return {
		tell,
		notice: (body, op) => tell(op, op.origin, body),
		delivery({ notice, target, outcome }, op) {
			// Numbers of notices are each machine's own.
			if (op.origin === origin) deliver.run(op.arrival, notice, target, outcome);
			return [];
		},
	};
}
