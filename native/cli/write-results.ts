import { createWriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { BatchRecord, Ledger } from "../ledger/ledger.ts";

/** Where the results of a run went; `errorsPath` is null when no line failed. */
export interface WrittenResults {
	readonly outputPath: string;
	readonly errorsPath: string | null;
}

/** `results.jsonl` → `errors.jsonl`, `night.jsonl` → `night.errors.jsonl`, in the same folder. */
export function errorsPathFor(outputPath: string): string {
	const extension = extname(outputPath);
	const stem = basename(outputPath, extension);
	return join(dirname(outputPath), stem === "results" ? `errors${extension}` : `${stem}.errors${extension}`);
}

/**
 * Copies a finished batch's files to where the user wants them. Each appears whole or not at all. An error file of an earlier
 * run is taken away when nothing failed this time: it would tell of faults that are gone.
 */
export async function writeResults(ledger: Ledger, batch: BatchRecord, outputPath: string): Promise<WrittenResults> {
	const errorsPath = errorsPathFor(outputPath);
	await writeFile(ledger, batch.outputFileId, outputPath);
	if (batch.errorFileId === null) {
		await rm(errorsPath, { force: true });
		return { outputPath, errorsPath: null };
	}
	await writeFile(ledger, batch.errorFileId, errorsPath);
	return { outputPath, errorsPath };
}

async function writeFile(ledger: Ledger, fileId: string | null, path: string): Promise<void> {
	const temporaryPath = `${path}.${process.pid}.part`;
	const record = fileId === null ? null : ledger.file(fileId);
	if (fileId !== null && record === null) throw new Error(`The ledger lacks the file ${fileId} of a finished batch.`);
	await pipeline(record ? ledger.readFile(record) : [], createWriteStream(temporaryPath));
	const handle = await open(temporaryPath, "r+");
	await handle.sync();
	await handle.close();
	await rename(temporaryPath, path);
}
