/** Finds out that somebody has all results of a batch: it decides when its files may go. */
import { ServerResponse } from "node:http";
import type { Context } from "hono";
import { assertNever, type Log } from "../base/base.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { BatchRecord, Ledger } from "../ledger/ledger.ts";
import type { ApiEnv } from "./answer-headers.ts";

/** What was handed out whole: the lines that were answered, those that were not, or all of them. */
export type HandedOut = "answered" | "failed" | "all";

/** True: who has that has all there is. Failed lines alone are, where nothing was answered. */
export function isCollecting(batch: Pick<BatchRecord, "status" | "outputFileId">, handedOut: HandedOut): boolean {
	if (!isEnded(batch.status)) return false;
	switch (handedOut) {
		case "all":
			return true;
		case "answered":
			return batch.outputFileId !== null;
		case "failed":
			return batch.outputFileId === null;
		default:
			return assertNever(handedOut);
	}
}

/** What is needed to write a collection down. */
export interface CollectionDeps {
	readonly ledger: Pick<Ledger, "batch" | "markCollected">;
	readonly log: Log;
}

/**
 * To be called when the stream of an answer has ended: once its last byte has left this process, the batch counts as collected.
 * A client that went before that has not collected it. Never rejects: whoever reads the results has them all the same.
 */
export async function collectOnceSent(
	context: Context<ApiEnv>,
	{ ledger, log }: CollectionDeps,
	batchId: string,
	handedOut: HandedOut,
): Promise<void> {
	async function collect(): Promise<void> {
		// Asked now: it may have been reopened or deleted while the client read.
		const batch = ledger.batch(batchId);
		if (batch === null || batch.collectedAtMs !== null || !isCollecting(batch, handedOut)) return;
		try {
			await ledger.markCollected(batchId);
		} catch (error) {
			const details = { error, batch: batchId, requestId: context.get("requestId") };
			log.error(details, "results were collected, but that could not be recorded");
		}
	}

	// Where the app is asked without a server, there are no bindings at all.
	const outgoing = context.env?.outgoing;
	if (!(outgoing instanceof ServerResponse)) return collect();
	outgoing.once("finish", () => void collect());
}
