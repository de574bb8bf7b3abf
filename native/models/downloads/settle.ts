/** The last steps of a download: checks what has come and puts it among the models, all of it or nothing. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { err, errorCode, ok, type Result, syncFolder } from "../../base/base.ts";
import { digestIn } from "./machine-files.ts";
import type { DownloadRecord, RecordStore } from "./record.ts";
import type { TransferFault } from "./transfer.ts";

/** What is done with files that have come: a kind of download each has its own way. */
export interface Settling {
	/** Whether they are what they should be. */
	check(record: DownloadRecord, deps: SettleDeps): Promise<Result<void, TransferFault>>;
	/** Puts them where they belong, all of them or nothing. Asked again after a kill in between. */
	place(record: DownloadRecord, deps: SettleDeps): Promise<Result<void, TransferFault>>;
}

/** What settling needs. */
export interface SettleDeps {
	readonly store: RecordStore;
	readonly signal: AbortSignal;
}

/** Bytes hashed at once. */
const HASH_BYTES = 1 << 20;

/**
 * Reads every file from the disk, as it will be used, and compares it with what the Hub says of it. What came over several
 * connections and restarts is thereby checked as one. One that is wrong is forgotten, so that it is fetched anew.
 */
export async function checkFiles(
	record: DownloadRecord,
	{ store, signal }: SettleDeps,
): Promise<Result<void, TransferFault>> {
	for (const file of record.files) {
		if (file.digest !== null) continue;
		const hash = createHash("sha256");
		try {
			await pipeline(createReadStream(store.partPath(record, file), { highWaterMark: HASH_BYTES }), hash, { signal });
		} catch (error) {
			if (signal.aborted) return err({ kind: "stopped" });
			const code = errorCode(error);
			if (code === "") throw error;
			return err({ kind: "failed", message: `What has come can't be read (${code}). Resume to try again.` });
		}
		const digest = hash.digest("hex");
		if (file.sha256 !== null && digest !== file.sha256) {
			file.syncedBytes = 0;
			file.validator = null;
			const problem = await store.save(record);
			const source = digestIn(file.url) === null ? "the Hub says it is" : "was asked of the other machines";
			const message = `What came is not what ${source}: its checksum differs. Resume to fetch it anew.`;
			return err({ kind: "failed", message: problem ?? message });
		}
		file.digest = digest;
	}
	return ok(undefined);
}

/**
 * Puts checked files among the models. The record says already that they are checked; so after a kill in between the rest
 * follows. Of a split model the first part comes last: it is what makes the model appear.
 */
export async function placeFiles(
	record: DownloadRecord,
	{ modelsDir, store }: SettleDeps & { readonly modelsDir: string },
): Promise<Result<void, TransferFault>> {
	try {
		for (const file of [...record.files].reverse()) {
			const partPath = store.partPath(record, file);
			const path = join(modelsDir, file.fileName);
			const isPlaced = !existsSync(partPath);
			if (isPlaced && existsSync(path)) continue;
			if (existsSync(path))
				return err({ kind: "failed", message: `There is a ${file.fileName} already. Remove it, then resume.` });
			await rename(partPath, path);
		}
		await syncFolder(modelsDir);
		return ok(undefined);
	} catch (error) {
		const code = errorCode(error);
		if (code === "") throw error;
		return err({ kind: "failed", message: `It could not be put among the models (${code}). Resume to try again.` });
	}
}
