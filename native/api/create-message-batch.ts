/** Makes a message batch of requests that are on the disk: a file of lines in Anthropic's dialect, and a batch that reads it. */
import type { Result } from "../base/base.ts";
import { type BatchOptions, defaultBatchOptions } from "../contract/contract.ts";
import type { BatchRecord, Ledger } from "../ledger/ledger.ts";
import type { StoredRequests } from "./anthropic-batch-body.ts";
import { requestCountLabel } from "./anthropic-batch-render.ts";
import { type CreateBatchDeps, recordWish } from "./create-batch.ts";
import type { ApiFault } from "./errors.ts";

/** What making one needs. */
export interface CreateMessageBatchDeps extends CreateBatchDeps {
	readonly ledger: Pick<Ledger, "file" | "readFile" | "createFile" | "deleteFile">;
}

/** Anthropic has no other. */
const completionWindow = "24h";
const completionWindowMs = 86_400_000;

/** Anthropic runs every request, however many fail: who waits for the good ones has no way to ask for them again. */
const options: BatchOptions = {
	...defaultBatchOptions,
	format: "anthropic",
	policy: { ...defaultBatchOptions.policy, give_up_percent: null },
};

/** Records a batch. A key seen before answers the batch of then, and is refused for other requests. */
export async function createMessageBatch(
	deps: CreateMessageBatchDeps,
	{ stored, count }: StoredRequests,
	idempotencyKey: string | null,
): Promise<Result<BatchRecord, ApiFault>> {
	const { ledger } = deps;
	const file = await ledger.createFile({ filename: "requests.jsonl", purpose: "batch", expiresAtMs: null }, stored);
	const wish = {
		inputFileId: file.id,
		surface: "anthropic",
		badLines: "fail-line",
		endpoint: null,
		completionWindow,
		windowMs: completionWindowMs,
		metadata: requestCountLabel(count),
		outputExpiresAfterMs: null,
		options,
		rehearsal: null,
	} as const;
	const batch = await recordWish(deps, wish, idempotencyKey);
	// Neither a refused batch nor one that was there before needs it.
	if (!batch.ok || batch.value.manifest.inputFileId !== file.id) await ledger.deleteFile(file.id);
	return batch;
}
