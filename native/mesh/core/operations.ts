import type { Epoch } from "./epochs.ts";
import type { LineRanges } from "./ranges.ts";

/** Where an operation stands: whose log, and the how manieth it is there, from 1. */
export interface Place {
	readonly origin: string;
	readonly sequence: number;
}

/**
 * An operation as far as the mesh must understand it. What else it carries (its body, version, time) is the ledger's own: the
 * `store` effect hands back the very objects that came in.
 */
export interface Operation extends Place {
	/** Hash of the operation before in the same log. */
	readonly previous: string;
	readonly hash: string;
	readonly fact: Fact;
}

/** What an operation means to the mesh. */
export type Fact =
	| ValidBatch
	| Segment
	/** The round it was meant for: one that a retry began is not cancelled by what came before. */
	| { readonly kind: "cancel"; readonly batchId: string; readonly round: number }
	| Retry
	| ({ readonly kind: "seal"; readonly batchId: string } & SealBody)
	| { readonly kind: "published"; readonly batchId: string; readonly digest: string }
	/** Anything else, also kinds of later versions: kept and passed on, not applied. */
	| { readonly kind: "other" };

/** A batch whose lines are known: what the ledger's `validated` says. */
export interface ValidBatch {
	readonly kind: "batch";
	readonly batchId: string;
	readonly total: number;
	/** Only machines that have this model can work on it. */
	readonly model: string;
}

/** Results of a batch. */
export interface Segment {
	readonly kind: "segment";
	readonly batchId: string;
	readonly lines: LineRanges;
	/** Those of the lines whose result is an error. */
	readonly errors: LineRanges;
	/** Round of the batch, as far as the worker knew. */
	readonly round: number;
}

/** Lines are to be run again: their errors of earlier rounds no longer count, answers do. An ended batch is open again. */
export interface Retry {
	readonly kind: "retried";
	readonly batchId: string;
	/** The round that begins, from 1. */
	readonly round: number;
	/** Null: all lines with an error. */
	readonly lines: LineRanges | null;
}

/** What a host fixed as the outcome of a batch. */
export interface SealBody {
	/** Digest of the output and error files, which are never anything else under this name. */
	readonly digest: string;
	/** Of the host that sealed. */
	readonly epoch: Epoch;
	readonly outcome: "completed" | "cancelled" | "expired" | "failed";
	/** The round that ends with it, from 0. */
	readonly round: number;
}
