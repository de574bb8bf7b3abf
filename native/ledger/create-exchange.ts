import type { Database } from "better-sqlite3";
import { err, ok, type Result } from "../base/base.ts";
import type { Blobs } from "./blobs.ts";
import { type LedgerExchange, MAX_STORED_AT_ONCE, type StoreRefusal } from "./exchange.ts";
import type { Journal } from "./journal.ts";
import { type LogHead, type OperationLog, opHash, type StoredOp } from "./log.ts";
import { blobsOf } from "./op-blobs.ts";
import { canonicalJson, MAX_OP_BYTES } from "./ops.ts";
import type { Digest } from "./records.ts";
import type { LedgerLog } from "./sqlite-ledger.ts";

/** Operations read at a time. */
const PAGE_OPS = 500;

/** Names of logs: no blanks, which part the places of operations. */
const ORIGIN = /^[\x21-\x7e]{1,200}$/;

/** Names of kinds, also of later programs. */
const KIND = /^[a-z][a-z0-9-]{0,63}$/;

const HASH = /^[0-9a-f]{64}$/;

/** What follows from other machines' operations outside of the tables. */
export interface Aftermath {
	/** Within the transaction that stores them. */
	within(ops: readonly StoredOp[]): void;
	/** Once they are on disk. */
	after(ops: readonly StoredOp[]): void;
}

/** The exchange of the logs in `database`. */
export function createExchange(deps: {
	database: Database;
	journal: Journal;
	log: OperationLog;
	blobs: Blobs;
	aftermath: Aftermath;
	/** Hears of listeners that fail. */
	fault: LedgerLog;
}): LedgerExchange {
	const { database, journal, log, blobs, aftermath, fault } = deps;
	const note = database.prepare<[string], string>("SELECT value FROM kv WHERE name = ?").pluck();
	const keep = database.prepare("INSERT OR REPLACE INTO kv (name, value) VALUES (?, ?)");

	return {
		origin: log.origin,
		lengths: () => Object.fromEntries(log.origins().map((origin) => [origin, log.head(origin).sequence])),
		read: (origin, first, last) => log.range(origin, first, last),
		*operations() {
			for (let after = 0; ; ) {
				const page = log.read(after, PAGE_OPS);
				for (const { arrival, stampMs: _, ...op } of page) {
					yield op;
					after = arrival;
				}
				if (page.length === 0) return;
			}
		},
		store: (ops, gone = new Set()) =>
			journal.exclusive(async () => {
				const judged = judge(log, ops);
				if (!judged.ok) return judged;
				const missing = missingBlob(blobs, judged.value, gone);
				if (missing !== null) return refuse("missing-blob", `Blob ${missing} is not on this machine yet.`);
				if (judged.value.length === 0) return ok(undefined);
				journal.keepNow(judged.value, () => aftermath.within(judged.value));
				aftermath.after(judged.value);
				return ok(undefined);
			}),
		watchOwn: (listener) =>
			journal.watchOwn((op) => {
				try {
					listener(op);
				} catch (error) {
					// The operation is on disk; a listener's fault must not make it look as if it were not.
					fault.error({ err: error, sequence: op.sequence }, "a listener to the own log failed");
				}
			}),
		note: (name) => note.get(noteName(name)) ?? null,
		keepNote: (name, value) =>
			journal.exclusive(async () => journal.derive(() => void keep.run(noteName(name), value))),
	};
}

/** Apart from what the ledger itself keeps there. */
export function noteName(name: string): string {
	return `note ${name}`;
}

/** Those of a lot that are new, if all of it may be stored. */
function judge(log: OperationLog, ops: readonly StoredOp[]): Result<readonly StoredOp[], StoreRefusal> {
	if (ops.length > MAX_STORED_AT_ONCE) return refuse("too-many", `${ops.length} operations at once.`);
	const heads = new Map<string, LogHead>();
	const fresh: StoredOp[] = [];
	for (const op of ops) {
		const place = `Operation ${op.sequence} of log ${op.origin}`;
		const fault = shapeFault(op);
		if (fault !== null) return refuse("damaged", `${place} ${fault}.`);
		if (op.origin === log.origin) return refuse("own-origin", `${place} is not for others to write.`);
		const head = heads.get(op.origin) ?? log.head(op.origin);
		if (op.sequence > head.sequence + 1) return refuse("hole", `${place} does not follow ${head.sequence}.`);
		if (op.sequence <= head.sequence) {
			const known =
				log.at(op.origin, op.sequence) ?? fresh.find((one) => one.origin === op.origin && one.sequence === op.sequence);
			if (known?.hash !== op.hash) return refuse("fork", `${place} is another one here.`);
			continue;
		}
		if (op.previous !== head.hash) return refuse("fork", `${place} follows another operation than the one here.`);
		heads.set(op.origin, { sequence: op.sequence, hash: op.hash });
		fresh.push(op);
	}
	return ok(fresh);
}

/** What is wrong with an operation by itself; null: nothing. */
function shapeFault(op: StoredOp): string | null {
	if (!ORIGIN.test(op.origin) || !KIND.test(op.kind)) return "has names that no log has";
	if (!HASH.test(op.hash) || !HASH.test(op.previous)) return "has no hashes";
	const numbers = [op.sequence, op.version, op.atMs];
	if (numbers.some((number) => !Number.isSafeInteger(number) || number < 0) || op.sequence < 1) {
		return "has numbers that no log has";
	}
	if (op.body.length > MAX_OP_BYTES || Buffer.byteLength(op.body) > MAX_OP_BYTES) return "is too large";
	if (opHash(op) !== op.hash) return "is not what its hash says";
	return isCanonical(op.body) ? null : "is not canonical JSON";
}

function isCanonical(body: string): boolean {
	try {
		return canonicalJson(JSON.parse(body)) === body;
	} catch {
		// No JSON, or nested too deep to be read.
		return false;
	}
}

function missingBlob(blobs: Blobs, ops: readonly StoredOp[], gone: ReadonlySet<Digest>): Digest | null {
	for (const op of ops) {
		for (const { digest } of blobsOf(op)) if (!gone.has(digest) && !blobs.has(digest)) return digest;
	}
	return null;
}

function refuse(kind: StoreRefusal["kind"], message: string): Result<never, StoreRefusal> {
	return err({ kind, message });
}
