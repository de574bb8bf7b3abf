import type { Result } from "../base/base.ts";
import type { StoredOp } from "./log.ts";
import type { Digest } from "./records.ts";

/** Operations that `store` takes at once at most: some seconds of folding where each brings a segment. */
export const MAX_STORED_AT_ONCE = 1_000;

/** Why operations of other machines were not stored. Nothing of the lot was. */
export interface StoreRefusal {
	/**
	 * `own-origin`: it claims to be of this machine's own log. `hole`: operations before it are not here. `fork`: another one is in its
	 * place, or it follows another one. `damaged`: it is not what its hash says, or no operation at all. `missing-blob`: bytes that it
	 * needs are not here (`blobsOf`). `too-many`: more than `MAX_STORED_AT_ONCE`.
	 */
	readonly kind: "own-origin" | "hole" | "fork" | "damaged" | "missing-blob" | "too-many";
	readonly message: string;
}

/**
 * The door through which machines exchange their logs (reference/mesh 4.2). Each appends to its own only; this one keeps all it
 * hears of, also what it does not understand yet, and passes it on byte for byte.
 */
export interface LedgerExchange {
	/** Name of this machine's own log. */
	readonly origin: string;
	/** How many operations of each log are on this disk, fsynced. */
	lengths(): Readonly<Record<string, number>>;
	/** Operations of one log from `first` to `last`, ascending; fewer where the log ends before. */
	read(origin: string, first: number, last: number): readonly StoredOp[];
	/** Those of all logs in the order in which they came here, read by pages; what comes meanwhile is among them. */
	operations(): Iterable<StoredOp>;
	/**
	 * Keeps and folds operations of other machines, all or none, each of which must follow what is here. Those that are here already
	 * are passed over. On disk when it resolves. `gone`: blobs that no machine has any more, since the results or files they held were
	 * dropped later in the logs; what they held counts as empty until then.
	 */
	store(ops: readonly StoredOp[], gone?: ReadonlySet<Digest>): Promise<Result<void, StoreRefusal>>;
	/** Hears of each operation of the own log, in order, once it is on disk. Answers a function that ends it. */
	watchOwn(listener: (op: StoredOp) => void): () => void;
	/** A small value kept beside the logs; null: none. */
	note(name: string): string | null;
	/** Keeps it; on disk when it resolves. */
	keepNote(name: string, value: string): Promise<void>;
}
