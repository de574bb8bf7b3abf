/** Makes a message batch of requests that are on the disk: a file of lines in Anthropic's dialect, and a batch that reads it. */
import { err, type Result } from "../base/base.ts";
import { type BatchOptions, defaultBatchOptions } from "../contract/contract.ts";
import { draftManifest } from "../jobs/new-batch.ts";
import type { BatchRecord, FileRecord, Ledger } from "../ledger/ledger.ts";
import type { StoredRequests } from "./anthropic-batch-body.ts";
import { requestCountLabel } from "./anthropic-batch-render.ts";
import { type CreateBatchDeps, describeCreateFailure, isSameWish, reusedKey } from "./create-batch.ts";
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
	const batch = await recordBatch(deps, file, count, idempotencyKey);
	// Neither a refused batch nor one that was there before needs it.
	if (!batch.ok || batch.value.manifest.inputFileId !== file.id) await ledger.deleteFile(file.id);
	return batch;
}

async function recordBatch(
	deps: CreateMessageBatchDeps,
	file: FileRecord,
	count: number,
	idempotencyKey: string | null,
): Promise<Result<BatchRecord, ApiFault>> {
	const { ledger, jobs, modelOverride } = deps;
	const manifest = await draftManifest(deps, {
		inputFileId: file.id,
		surface: "anthropic",
		badLines: "fail-line",
		endpoint: null,
		completionWindow,
		windowMs: completionWindowMs,
		metadata: requestCountLabel(count),
		outputExpiresAfterMs: null,
		modelOverride,
		options,
		rehearsal: null,
	});
	if (!manifest.ok) return err(describeCreateFailure(manifest.error));
	const batch = await jobs.create(manifest.value, idempotencyKey);
	if (!batch.ok) return err(describeCreateFailure(batch.error));
	return isSameWish(ledger, batch.value.manifest, manifest.value) ? batch : err(reusedKey(batch.value));
}
