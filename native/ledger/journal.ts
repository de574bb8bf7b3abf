import type { Database } from "better-sqlite3";
import { createListeners } from "../base/base.ts";
import { asWriteError, LedgerWriteError } from "./errors.ts";
import type { Fold } from "./fold.ts";
import type { Op, OperationLog, StoredOp } from "./log.ts";
import type { OpContent } from "./ops.ts";
import type { LedgerChange } from "./records.ts";
import type { Replay } from "./replay.ts";
import type { SegmentRow } from "./segments.ts";

/** Appends an operation to the own log and folds it, in the transaction that is open. Answers it as others will get it, too. */
export type Append = (content: OpContent, rows?: readonly SegmentRow[]) => Op & { readonly stored: StoredOp };

/** The one writer: changes queue here, each is one transaction of log and tables, on disk when its promise resolves. */
export interface Journal {
	/** Queues a change. `body` runs in one transaction and must not wait for anything. */
	record<Value>(body: (append: Append) => Value): Promise<Value>;
	/** Queues a task that has the ledger for itself until it resolves; it changes things by `recordNow`. */
	exclusive<Value>(task: () => Promise<Value>): Promise<Value>;
	/** As `record`, at once; only from inside a task of `exclusive`. */
	recordNow<Value>(body: (append: Append) => Value): Value;
	/** Keeps and folds operations of other machines, each of which follows what is here; `also` runs in the same transaction. */
	keepNow(ops: readonly StoredOp[], also: () => void): void;
	/** Hears of each operation of the own log, in order, once it is on disk. Answers a function that ends it. */
	watchOwn(listener: (op: StoredOp) => void): () => void;
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
	/** Folds what other machines wrote. */
	replay: Replay;
	announce: (changes: readonly LedgerChange[]) => void;
}): Journal {
	const { database, log, fold, replay, announce } = deps;
	const own = createListeners<[StoredOp]>();
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
		const appended: StoredOp[] = [];
		const value = derive(() =>
			body((content, rows) => {
				const { op, stored } = log.append(content);
				changes.push(...fold.apply(op, rows));
				appended.push(stored);
				return { ...op, stored };
			}),
		);
		for (const stored of appended) own.tell(stored);
		announce(changes);
		return value;
	}

	function keepNow(ops: readonly StoredOp[], also: () => void): void {
		const changes = derive(() => {
			const found = ops.flatMap((op) => replay(log.keep(op)));
			also();
			return found;
		});
		announce(changes);
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
		keepNow,
		watchOwn: own.watch,
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
