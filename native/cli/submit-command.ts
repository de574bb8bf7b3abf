import { type BatchDetails, batchDetailsSchema } from "../contract/contract.ts";
import { type BatchFlags, type MachineFlags, readBatchFlags, withFlag } from "./batch-flags.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { chooseMachines } from "./machine-names.ts";
import { capital, describeDurability } from "./machines-view.ts";
import { SAFE_LIMIT_MS } from "./service-client.ts";
import { withUpload } from "./upload-file.ts";
import { reportClientFailure, withRunningService } from "./use-service.ts";

/** Options of `nightshift submit`. */
export interface SubmitOptions extends GlobalOptions, BatchFlags, MachineFlags {
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
		const machines = await chooseMachines(client, options);
		if (!machines.ok) return reportClientFailure(machines.error);
		const created = await withUpload(client, path, { fileOf }, (fileId) =>
			client.call("/api/batches", batchDetailsSchema, {
				headers,
				limitMs: SAFE_LIMIT_MS,
				body: {
					...flags.value,
					machines: machines.value,
					model: options.model ?? null,
					input_file_id: fileId,
					completion_window: options.window,
				},
			}),
		);
		if (!created.ok) return reportClientFailure({ ...created.error, message: withFlag(created.error, flags.value) });
		const { id, durability } = created.value;
		process.stdout.write(`${id}\n`);
		if (durability.reason !== "only-member") process.stderr.write(`${capital(describeDurability(durability))}.\n`);
		process.stderr.write(`Wait for it: nightshift wait ${id}\n`);
		return exitCodes.done;
	});
}
