import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { basename } from "node:path";
import { err, ok, type Result, systemClock } from "../base/base.ts";
import { peekFirstRequest } from "../jobs/first-request.ts";
import type { BatchRecord } from "../ledger/ledger.ts";
import type { Service } from "../service.ts";

/** Why a file could not be handed over; `message` is for the user. */
export interface SubmitFailure {
	readonly kind: "unreadable" | "no-room" | "refused";
	readonly message: string;
}

/** A file is read from a disk the user owns; the limit only stops a device or pipe that never ends. */
const MOST_INPUT_BYTES = 64 * 2 ** 30;
const DAY_MS = 24 * 3_600_000;
/** The input is kept this long, as OpenAI keeps batch files; results stay. */
const KEEP_INPUT_MS = 30 * DAY_MS;
/** `run` works until it is done; a year stands for "no deadline" in a ledger that wants one. */
const WINDOW_MS = 365 * DAY_MS;

/**
 * Hands a batch file over for work. The same file with the same model leads to the same batch, so that a second call goes on
 * where the first one stopped; after a batch that failed or was cancelled it leads to a new one.
 */
export async function submitFile(service: Service, path: string): Promise<Result<BatchRecord, SubmitFailure>> {
	const { ledger } = service;
	const unreadable = await findUnreadable(path);
	if (unreadable) return err(unreadable);
	const first = await peekFirstRequest(createReadStream(path));
	const stored = await ledger.storeBytes(createReadStream(path, { highWaterMark: 1 << 20 }), MOST_INPUT_BYTES);
	if (!stored.ok) {
		const reason =
			stored.error.kind === "disk-full" ? stored.error.message : `it is over ${stored.error.limitBytes} bytes`;
		return err({ kind: "no-room", message: `${path} can't be taken in: ${reason}` });
	}
	const expiresAtMs = systemClock.nowMs() + KEEP_INPUT_MS;
	const file = await ledger.createFile({ filename: basename(path), purpose: "batch", expiresAtMs }, stored.value);
	const manifest = {
		inputFileId: file.id,
		endpoint: first?.url ?? "/v1/chat/completions",
		completionWindow: "none",
		windowMs: WINDOW_MS,
		metadata: null,
		modelOverride: service.modelOverride?.path ?? null,
		outputExpiresAfterMs: null,
	};
	const model = service.modelOverride ?? (first ? service.models.named(first.model) : null);
	const modelDigest = model ? await service.models.digest(model) : "none";
	for (let attempt = 0; ; attempt++) {
		const key = createHash("sha256")
			.update(JSON.stringify(["run", stored.value.digest, modelDigest, attempt]))
			.digest("hex");
		const created = await service.jobs.create(manifest, key);
		if (!created.ok) {
			await ledger.deleteFile(file.id);
			return err({ kind: "refused", message: created.error.message });
		}
		const batch = created.value;
		if (batch.manifest.inputFileId === file.id) return ok(batch);
		if (batch.status === "failed" || batch.status === "cancelled" || batch.status === "expired") continue;
		await ledger.deleteFile(file.id);
		return ok(batch);
	}
}

/** Null: it is a file that can be read. */
async function findUnreadable(path: string): Promise<SubmitFailure | null> {
	try {
		await access(path, constants.R_OK);
		if ((await stat(path)).isFile()) return null;
		return { kind: "unreadable", message: `${path} is not a file. Give a JSONL file.` };
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		return { kind: "unreadable", message: `${path} can't be read: ${reason}` };
	}
}
