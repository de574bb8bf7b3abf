import { hash } from "node:crypto";
import type { Database } from "better-sqlite3";
import type { Clock } from "../base/base.ts";
import { canonicalJson, OP_VERSION, type OpContent, opContentSchema } from "./ops.ts";

/** An operation with its place in the log. */
export interface Op {
	readonly origin: string;
	/** Counts from 1 for each origin. */
	readonly sequence: number;
	/** Wall clock of the machine that wrote it. */
	readonly atMs: number;
	readonly content: OpContent;
}

/** A row of the log as stored. */
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

/** The `previous` of an origin's first operation. */
export const GENESIS = "0".repeat(64);

/** Appends to and reads the log of this machine. */
export interface OperationLog {
	readonly origin: string;
	/** Appends within the transaction that is open. */
	append(content: OpContent): Op;
	/** Operations after a sequence number, ascending. */
	read(afterSequence: number, limit: number): readonly StoredOp[];
	/** All operations of one kind, ascending; for kinds of which there are few. */
	ofKind(kind: OpContent["kind"]): readonly StoredOp[];
}

/** Hash that chains an operation to the one before it. */
export function opHash(op: Omit<StoredOp, "hash">): string {
	return hash(
		"sha256",
		JSON.stringify([op.origin, op.sequence, op.previous, op.kind, op.version, op.atMs, op.body]),
		"hex",
	);
}

/** Reads a stored row as an operation. Throws if its body does not fit its kind. */
export function decodeOp(stored: StoredOp): Op {
	const content = opContentSchema.parse({ kind: stored.kind, body: JSON.parse(stored.body) });
	return { origin: stored.origin, sequence: stored.sequence, atMs: stored.atMs, content };
}

/** The log of `origin` in `database`. */
export function createLog(deps: { database: Database; origin: string; clock: Clock }): OperationLog {
	const { database, origin, clock } = deps;
	const head = database.prepare<[string], { sequence: number; hash: string }>(
		"SELECT sequence, hash FROM op WHERE origin = ? ORDER BY sequence DESC LIMIT 1",
	);
	const insert = database.prepare<[string, number, string, string, string, number, string, number]>(
		"INSERT INTO op (origin, sequence, previous, hash, kind, version, body, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	);
	const columns = "origin, sequence, previous, hash, kind, version, body, at_ms AS atMs";
	const select = database.prepare<[string, number, number], StoredOp>(
		`SELECT ${columns} FROM op WHERE origin = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
	);
	const selectKind = database.prepare<[string, string], StoredOp>(
		`SELECT ${columns} FROM op WHERE origin = ? AND kind = ? ORDER BY sequence`,
	);
	return {
		origin,
		append(content) {
			const last = head.get(origin);
			const link = {
				origin,
				sequence: (last?.sequence ?? 0) + 1,
				previous: last?.hash ?? GENESIS,
				kind: content.kind,
				version: OP_VERSION,
				body: canonicalJson(content.body),
				atMs: clock.nowMs(),
			};
			const digest = opHash(link);
			insert.run(origin, link.sequence, link.previous, digest, link.kind, link.version, link.body, link.atMs);
			return { origin, sequence: link.sequence, atMs: link.atMs, content };
		},
		read: (afterSequence, limit) => select.all(origin, afterSequence, limit),
		ofKind: (kind) => selectKind.all(origin, kind),
	};
}
