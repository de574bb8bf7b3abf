import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { err, errorCode, ok, type Result } from "../base/base.ts";
import { type BatchDetails, batchDetailsSchema } from "../contract/contract.ts";
import { batchPath } from "./batch-commands.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { reportClientFailure, withAnyService } from "./use-service.ts";
import { writeWhole } from "./write-results.ts";

/** Where results go and what they carry. */
export interface ResultsOptions extends GlobalOptions {
	/** Absent: stdout. */
	readonly output?: string;
	/** The failed lines instead. */
	readonly errors?: boolean;
	/** Each answer with when, where and by which model it was made. */
	readonly provenance?: boolean;
}

/** A file of gigabytes to a slow disk. */
const DOWNLOAD_LIMIT_MS = 3_600_000;

/** Fetches the results of a batch as they stand in its files, or with their provenance. */
export function resultsCommand(batchId: string, options: ResultsOptions): Promise<ExitCode> {
	return withAnyService(options, async ({ client }) => {
		const asked = await client.call(batchPath(batchId), batchDetailsSchema);
		if (!asked.ok) return reportClientFailure(asked.error);
		const path = resultsPath(asked.value, options);
		if (path === null) {
			const what = options.errors ? "no failed lines" : "no results";
			process.stderr.write(`nightshift: ${batchId} has ${what}: ${asked.value.health.words}\n`);
			return exitCodes.broken;
		}
		const opened = await client.open(path, { limitMs: DOWNLOAD_LIMIT_MS });
		if (!opened.ok) return reportClientFailure(opened.error);
		if (opened.value.headers.get("x-nightshift-stale") === "true") {
			process.stderr.write("These results are stale: they are past the time until which they were to be used.\n");
		}
		const bytes = opened.value.body === null ? Readable.from([]) : Readable.fromWeb(opened.value.body);
		const written = options.output === undefined ? await print(bytes) : await writeWhole(bytes, options.output);
		if (written.ok) return exitCodes.done;
		process.stderr.write(`nightshift: ${written.error}\n`);
		return exitCodes.broken;
	});
}

function resultsPath(batch: BatchDetails, { errors, provenance }: ResultsOptions): string | null {
	if (provenance) return `${batchPath(batch.id, "results")}${errors ? "?only=failed" : ""}`;
	const fileId = errors ? batch.error_file_id : batch.output_file_id;
	return fileId === null ? null : `/v1/files/${fileId}/content`;
}

/** To stdout, which stays open. The failure is a sentence: whoever reads it may have seen enough. */
async function print(bytes: Readable): Promise<Result<void, string>> {
	try {
		await pipeline(bytes, process.stdout, { end: false });
		return ok(undefined);
	} catch (error) {
		if (errorCode(error) !== "EPIPE") throw error;
		return err("The reader of the results went away before their end.");
	}
}
