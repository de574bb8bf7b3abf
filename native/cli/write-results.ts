import { createWriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { err, errorCode, ok, type Result } from "../base/base.ts";
import type { BatchRecord, Ledger } from "../ledger/ledger.ts";
import { errorsPathFor } from "./output-path.ts";

/** Where the results of a run went; `errorsPath` is null when no line failed. */
export interface WrittenResults {
	readonly outputPath: string;
	readonly errorsPath: string | null;
}

/**
 * Copies a finished batch's files to where the user wants them. Each appears whole or not at all. An error file of an earlier
 * run is taken away when nothing failed this time: it would tell of faults that are gone. The failure is a sentence.
 */
export async function writeResults(
	ledger: Pick<Ledger, "file" | "readFile">,
	batch: Pick<BatchRecord, "outputFileId" | "errorFileId">,
	outputPath: string,
): Promise<Result<WrittenResults, string>> {
	const errorsPath = errorsPathFor(outputPath);
	const output = await writeWhole(bytesOf(ledger, batch.outputFileId), outputPath);
	if (!output.ok) return output;
	if (batch.errorFileId === null) {
		await rm(errorsPath, { force: true });
		return ok({ outputPath, errorsPath: null });
	}
	const errors = await writeWhole(bytesOf(ledger, batch.errorFileId), errorsPath);
	return errors.ok ? ok({ outputPath, errorsPath }) : errors;
}

function bytesOf(ledger: Pick<Ledger, "file" | "readFile">, fileId: string | null): AsyncIterable<Uint8Array> | [] {
	if (fileId === null) return [];
	const record = ledger.file(fileId);
	if (record === null) throw new Error(`The ledger lacks the file ${fileId} of a finished batch.`);
	return ledger.readFile(record);
}

/** Writes a file that is there whole or not at all, on disk when this resolves. The failure is a sentence. */
export async function writeWhole(
	bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
	path: string,
): Promise<Result<void, string>> {
	const temporaryPath = `${path}.${process.pid}.part`;
	try {
		await pipeline(bytes, createWriteStream(temporaryPath));
		const handle = await open(temporaryPath, "r+");
		await handle.sync();
		await handle.close();
		await rename(temporaryPath, path);
		return ok(undefined);
	} catch (error) {
		await rm(temporaryPath, { force: true });
		if (errorCode(error) === "") throw error;
		return err(`${path} can't be written (${errorCode(error)}).`);
	}
}
