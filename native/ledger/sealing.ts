import type { Clock } from "../base/base.ts";
import { isEnded } from "./batch-status.ts";
import type { Batches } from "./batches.ts";
import type { Blobs } from "./blobs.ts";
import { LedgerMisuseError } from "./errors.ts";
import { fileBody } from "./files.ts";
import { publishedFileId, type Random, randomId } from "./ids.ts";
import type { Append, Journal } from "./journal.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { OpBody } from "./ops.ts";
import type { BatchRecord, Epoch, Seal, StoredBytes } from "./records.ts";
import type { Seals } from "./seals.ts";
import { endMessage } from "./wording.ts";

interface SealingDeps {
	readonly journal: Journal;
	readonly batches: Batches;
	readonly leases: Leases;
	readonly blobs: Blobs;
	readonly clock: Clock;
	readonly random: Random;
	readonly seals: Seals;
}

/** Begins and ends batches. */
export function createSealing(deps: SealingDeps): Pick<Ledger, "createBatch" | "seal" | "propose" | "publish"> {
	const { journal, batches, leases, blobs, random, seals } = deps;

	/** The operation that fixes an end of a batch, in the round it is in. */
	function sealBody(before: BatchRecord, seal: Seal, epoch: Epoch | null): OpBody<"seal"> {
		const { status, output, errors, extension } = seal;
		if (status === "failed" && before.givenUp === null) {
			throw new LedgerMisuseError(`Batch ${before.id} was not given up; only such a one fails here.`);
		}
		blobs.require([...(output?.blobs ?? []), ...(errors?.blobs ?? [])]);
		const { id, completed, failed, usage, finalizingAtMs, round } = before;
		return {
			batchId: id,
			status,
			output: output?.digest ?? null,
			errors: errors?.digest ?? null,
			completed,
			failed,
			usage,
			finalizingAtMs,
			round,
			epoch,
			outputFile: publishedFile(deps.clock, before, "output", output, extension),
			errorFile: publishedFile(deps.clock, before, "error", errors, extension),
			faults: status === "failed" && before.givenUp !== null ? [before.givenUp.fault] : [],
			message: endMessage(before, status),
		};
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
			const { batch, number } = await journal.record((append) => {
				const before = batches.record(batchId);
				const { number } = batches.facts(batchId);
				if (isEnded(before.status)) return { batch: before, number };
				const body = sealBody(before, seal, null);
				append({ kind: "seal", body });
				appendPublished(append, body);
				return { batch: batches.record(batchId), number };
			});
			leases.forget(number);
			return batch;
		},
		propose: (batchId, seal, { epoch, round }) =>
			journal.record((append) => {
				const before = batches.record(batchId);
				if (before.round !== round || isEnded(before.status)) return null;
				return append({ kind: "seal", body: sealBody(before, seal, epoch) }).stored;
			}),
		async publish(batchId, digest) {
			const { batch, number } = await journal.record((append) => {
				const before = batches.record(batchId);
				const { number } = batches.facts(batchId);
				if (seals.isPublished(number, before.round, digest)) return { batch: before, number };
				const body = seals.proposed(number, before.round, digest);
				if (body === null)
					throw new LedgerMisuseError(`Batch ${batchId} has no seal ${digest} in round ${before.round}.`);
				appendPublished(append, body);
				return { batch: batches.record(batchId), number };
			});
			if (isEnded(batch.status)) leases.forget(number);
			return batch;
		},
	};
}

/** Publishes what a seal fixed, under the epoch of the seal, whoever does it. */
function appendPublished(append: Append, seal: OpBody<"seal">): void {
	const { batchId, status, outputFile: output, errorFile: errors, faults, message } = seal;
	const { round, epoch, completed, failed, usage, finalizingAtMs } = seal;
	append({
		kind: "published",
		body: {
			batchId,
			status,
			output,
			errors,
			faults,
			message,
			round,
			epoch,
			completed,
			failed,
			usage,
			finalizingAtMs,
		},
	});
}

function publishedFile(
	clock: Clock,
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
