import type { Clock } from "../base/base.ts";
import { isEnded } from "./batch-status.ts";
import type { Batches } from "./batches.ts";
import type { Blobs } from "./blobs.ts";
import { fileBody } from "./files.ts";
import { publishedFileId, type Random, randomId } from "./ids.ts";
import type { Journal } from "./journal.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { OpBody } from "./ops.ts";
import type { BatchRecord, StoredBytes } from "./records.ts";

/** Begins and ends batches. */
export function createSealing(deps: {
	journal: Journal;
	batches: Batches;
	leases: Leases;
	blobs: Blobs;
	clock: Clock;
	random: Random;
}): Pick<Ledger, "createBatch" | "cancel" | "seal"> {
	const { journal, batches, leases, blobs, clock, random } = deps;

	function publishedFile(
		batch: BatchRecord,
		kind: "output" | "error",
		bytes: StoredBytes | null,
	): OpBody<"file"> | null {
		if (bytes === null) return null;
		const after = batch.manifest.outputExpiresAfterMs;
		const expiresAtMs = after === null ? null : clock.nowMs() + after;
		const filename = `${batch.id}_${kind}.jsonl`;
		const id = publishedFileId(batch.id, kind, bytes.digest);
		return fileBody(id, { filename, purpose: "batch_output", expiresAtMs }, bytes);
	}

	return {
		createBatch: (manifest, idempotencyKey) =>
			journal.record((append) => {
				const known = idempotencyKey === null ? null : batches.idOfKey(idempotencyKey);
				if (known !== null) return { batch: batches.record(known), created: false };
				const id = randomId("batch_", random);
				append({ kind: "batch", body: { id, manifest, idempotencyKey } });
				return { batch: batches.record(id), created: true };
			}),
		cancel: (batchId) =>
			journal.record((append) => {
				const batch = batches.record(batchId);
				if (isEnded(batch.status) || batch.cancellingAtMs !== null) return batch;
				append({ kind: "cancel", body: { batchId } });
				return batches.record(batchId);
			}),
		async seal(batchId, { status, output, errors }) {
			const { batch, number } = await journal.record((append) => {
				const before = batches.record(batchId);
				const facts = batches.facts(batchId);
				if (isEnded(before.status)) return { batch: before, number: facts.number };
				blobs.require([...(output?.blobs ?? []), ...(errors?.blobs ?? [])]);
				const { completed, failed } = before;
				const digests = { output: output?.digest ?? null, errors: errors?.digest ?? null };
				append({ kind: "seal", body: { batchId, status, ...digests, completed, failed } });
				const files = {
					output: publishedFile(before, "output", output),
					errors: publishedFile(before, "error", errors),
				};
				append({ kind: "published", body: { batchId, status, ...files } });
				return { batch: batches.record(batchId), number: facts.number };
			});
			leases.forget(number);
			return batch;
		},
	};
}
