import type { Database } from "better-sqlite3";
import type { Journal } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import type { Delivery, Notice } from "./records.ts";

/** Tells what people are to hear of, and keeps what became of webhooks. */
export function createNotices(deps: {
	database: Database;
	journal: Journal;
}): Pick<Ledger, "notices" | "notify" | "settleDelivery" | "deliveries"> {
	const { database, journal } = deps;
	const notices = database.prepare<[number, number], Notice>(
		`SELECT number, at_ms AS atMs, kind, batch_id AS batchId, message FROM notice
		 WHERE number > ? ORDER BY number LIMIT ?`,
	);
	const settled = database
		.prepare<[number, string], number>("SELECT 1 FROM delivery WHERE notice = ? AND target = ?")
		.pluck();
	const deliveries = database.prepare<[number], Delivery>(
		"SELECT notice, target, outcome FROM delivery WHERE notice > ? ORDER BY notice, number",
	);
	return {
		notices: (after, limit) => notices.all(after, limit),
		notify: (kind, batchId, message) =>
			journal.record((append) => {
				const op = append({ kind: "notice", body: { kind, batchId, message } });
				return { number: op.arrival, atMs: op.atMs, kind, batchId, message };
			}),
		settleDelivery: ({ notice, target, outcome }) =>
			journal.record((append) => {
				if (settled.get(notice, target) !== undefined) return;
				append({ kind: "delivery", body: { notice, target, outcome } });
			}),
		deliveries: (after) => deliveries.all(after),
	};
}
