import type { Database } from "better-sqlite3";
import { asWriteError, LedgerWriteError } from "./errors.ts";
import type { Fold } from "./fold.ts";
import type { Op, OperationLog } from "./log.ts";
import type { OpContent } from "./ops.ts";
import type { LedgerChange } from "./records.ts";
import type { SegmentRow } from "./segments.ts";

/** Appends an operation and folds it, in the transaction that is open. */
export type Append = (content: OpContent, rows?: readonly SegmentRow[]) => Op;

/** The one writer: changes queue here, each is one transaction of log and tables, on disk when its promise resolves. */
export interface Journal {
	/** Queues a change. `body` runs in one transaction and must not wait for anything. */
	record<Value>(body: (append: Append) => Value): Promise<Value>;
	/** Queues a task that has the ledger for itself until it resolves; it changes things by `recordNow`. */
	exclusive<Value>(task: () => Promise<Value>): Promise<Value>;
	/** As `record`, at once; only from inside a task of `exclusive`. */
	recordNow<Value>(body: (append: Append) => Value): Value;
	/** Runs changes to derived data that the log does not hold. */
	derive<Value>(body: () => Value): Value;
	/** Waits for the queue to empty and takes no more. */
	close(): Promise<void>;
}

/** Changes waiting at a time, far above what lanes and clients make: a runaway caller ends here, not in a lack of memory. */
const MAX_QUEUED = 100_000;

/** A journal of `log` and `fold` on `database`; `announce` hears of changes once they are on disk. */
export function createJournal(deps: {
	database: Database;
	log: OperationLog;
	fold: Fold;
	announce: (changes: readonly LedgerChange[]) => void;
}): Journal {
	const { database, log, fold, announce } = deps;
	let tail: Promise<unknown> = Promise.resolve();
	let queued = 0;
	let refusal: LedgerWriteError | null = null;
	let closing = false;

	function derive<Value>(body: () => Value): Value {
		if (refusal !== null) throw refusal;
		try {
			return database.transaction(body)();
		} catch (error) {
			const failure = asWriteError(error);
			if (failure instanceof LedgerWriteError && failure.fault === "disk-failed") refusal = failure;
			throw failure;
		}
	}

	function recordNow<Value>(body: (append: Append) => Value): Value {
		const changes: LedgerChange[] = [];
		const value = derive(() =>
			body((content, rows) => {
				const op = log.append(content);
				changes.push(...fold.apply(op, rows));
				return op;
			}),
		);
		announce(changes);
		return value;
	}

	function exclusive<Value>(task: () => Promise<Value>): Promise<Value> {
		if (refusal !== null) return Promise.reject(refusal);
		if (closing) return Promise.reject(closed());
		if (queued >= MAX_QUEUED) return Promise.reject(new Error(`More than ${MAX_QUEUED} changes wait to be written.`));
		queued += 1;
		const done = tail.then(task).finally(() => {
			queued -= 1;
		});
		// Whoever asked hears of a failure; the queue goes on.
		tail = done.then(goOn, goOn);
		return done;
	}

	return {
		exclusive,
		recordNow,
		derive,
		record: (body) => exclusive(async () => recordNow(body)),
		async close() {
			closing = true;
			await tail;
			refusal = closed();
		},
	};
}

function goOn(): void {}

function closed(): LedgerWriteError {
	return new LedgerWriteError("closed", "The ledger is closed.");
}
