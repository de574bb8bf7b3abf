/** Where the results of a file go, and what forbids it. */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { errorCode } from "../base/base.ts";
import type { FileFormat } from "../contract/contract.ts";

/** `results.jsonl` → `errors.jsonl`, `night.jsonl` → `night.errors.jsonl`, in the same folder. */
export function errorsPathFor(outputPath: string): string {
	const extension = extname(outputPath);
	const stem = basename(outputPath, extension);
	return join(dirname(outputPath), stem === "results" ? `errors${extension}` : `${stem}.errors${extension}`);
}

/**
 * Where results go unless told otherwise: `results.jsonl`, of tables `results.csv` or `results.tsv`. Those of a file of errors, or
 * of results, get names of their own, lest they replace the file itself or the results it goes with: `errors.results.jsonl`.
 */
export function usualOutput(inputPath: string, format: FileFormat): string {
	const extension = format === "csv" || format === "tsv" ? format : "jsonl";
	const stem = basename(inputPath, extname(inputPath));
	const isOurs = /(?:^|\.)(?:results|errors)$/.test(stem);
	return isOurs ? `${stem}.results.${extension}` : `results.${extension}`;
}

/**
 * Why results can't go to a path, in a sentence; null: they can. Asked before the work begins: hours later is too late to hear
 * that a folder is not there.
 */
export async function findOutputFault(inputPath: string, outputPath: string): Promise<string | null> {
	if ((await stat(outputPath).catch(onlyIfMissing))?.isDirectory()) {
		return `${outputPath} is a folder. Give --output the path of a file.`;
	}
	for (const path of [outputPath, errorsPathFor(outputPath)]) {
		if (!(await isSameFile(inputPath, path))) continue;
		return `Writing to ${path} would replace the input. Give --output another path.`;
	}
	const folder = dirname(outputPath);
	try {
		await access(folder, constants.W_OK);
	} catch (error) {
		if (errorCode(error) === "") throw error;
		return `Results can't be written to the folder ${folder} (${errorCode(error)}). Make it, or give --output another path.`;
	}
	return (await stat(folder)).isDirectory() ? null : `${folder} is not a folder. Give --output another path.`;
}

async function isSameFile(one: string, other: string): Promise<boolean> {
	const [first, second] = await Promise.all([one, other].map((path) => stat(path).catch(onlyIfMissing)));
	return first !== undefined && second !== undefined && first.dev === second.dev && first.ino === second.ino;
}

/** A path that leads to nothing is no file at all. */
function onlyIfMissing(error: unknown): undefined {
	if (errorCode(error) === "") throw error;
}
