import type { Clock } from "../base/base.ts";
import { isEnded } from "./batch-status.ts";
import type { Batches } from "./batches.ts";
import type { Blobs } from "./blobs.ts";
import { LedgerMisuseError } from "./errors.ts";
import { fileBody } from "./files.ts";
import { publishedFileId, type Random, randomId } from "./ids.ts";
import type { Journal } from "./journal.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { OpBody } from "./ops.ts";
import type { BatchRecord, StoredBytes } from "./records.ts";
import { endMessage } from "./wording.ts";

/** Begins and ends batches. */
export function createSealing(deps: {
	journal: Journal;
	batches: Batches;
	leases: Leases;
	blobs: Blobs;
	clock: Clock;
	random: Random;
}): Pick<Ledger, "createBatch" | "seal"> {
	const { journal, batches, leases, blobs, clock, random } = deps;

	function publishedFile(
		batch: BatchRecord,
		kind: "output" | "error",
		bytes: StoredBytes | null,
		extension: string,
	): OpBody<"file"> | null {
		if (bytes === null) return null;
		const after = batch.manifest.outputExpiresAfterMs;
		const expiresAtMs = after === null ? null : clock.nowMs() + after;
		const filename = `${batch.id}_${kind}.${extension}`;
		const id = publishedFileId(batch.id, kind, bytes.digest);
		return fileBody(id, { filename, purpose: "batch_output", expiresAtMs }, bytes);
	}

	return {
		createBatch: (manifest, idempotencyKey) =>
			journal.record((append) => {
				const known = idempotencyKey === null ? null : batches.idOfKey(idempotencyKey);
				if (known !== null) return { batch: batches.record(known), created: false };
				const id = randomId(manifest.surface === "anthropic" ? "msgbatch_" : "batch_", random);
				append({ kind: "batch", body: { id, manifest, idempotencyKey } });
				return { batch: batches.record(id), created: true };
			}),
		async seal(batchId, seal) {
			const { status, output, errors, extension } = seal;
			const { batch, number } = await journal.record((append) => {
				const before = batches.record(batchId);
				const facts = batches.facts(batchId);
				if (isEnded(before.status)) return { batch: before, number: facts.number };
				if (status === "failed" && before.givenUp === null) {
					throw new LedgerMisuseError(`Batch ${batchId} was not given up; only such a one fails here.`);
				}
				blobs.require([...(output?.blobs ?? []), ...(errors?.blobs ?? [])]);
				const { completed, failed } = before;
				const digests = { output: output?.digest ?? null, errors: errors?.digest ?? null };
				append({ kind: "seal", body: { batchId, status, ...digests, completed, failed } });
				const files = {
					output: publishedFile(before, "output", output, extension),
					errors: publishedFile(before, "error", errors, extension),
				};
				const faults = status === "failed" && before.givenUp !== null ? [before.givenUp.fault] : [];
				const message = endMessage(before, status);
				append({ kind: "published", body: { batchId, status, ...files, faults, message } });
				return { batch: batches.record(batchId), number: facts.number };
			});
			leases.forget(number);
			return batch;
		},
	};
}
