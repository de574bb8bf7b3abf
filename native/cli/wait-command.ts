import { setTimeout } from "node:timers/promises";
import { type BatchDetails, batchDetailsSchema } from "../contract/contract.ts";
import { isEnded } from "../ledger/batch-status.ts";
import { batchPath } from "./batch-commands.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { reportFaults, wasModelAtFault } from "./faults-view.ts";
import type { GlobalOptions } from "./global-options.ts";
import { notRunning } from "./service-client.ts";
import { onInterrupt } from "./start.ts";
import { createStatusLine } from "./status-line.ts";
import { reportClientFailure, type ServiceInUse, withAnyService } from "./use-service.ts";

/** Options of `nightshift wait`. */
export interface WaitOptions extends GlobalOptions {
	/** Gives the waiting up after so many seconds; the batch goes on. */
	readonly timeout?: number;
	/** Prints nothing but what is wrong. */
	readonly quiet?: boolean;
}

/** How soon the service is asked again: at first for those who wait for a few lines, each time twice as long after that. */
const FIRST_LOOK_MS = 100;
/** An answer costs the service a millisecond, and nobody sees a second at the end of a night. */
const LONGEST_LOOK_MS = 1_000;

/**
 * Waits until a batch has ended or needs somebody. Exit codes: 0 all lines answered, 3 ended with lines that were not, 2 refused
 * by validation or no such batch, 1 it waits for somebody (paused, or rehearsed and not queued), no service works on it, or the
 * time is up.
 */
export async function waitCommand(batchId: string, options: WaitOptions): Promise<ExitCode> {
	const interrupt = new AbortController();
	const stopWatching = onInterrupt(() => interrupt.abort());
	const limit = options.timeout === undefined ? null : AbortSignal.timeout(options.timeout * 1_000);
	const signal = limit === null ? interrupt.signal : AbortSignal.any([interrupt.signal, limit]);
	try {
		return await withAnyService(options, (service) => untilEnded(service, batchId, signal, options));
	} catch (error) {
		if (interrupt.signal.aborted) return exitCodes.interrupted;
		if (!signal.aborted) throw error;
		process.stderr.write(`nightshift: ${batchId} has not ended within ${options.timeout} s. It goes on.\n`);
		return exitCodes.broken;
	} finally {
		stopWatching();
	}
}

async function untilEnded(
	{ client, isOwn }: ServiceInUse,
	batchId: string,
	signal: AbortSignal,
	{ quiet: isQuiet = false, dataDir }: WaitOptions,
): Promise<ExitCode> {
	const line = createStatusLine();
	try {
		for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(2 * lookMs, LONGEST_LOOK_MS)) {
			const asked = await client.call(batchPath(batchId), batchDetailsSchema, { signal });
			if (!asked.ok) return reportClientFailure(asked.error);
			const batch = asked.value;
			if (!isQuiet) line.update(batch.health, isEnded(batch.status));
			const needed = describeNeed(batch);
			if (needed !== null || isEnded(batch.status)) line.end();
			if (isEnded(batch.status)) return endOf(batch);
			if (needed !== null) {
				process.stderr.write(`nightshift: ${needed}\n`);
				return exitCodes.broken;
			}
			if (isOwn) return reportClientFailure(notRunning(dataDir));
			await setTimeout(lookMs, undefined, { signal });
		}
	} finally {
		line.end();
	}
}

/** What the batch waits for that only somebody can do; null: nothing. */
function describeNeed({ id, pause, health }: BatchDetails): string | null {
	if (pause !== null) return `${id} is paused: ${pause.message} Go on with 'nightshift resume ${id}'.`;
	if (health.state !== "rehearsed") return null;
	return `${id} is rehearsed and waits: run the rest with 'nightshift queue ${id}'.`;
}

function endOf(batch: BatchDetails): ExitCode {
	const { total, completed } = batch.request_counts;
	const faults = batch.errors?.data ?? [];
	reportFaults(batch.input_file_id, faults);
	if (batch.status === "failed" && batch.in_progress_at === null) {
		return wasModelAtFault(faults) ? exitCodes.broken : exitCodes.badInput;
	}
	return batch.status !== "cancelled" && completed === total ? exitCodes.done : exitCodes.failedLines;
}
