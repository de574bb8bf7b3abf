/** Makes a batch of what a client asks for, the same way at every door of OpenAI's dialect. */
import { isDeepStrictEqual } from "node:util";
import { err, ok, type Result } from "../base/base.ts";
import type { CreateFailure, Jobs } from "../jobs/jobs.ts";
import { type BatchWish, type DraftDeps, draftManifest } from "../jobs/new-batch.ts";
import type { BatchManifest, BatchRecord, Ledger } from "../ledger/ledger.ts";
import type { Mesh } from "../mesh/mesh.ts";
import { checkMachines } from "./batch-place.ts";
import { type ApiFault, badRequest, conflict } from "./errors.ts";

/** What making a batch needs. */
export interface CreateBatchDeps extends DraftDeps {
	readonly jobs: Pick<Jobs, "create">;
	/** Knows the machines, and when a batch is safe. */
	readonly mesh: Pick<Mesh, "view" | "acknowledge">;
	/** Path of the model that answers every batch made here; null: the one each file names. */
	readonly modelOverride: string | null;
}

/** What a client asks for; who made the batch and what answers it is added here. */
export type ClientWish = Omit<BatchWish, "surface" | "badLines" | "modelOverride">;

/** As long as any client makes them, usually a UUID. */
const IDEMPOTENCY_KEY_LENGTH = 255;

/** The `Idempotency-Key` of a request; null: it has none. */
export function readIdempotencyKey(header: string | undefined): Result<string | null, ApiFault> {
	if (header === undefined || header === "") return ok(null);
	if (header.length <= IDEMPOTENCY_KEY_LENGTH) return ok(header);
	const message = `Idempotency-Key is longer than ${IDEMPOTENCY_KEY_LENGTH} characters.`;
	return err(badRequest(message, "idempotency-key"));
}

/** Records a batch. A key seen before answers the batch of then, and is refused for another wish. */
export async function createBatch(
	deps: CreateBatchDeps,
	wish: ClientWish,
	idempotencyKey: string | null,
): Promise<Result<BatchRecord, ApiFault>> {
	return recordWish(deps, { ...wish, surface: "openai", badLines: "refuse-file" }, idempotencyKey);
}

/** As `createBatch`, for every door. */
export async function recordWish(
	deps: CreateBatchDeps,
	wish: Omit<BatchWish, "modelOverride">,
	idempotencyKey: string | null,
): Promise<Result<BatchRecord, ApiFault>> {
	const { jobs, mesh, modelOverride } = deps;
	const unknown = checkMachines(mesh.view, wish.options.machines);
	if (unknown !== null) return err(unknown);
	const manifest = await draftManifest(deps, { ...wish, modelOverride });
	if (!manifest.ok) return err(describeCreateFailure(manifest.error));
	const batch = await jobs.create(manifest.value, idempotencyKey);
	if (!batch.ok) return err(describeCreateFailure(batch.error));
	return isSameWish(deps.ledger, batch.value.manifest, manifest.value) ? batch : err(reusedKey(batch.value));
}

/** True: both ask the same of the same requests. Who sends a file again gets another id for it, so that contents are compared. */
function isSameWish(ledger: Pick<Ledger, "file">, then: BatchManifest, now: BatchManifest): boolean {
	if (then.inputFileId === now.inputFileId) return isDeepStrictEqual(then, now);
	const [before, after] = [then, now].map(({ inputFileId }) => ledger.file(inputFileId)?.digest);
	return before !== undefined && before === after && isDeepStrictEqual({ ...then, inputFileId: now.inputFileId }, now);
}

/** Says why a batch could not be made. */
function describeCreateFailure(failure: CreateFailure): ApiFault {
	return badRequest(failure.message, failure.param, failure.kind.replaceAll("-", "_"));
}

/** A key that comes back with other parameters is a mistake of the client: neither batch would be the right answer. */
function reusedKey(batch: Pick<BatchRecord, "id">): ApiFault {
	const message = `This Idempotency-Key already created the batch ${batch.id} with other parameters. Use a new key.`;
	return { ...conflict(message), param: "idempotency-key", code: "idempotency_key_reused" };
}
