import type { Database } from "better-sqlite3";
import { z } from "zod";
import { errorCode } from "../base/base.ts";
import type { Fold } from "./fold.ts";
import type { SegmentReader } from "./fold-results.ts";
import { decodeContent, decodeOp, type LoggedOp, type OperationLog } from "./log.ts";
import { KNOWN_KINDS, OP_VERSION } from "./ops.ts";
import type { LedgerChange } from "./records.ts";

/** Folds a row of the log as far as this program understands it. */
export type Replay = (logged: LoggedOp) => readonly LedgerChange[];

const known: ReadonlySet<string> = new Set(KNOWN_KINDS);

/** False: an operation of a later program. It is kept and passed on, and folded once this machine has such a program. */
export function isKnown({ kind, version }: Pick<LoggedOp, "kind" | "version">): boolean {
	return version <= OP_VERSION && known.has(kind);
}

/**
 * Folds rows of the log with `fold` into `database`, within the transaction that is open. What another machine wrote and nobody can
 * make sense of counts for nothing, on every machine alike, and `odd` hears of it; the own log must make sense.
 */
export function createReplay(deps: {
	database: Database;
	fold: Fold;
	origin: string;
	odd: (logged: LoggedOp, error: unknown) => void;
}): Replay {
	const { database, fold, origin, odd } = deps;
	// A transaction within one that is open: what fails leaves nothing behind.
	const applyWhole = database.transaction((logged: LoggedOp) => fold.apply(decodeOp(logged)));
	return (logged) => {
		if (!isKnown(logged)) return [];
		if (logged.origin === origin) return fold.apply(decodeOp(logged));
		try {
			return applyWhole(logged);
		} catch (error) {
			if (!isOdd(error)) throw error;
			odd(logged, error);
			return [];
		}
	};
}

/** The operation itself is at fault: its body, or a value that no row may have. */
function isOdd(error: unknown): boolean {
	return (
		error instanceof z.ZodError || error instanceof SyntaxError || errorCode(error).startsWith("SQLITE_CONSTRAINT")
	);
}

/**
 * Reads segments for folding whole logs anew. Those of batches whose results were removed later are gone and must not be missed:
 * they count as empty, and the operation that removed them says which figures stay.
 */
export function createReplayReader(log: OperationLog, readSegment: SegmentReader): SegmentReader {
	const dropped = new Set<string>();
	for (const logged of log.ofKind("results-dropped")) {
		if (!isKnown(logged)) continue;
		const content = contentOf(logged);
		if (content?.kind === "results-dropped") dropped.add(content.body.batchId);
	}
	return (body) => (dropped.has(body.batchId) ? [] : readSegment(body));
}

function contentOf(logged: LoggedOp) {
	try {
		return decodeContent(logged);
	} catch (error) {
		if (!isOdd(error)) throw error;
		return null;
	}
}
