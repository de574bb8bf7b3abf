import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { err, ok, type Result } from "../base/base.ts";
import type { BatchOptions, RehearsalOptions } from "../contract/contract.ts";
import { peekFirstRequest } from "../jobs/first-request.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { modelUseFor } from "../jobs/model-names.ts";
import { draftManifest } from "../jobs/new-batch.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { BatchManifest, BatchRecord, FileRecord, Ledger } from "../ledger/ledger.ts";
import type { Service } from "../service.ts";
import { withFlag } from "./batch-flags.ts";
import { findUnreadable } from "./upload-file.ts";

/** Why a file could not be handed over; `message` is for the user. */
export interface SubmitFailure {
	readonly kind: "unreadable" | "no-room" | "refused";
	readonly message: string;
}

/** What is wanted of the file. */
export interface SubmitWish {
	readonly options: BatchOptions;
	/** Runs only the first lines until the batch is queued; null: all of it. */
	readonly rehearsal: RehearsalOptions | null;
}

/** A file is read from a disk the user owns; the limit only stops a device or pipe that never ends. */
const MOST_INPUT_BYTES = 64 * 2 ** 30;
/** `run` works until it is done; a year stands for "no deadline" in a ledger that wants one. */
export const RUN_WINDOW_MS = 365 * 24 * 3_600_000;

/**
 * Hands a batch file over for work. The same file with the same model and wishes leads to the same batch, so that a second call
 * goes on where the first one stopped: a paused batch goes on, failed lines run again. After a batch that came to nothing, was
 * cancelled or lost its files it leads to a new one, which takes over what equal lines were answered with; other wishes do too.
 */
export async function submitFile(
	service: Service,
	path: string,
	wish: SubmitWish,
): Promise<Result<BatchRecord, SubmitFailure>> {
	const { ledger } = service;
	const unreadable = await findUnreadable(path);
	if (unreadable !== null) return err({ kind: "unreadable", message: unreadable });
	const stored = await ledger.storeBytes(createReadStream(path, { highWaterMark: 1 << 20 }), MOST_INPUT_BYTES);
	if (!stored.ok) {
		const reason =
			stored.error.kind === "disk-full" ? stored.error.message : `it is over ${stored.error.limitBytes} bytes`;
		return err({ kind: "no-room", message: `${path} can't be taken in: ${reason}` });
	}
	const file = await ledger.createFile({ filename: basename(path), purpose: "batch", expiresAtMs: null }, stored.value);
	const submitted = await findOrCreate(service, file, wish);
	if (!submitted.ok || submitted.value.manifest.inputFileId !== file.id) await ledger.deleteFile(file.id);
	return submitted.ok ? goOn(service, submitted.value, wish) : submitted;
}

async function findOrCreate(
	service: Service,
	file: FileRecord,
	{ options, rehearsal }: SubmitWish,
): Promise<Result<BatchRecord, SubmitFailure>> {
	const { ledger, models, settings, jobs } = service;
	const drafted = await draftManifest(
		{ ledger, models, allowedHosts: () => settings.current.webhooks.allowedHosts },
		{
			inputFileId: file.id,
			surface: "openai",
			badLines: "refuse-file",
			endpoint: null,
			completionWindow: "none",
			windowMs: RUN_WINDOW_MS,
			metadata: null,
			outputExpiresAfterMs: null,
			modelOverride: service.modelOverride?.path ?? null,
			options,
			rehearsal,
		},
	);
	if (!drafted.ok) return err({ kind: "refused", message: withFlag(drafted.error, options) });
	const identity = [file.digest, await modelDigest(service, file, drafted.value), wishes(drafted.value)];
	for (let attempt = 0; ; attempt++) {
		const key = createHash("sha256")
			.update(JSON.stringify(["run", ...identity, attempt]))
			.digest("hex");
		const created = await jobs.create(drafted.value, key);
		if (!created.ok) return err({ kind: "refused", message: created.error.message });
		const isNew = created.value.manifest.inputFileId === file.id;
		if (isNew || !isUsedUp(ledger, created.value)) return created;
	}
}

/** What makes a batch another one. Whether its first lines are looked at, its turn and its time don't. */
function wishes({ format, template, policy, effectiveUntilMs, webhookUrl }: BatchManifest): readonly unknown[] {
	return [format, template, policy, effectiveUntilMs, webhookUrl];
}

/** True: it neither goes on nor has anything left to give. */
function isUsedUp(ledger: Pick<Ledger, "file">, batch: BatchRecord): boolean {
	if (batch.resultsDroppedAtMs !== null) return true;
	if ([batch.outputFileId, batch.errorFileId].some((id) => id !== null && ledger.file(id) === null)) return true;
	if (batch.status === "failed") return batch.inProgressAtMs === null;
	return batch.status === "cancelled" || batch.status === "expired";
}

async function modelDigest(service: Service, file: FileRecord, manifest: BatchManifest): Promise<string> {
	const { models, ledger } = service;
	if (manifest.modelOverride !== null) {
		const found = models.find(manifest.modelOverride);
		return found.ok ? models.digest(found.value) : "none";
	}
	const first = await peekFirstRequest(ledger.readFile(file));
	const model = models.resolve(first?.model ?? null, modelUseFor(manifest.endpoint));
	return model ? models.digest(model) : "none";
}

/** The command was given again: whatever held the batch up is overruled by that. */
async function goOn(
	{ jobs }: Service,
	batch: BatchRecord,
	{ rehearsal }: SubmitWish,
): Promise<Result<BatchRecord, SubmitFailure>> {
	const steps: ((id: string) => ReturnType<Jobs["resume"]>)[] = [];
	if (batch.pause !== null) steps.push(jobs.resume);
	if (batch.isHeld && rehearsal === null) steps.push((id) => jobs.queue(id, RUN_WINDOW_MS));
	if (isEnded(batch.status) && batch.completed < batch.total) steps.push((id) => jobs.retry(id, "all", RUN_WINDOW_MS));
	let latest = batch;
	for (const step of steps) {
		const done = await step(batch.id);
		if (!done.ok) {
			const { error } = done;
			const message = error.kind === "not-found" ? `The batch ${batch.id} is gone.` : error.message;
			return err({ kind: "refused", message });
		}
		latest = done.value;
	}
	return ok(latest);
}
