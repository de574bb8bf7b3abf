/** Batches as Anthropic's Message Batches: pure. It has fewer states than the ledger, and none for a batch that failed. */
import { assertNever } from "../base/base.ts";
import type { MessageBatch, MessageBatchCounts, MessageBatchList, MessageBatchResult } from "../contract/contract.ts";
import { renderMessagesError } from "../engine/dialects/anthropic-faults.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { BatchRecord, BatchStatus, Fault, Page } from "../ledger/ledger.ts";
import { endedAtMs } from "./freshness.ts";

/**
 * How many requests a batch was made of, in its manifest's `metadata`: Anthropic tells that from the first answer on, the ledger
 * knows it only once the file is validated, and never where it is found bad.
 */
const requestCountKey = "request_count";

/** The `metadata` of a batch with so many requests. */
export function requestCountLabel(count: number): Readonly<Record<string, string>> {
	return { [requestCountKey]: String(count) };
}

/** What is known of a batch besides its record. */
export interface MessageBatchView {
	/** Where the client found us, e.g. `http://127.0.0.1:22007`; results are found there too. */
	readonly origin: string;
	/** Its results can be had. */
	readonly hasResults: boolean;
}

/** A batch. */
export function renderMessageBatch(batch: BatchRecord, { origin, hasResults }: MessageBatchView): MessageBatch {
	return {
		id: batch.id,
		type: "message_batch",
		processing_status: processingStatus(batch.status),
		request_counts: countRequests(batch),
		created_at: timestamp(batch.createdAtMs),
		expires_at: timestamp(batch.expiresAtMs),
		ended_at: timestampOrNull(isEnded(batch.status) ? endedAtMs(batch) : null),
		cancel_initiated_at: timestampOrNull(batch.cancellingAtMs),
		archived_at: timestampOrNull(batch.resultsDroppedAtMs),
		results_url: hasResults ? `${origin}/v1/messages/batches/${batch.id}/results` : null,
	};
}

/** A page of a list. */
export function renderMessageBatchList(
	page: Page<BatchRecord>,
	render: (batch: BatchRecord) => MessageBatch,
): MessageBatchList {
	const data = page.rows.map(render);
	return { data, has_more: page.hasMore, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

/** What became of a request whose batch ended before it could be looked at: `line` is its place, 1-based. */
export function renderUnread(batch: BatchRecord, customId: string, line: number): MessageBatchResult {
	return { custom_id: customId, result: unreadResult(batch, line) };
}

function unreadResult(batch: BatchRecord, line: number): MessageBatchResult["result"] {
	switch (batch.status) {
		case "cancelled":
			return { type: "canceled" };
		case "expired":
			return { type: "expired" };
		case "failed":
			return { type: "errored", error: renderMessagesError(failureOf(batch.faults, line), null) };
		case "validating":
		case "in_progress":
		case "finalizing":
		case "cancelling":
		case "completed":
			throw new Error(`The requests of ${batch.id}, which is ${batch.status}, are asked for as if never read`);
		default:
			return assertNever(batch.status);
	}
}

/** Why a request of a bad file failed: for its own fault, or for the one that the file was refused for. */
function failureOf(faults: readonly Fault[], line: number): { readonly status: number; readonly message: string } {
	const own = faults.find((fault) => fault.line === line);
	const fault = own ?? faults.find((candidate) => candidate.line === null) ?? faults[0];
	if (fault === undefined) return { status: 400, message: "The batch could not be started." };
	const where = own === undefined && fault.line !== null ? `requests.${fault.line - 1}: ` : "";
	return { status: fault.code === "model_not_found" ? 404 : 400, message: `${where}${fault.message}` };
}

function processingStatus(status: BatchStatus): MessageBatch["processing_status"] {
	if (isEnded(status)) return "ended";
	return status === "cancelling" ? "canceling" : "in_progress";
}

function countRequests({ id, manifest, model, status, total, completed, failed }: BatchRecord): MessageBatchCounts {
	const count = model === null ? Number(manifest.metadata?.[requestCountKey]) : total;
	if (!Number.isSafeInteger(count)) throw new Error(`The message batch ${id} does not know how many requests it has`);
	const none = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
	const done = { ...none, succeeded: completed, errored: failed };
	const left = count - completed - failed;
	switch (status) {
		case "validating":
		case "in_progress":
		case "finalizing":
		case "cancelling":
			return { ...none, processing: count };
		case "completed":
		case "failed":
			return { ...done, errored: failed + left };
		case "cancelled":
			return { ...done, canceled: left };
		case "expired":
			return { ...done, expired: left };
		default:
			return assertNever(status);
	}
}

function timestamp(ms: number): string {
	return new Date(ms).toISOString();
}

function timestampOrNull(ms: number | null): string | null {
	return ms === null ? null : timestamp(ms);
}
