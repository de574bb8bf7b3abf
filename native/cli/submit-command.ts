import { type BatchDetails, batchDetailsSchema } from "../contract/contract.ts";
import { type BatchFlags, readBatchFlags, withFlag } from "./batch-flags.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { withUpload } from "./upload-file.ts";
import { reportClientFailure, withRunningService } from "./use-service.ts";

/** Options of `nightshift submit`. */
export interface SubmitOptions extends GlobalOptions, BatchFlags {
	readonly window: string;
	readonly idempotencyKey?: string;
}

/** Hands a file to the running service and prints the batch's id, alone on stdout for scripts. */
export async function submitCommand(path: string, options: SubmitOptions): Promise<ExitCode> {
	const flags = readBatchFlags(options);
	if (!flags.ok) {
		process.stderr.write(`nightshift: ${flags.error}\n`);
		return exitCodes.badInput;
	}
	const headers = options.idempotencyKey === undefined ? {} : { "idempotency-key": options.idempotencyKey };
	const fileOf = (batch: BatchDetails) => batch.input_file_id;
	return withRunningService(options, async (client) => {
		const created = await withUpload(client, path, { fileOf }, (fileId) =>
			client.call("/api/batches", batchDetailsSchema, {
				headers,
				body: {
					...flags.value,
					model: options.model ?? null,
					input_file_id: fileId,
					completion_window: options.window,
				},
			}),
		);
		if (!created.ok) return reportClientFailure({ ...created.error, message: withFlag(created.error, flags.value) });
		process.stdout.write(`${created.value.id}\n`);
		process.stderr.write(`Wait for it: nightshift wait ${created.value.id}\n`);
		return exitCodes.done;
	});
}
