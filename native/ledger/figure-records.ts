/** What the ledger keeps of work that was done and of what people were told: plain data, like all of `records.ts`. */
import type { NoticeKind } from "../contract/contract.ts";

/** Time worked on a batch by one machine, and the power it took. */
export interface Stint {
	readonly batchId: string;
	readonly machine: string;
	readonly fromMs: number;
	readonly toMs: number;
	readonly wattHours: number;
	/** False: estimated. */
	readonly isMeasured: boolean;
}

/** Lines of one batch that one machine finished in one minute; adopted ones are not among them. */
export interface WorkMinute {
	readonly batchId: string;
	readonly machine: string;
	/** Start of the minute. */
	readonly atMs: number;
	/** Failed ones among them. */
	readonly lines: number;
	readonly failed: number;
	readonly retries: number;
	readonly inputTokens: number;
	readonly cachedTokens: number;
	readonly outputTokens: number;
}

/** How long lines ran: counts by the bounds of their buckets. */
export interface DurationHistogram {
	/** Upper bounds in milliseconds, ascending; the last is infinite. */
	readonly boundsMs: readonly number[];
	readonly counts: readonly number[];
}

/** Speed of a model on this machine, from its last stints. */
export interface ModelSpeed {
	/** Tokens that went through the model, read and written, a second of work. */
	readonly tokensPerSecond: number;
	/** Work this is the mean of. */
	readonly workedMs: number;
}

/** Something to tell people; derived from the log, so it is never lost and never told twice. */
export interface Notice {
	/** Ascending, with gaps. */
	readonly number: number;
	readonly atMs: number;
	readonly kind: NoticeKind;
	readonly batchId: string | null;
	/** What happened, e.g. why a batch paused itself; empty where the kind says it all. */
	readonly message: string;
}

/** A webhook that was sent, or given up on. */
export interface Delivery {
	readonly notice: number;
	/** SHA-256 of the URL, lower-case hex. */
	readonly target: string;
	readonly outcome: "delivered" | "given-up";
}
