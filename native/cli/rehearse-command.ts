import { err, ok, type Result } from "../base/base.ts";
import {
	type BatchOptions,
	batchDetailsSchema,
	type Rehearsal,
	type RehearsalDraft,
	rehearsalSchema,
} from "../contract/contract.ts";
import { isEnded } from "../ledger/batch-status.ts";
import { batchPath, NOBODY_WORKS } from "./batch-commands.ts";
import { type BatchFlags, readBatchFlags, withFlag } from "./batch-flags.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { reportFaults, wasModelAtFault } from "./faults-view.ts";
import { formatTime } from "./format-time.ts";
import { rehearsalInWords } from "./rehearsal-view.ts";
import { type ClientFailure, SAFE_LIMIT_MS, type ServiceClient } from "./service-client.ts";
import { onInterrupt } from "./start.ts";
import { createStatusLine } from "./status-line.ts";
import { withUpload } from "./upload-file.ts";
import { type OwnServiceOptions, reportClientFailure, type ServiceInUse, withAnyService } from "./use-service.ts";

/** Options of `nightshift rehearse`. */
export interface RehearseOptions extends OwnServiceOptions, BatchFlags {
	readonly rehearsalLines: number;
	readonly spread?: boolean;
	readonly window: string;
	readonly json?: boolean;
	/** Queues it at once if all rehearsed lines were answered. */
	readonly queue?: boolean;
}

/** One call waits this long for the rehearsal, so that what it does meanwhile is seen; it is repeated until it is over. */
const WAIT_SECONDS = 1;
const WAIT_LIMIT_MS = (WAIT_SECONDS + 30) * 1_000;

/** Checks a file, runs its first lines and shows what comes of them; the rest waits until it is queued. */
export async function rehearseCommand(path: string, options: RehearseOptions): Promise<ExitCode> {
	const flags = readBatchFlags(options);
	if (!flags.ok) {
		process.stderr.write(`nightshift: ${flags.error}\n`);
		return exitCodes.badInput;
	}
	const interrupt = new AbortController();
	const stopWatching = onInterrupt(() => interrupt.abort());
	try {
		return await withAnyService(options, async (service) => {
			const { signal } = interrupt;
			const fileOf = ({ batch }: Rehearsal) => batch.input_file_id;
			const started = await withUpload(service.client, path, { signal, fileOf }, (fileId) =>
				service.client.call("/api/batches/rehearse", rehearsalSchema, {
					body: draft(fileId, flags.value, service, options),
					limitMs: SAFE_LIMIT_MS,
				}),
			);
			if (!started.ok) return reportClientFailure({ ...started.error, message: withFlag(started.error, flags.value) });
			service.workOn(started.value.batch.id);
			const played = await untilPlayed(service.client, started.value, signal);
			if (!played.ok) return reportClientFailure(played.error);
			return show(service, path, played.value, options);
		});
	} catch (error) {
		if (!interrupt.signal.aborted) throw error;
		process.stderr.write("Stopped. What was rehearsed is kept.\n");
		return exitCodes.interrupted;
	} finally {
		stopWatching();
	}
}

function draft(fileId: string, flags: BatchOptions, { isOwn }: ServiceInUse, options: RehearseOptions): RehearsalDraft {
	const { model = null, window, rehearsalLines, spread = false } = options;
	return {
		...flags,
		// A service of our own has it for all it does, and may have it by its path.
		model: isOwn ? null : model,
		input_file_id: fileId,
		endpoint: null,
		completion_window: window,
		metadata: null,
		rehearsal: { lines: rehearsalLines, spread },
	};
}

async function untilPlayed(
	client: ServiceClient,
	started: Rehearsal,
	signal: AbortSignal,
): Promise<Result<Rehearsal, ClientFailure>> {
	const line = createStatusLine();
	const path = `${batchPath(started.batch.id, "rehearsal")}?wait=${WAIT_SECONDS}`;
	let rehearsal = started;
	try {
		while (!rehearsal.is_finished && !isEnded(rehearsal.batch.status)) {
			const asked = await client.call(path, rehearsalSchema, { signal, limitMs: WAIT_LIMIT_MS });
			if (!asked.ok) return asked;
			rehearsal = asked.value;
			const { health, pause } = rehearsal.batch;
			if (rehearsal.is_finished || isEnded(rehearsal.batch.status)) break;
			line.update(health, false);
			if (pause !== null || health.state === "stuck") {
				return err({
					kind: "not-answering",
					message: `The rehearsal does not go on: ${health.words}`,
					status: null,
					param: null,
				});
			}
		}
		return ok(rehearsal);
	} finally {
		line.end();
	}
}

async function show(
	{ client, isOwn }: ServiceInUse,
	path: string,
	rehearsal: Rehearsal,
	options: RehearseOptions,
): Promise<ExitCode> {
	const { batch, lines } = rehearsal;
	if (options.json) process.stdout.write(`${JSON.stringify(rehearsal, null, 2)}\n`);
	if (batch.errors !== null) {
		reportFaults(path, batch.errors.data);
		if (wasModelAtFault(batch.errors.data)) return exitCodes.broken;
		process.stderr.write("Nothing was queued. Mend the file and rehearse it again.\n");
		return exitCodes.badInput;
	}
	if (!options.json) process.stdout.write(rehearsalInWords(rehearsal, formatTime));
	const failed = lines.filter((line) => line.is_error).length;
	if (isEnded(batch.status)) {
		process.stderr.write(`${batch.id} has ended: ${batch.health.words}\n`);
	} else if (options.queue && failed === 0) {
		const queued = await client.call(batchPath(batch.id, "queue"), batchDetailsSchema, { body: {} });
		if (!queued.ok) return reportClientFailure(queued.error);
		process.stderr.write(
			`Queued as ${batch.id}. ${isOwn ? NOBODY_WORKS : `Wait for it: nightshift wait ${batch.id}\n`}`,
		);
	} else {
		const way = isOwn ? `nightshift run ${path} (or nightshift queue ${batch.id})` : `nightshift queue ${batch.id}`;
		process.stderr.write(`Looks right? Run the rest: ${way}\n`);
	}
	return failed === 0 ? exitCodes.done : exitCodes.failedLines;
}
