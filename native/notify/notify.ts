/**
 * Tells others: webhooks, and the words of notifications. Owns what is told, to whom, and that it arrives; must never decide
 * whether something happened (the ledger's notices say so), and never send anywhere the owner has not allowed.
 */
import type { Result } from "../base/base.ts";
import type { NoticeObject } from "../contract/contract.ts";

/** Tells others what happened. */
export interface Notifier {
	/** Notices after a number, with words for people; at most `limit`. */
	notices(after: number, limit: number): readonly NoticeObject[];
	/** Hears of each new notice. Answers a function that ends it. */
	watch(listener: (notice: NoticeObject) => void): () => void;
	/** Signs webhooks, `whsec_…`; made at the first need and kept. The failure is a sentence. */
	secret(): Promise<Result<string, string>>;
	/** Begins to send what is due, also of notices from before a restart. */
	start(): void;
	stop(): Promise<void>;
}
