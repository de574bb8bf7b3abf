import { hash } from "node:crypto";
import type { Database } from "better-sqlite3";
import type { Clock } from "../base/base.ts";
import { LedgerMisuseError } from "./errors.ts";
import { canonicalJson, MAX_OP_BYTES, OP_VERSION, type OpContent, opContentSchema } from "./ops.ts";

/** An operation with its place in the logs. */
export interface Op {
	/** Counts the operations of all logs in the order in which this machine stored them, from 1. */
	readonly arrival: number;
	readonly origin: string;
	/** Counts from 1 for each origin. */
	readonly sequence: number;
	/** Wall clock of the machine that wrote it. */
	readonly atMs: number;
	/** The latest `atMs` of its log so far: a clock that was put back does not change the order within a log. */
	readonly stampMs: number;
	readonly content: OpContent;
}

/** An operation as machines exchange it. */
export interface StoredOp {
	readonly origin: string;
	readonly sequence: number;
	/** Hash of the operation before; `GENESIS` for the first. */
	readonly previous: string;
	readonly hash: string;
	readonly kind: string;
	readonly version: number;
	/** Canonical JSON, kept verbatim: the hash is over these bytes. */
	readonly body: string;
	readonly atMs: number;
}

/** A row of the log: an operation and what this machine noted about its arrival. */
export interface LoggedOp extends StoredOp {
	readonly arrival: number;
	readonly stampMs: number;
}

/** Where a log ends. */
export interface LogHead {
	readonly sequence: number;
	readonly hash: string;
}

/** The `previous` of an origin's first operation. */
export const GENESIS = "0".repeat(64);

/** Appends to the log of this machine and keeps those of others. */
export interface OperationLog {
	/** Name of this machine's own log. */
	readonly origin: string;
	/** Appends to the own log within the transaction that is open. Throws `LedgerMisuseError` if the body is too large to be exchanged. */
	append(content: OpContent): { readonly op: Op; readonly stored: StoredOp };
	/** Keeps another machine's operation, which must follow the head of its log, within the transaction that is open. */
	keep(op: StoredOp): LoggedOp;
	/** Operations of all logs after an arrival number, ascending. */
	read(afterArrival: number, limit: number): readonly LoggedOp[];
	/** All operations of one kind by arrival; for kinds of which there are few. */
	ofKind(kind: OpContent["kind"]): readonly LoggedOp[];
	/** Operations of one log from `first` to `last`, ascending. */
	range(origin: string, first: number, last: number): readonly StoredOp[];
	at(origin: string, sequence: number): StoredOp | null;
	head(origin: string): LogHead;
	origins(): readonly string[];
}

/** Hash that chains an operation to the one before it. */
export function opHash(op: Omit<StoredOp, "hash">): string {
	return hash(
		"sha256",
		JSON.stringify([op.origin, op.sequence, op.previous, op.kind, op.version, op.atMs, op.body]),
		"hex",
	);
}

/** Reads what an operation says. Throws if its body does not fit its kind. */
export function decodeContent({ kind, body }: Pick<StoredOp, "kind" | "body">): OpContent {
	return opContentSchema.parse({ kind, body: JSON.parse(body) });
}

/** Reads a row of the log as an operation. Throws if its body does not fit its kind. */
export function decodeOp(logged: LoggedOp): Op {
	const { arrival, origin, sequence, atMs, stampMs } = logged;
	return { arrival, origin, sequence, atMs, stampMs, content: decodeContent(logged) };
}

/**
 * Place of an operation in an order of all operations that does not depend on their arrival: by time, and within a log as they
 * stand there. Texts compare like the places.
 */
export function placeOf({ stampMs, origin, sequence }: Omit<Op, "content">): string {
	return `${String(stampMs).padStart(16, "0")} ${origin} ${String(sequence).padStart(16, "0")}`;
}

const WIRE_COLUMNS = "origin, sequence, previous, hash, kind, version, body, at_ms AS atMs";

/** The logs in `database`; `origin` is this machine's own. */
export function createLog(deps: { database: Database; origin: string; clock: Clock }): OperationLog {
	const { database, origin, clock } = deps;
	const head = database.prepare<[string], LogHead & { stampMs: number }>(
		"SELECT sequence, hash, stamp_ms AS stampMs FROM op WHERE origin = ? ORDER BY sequence DESC LIMIT 1",
	);
	const insert = database.prepare<(string | number)[]>(
		`INSERT INTO op (origin, sequence, previous, hash, kind, version, body, at_ms, stamp_ms)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	);
	const columns = `arrival, stamp_ms AS stampMs, ${WIRE_COLUMNS}`;
	const select = database.prepare<[number, number], LoggedOp>(
		`SELECT ${columns} FROM op WHERE arrival > ? ORDER BY arrival LIMIT ?`,
	);
	const selectKind = database.prepare<[string], LoggedOp>(`SELECT ${columns} FROM op WHERE kind = ? ORDER BY arrival`);
	const selectRange = database.prepare<[string, number, number], StoredOp>(
		`SELECT ${WIRE_COLUMNS} FROM op WHERE origin = ? AND sequence >= ? AND sequence <= ? ORDER BY sequence`,
	);
	const nextOrigin = database.prepare<[string], string | null>("SELECT min(origin) FROM op WHERE origin > ?").pluck();

	function write(op: StoredOp, before: { readonly stampMs: number } | undefined): LoggedOp {
		const stampMs = Math.max(op.atMs, before?.stampMs ?? 0);
		const { sequence, previous, kind, version, body, atMs } = op;
		// Never deleted from, so that the number given is one more than the highest.
		const { lastInsertRowid } = insert.run(op.origin, sequence, previous, op.hash, kind, version, body, atMs, stampMs);
		return { ...op, arrival: Number(lastInsertRowid), stampMs };
	}

	return {
		origin,
		append(content) {
			const last = head.get(origin);
			const body = canonicalJson(content.body);
			if (body.length > MAX_OP_BYTES / 3 && Buffer.byteLength(body) > MAX_OP_BYTES) {
				throw new LedgerMisuseError(
					`An operation of kind ${content.kind} with ${Buffer.byteLength(body)} bytes can't be exchanged.`,
				);
			}
			const link = {
				origin,
				sequence: (last?.sequence ?? 0) + 1,
				previous: last?.hash ?? GENESIS,
				kind: content.kind,
				version: OP_VERSION,
				body,
				atMs: clock.nowMs(),
			};
			const stored = { ...link, hash: opHash(link) };
			const { arrival, stampMs } = write(stored, last);
			return { op: { arrival, origin, sequence: link.sequence, atMs: link.atMs, stampMs, content }, stored };
		},
		keep: (op) => write(op, head.get(op.origin)),
		read: (afterArrival, limit) => select.all(afterArrival, limit),
		ofKind: (kind) => selectKind.all(kind),
		range: (of, first, last) => selectRange.all(of, first, last),
		at: (of, sequence) => selectRange.get(of, sequence, sequence) ?? null,
		head(of) {
			const { sequence, hash: digest } = head.get(of) ?? { sequence: 0, hash: GENESIS };
			return { sequence, hash: digest };
		},
		origins() {
			const found: string[] = [];
			for (let next = nextOrigin.get(""); typeof next === "string"; next = nextOrigin.get(next)) found.push(next);
			return found;
		},
	};
}
