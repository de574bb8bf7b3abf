import {
	type BatchDetails,
	type BatchRetry,
	batchDetailsListSchema,
	batchDetailsSchema,
} from "../contract/contract.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { reportClientFailure, type ServiceInUse, withAnyService } from "./use-service.ts";

/** What can be done to a batch by one word. */
export type BatchAction = "queue" | "pause" | "resume" | "cancel";

/** Does it, and prints how the batch does then. */
export function actCommand(globals: GlobalOptions, action: BatchAction, batchId: string): Promise<ExitCode> {
	return withAnyService(globals, (service) => act(service, batchId, action, {}));
}

/** Runs the failed lines of an ended batch again, into the same batch. */
export function retryCommand(
	globals: GlobalOptions,
	batchId: string,
	lines: BatchRetry["lines"],
	window: string,
): Promise<ExitCode> {
	return withAnyService(globals, (service) => act(service, batchId, "retry", { lines, completion_window: window }));
}

async function act(
	{ client, isOwn }: ServiceInUse,
	batchId: string,
	action: BatchAction | "retry",
	body: object,
): Promise<ExitCode> {
	const done = await client.call(batchPath(batchId, action), batchDetailsSchema, { body });
	if (!done.ok) return reportClientFailure(done.error);
	process.stdout.write(`${describeBatch(done.value)}\n`);
	if (isOwn && action !== "pause") process.stderr.write(NOBODY_WORKS);
	return exitCodes.done;
}

/** Said where something waits to be done and no service runs that would do it. */
export const NOBODY_WORKS = "No service runs; 'nightshift serve' sees to it.\n";

/** Lists the newest batches, one a line. */
export function batchesCommand(globals: GlobalOptions, limit: number): Promise<ExitCode> {
	return withAnyService(globals, async ({ client }) => {
		const listed = await client.call(`/api/batches?limit=${limit}`, batchDetailsListSchema);
		if (!listed.ok) return reportClientFailure(listed.error);
		for (const batch of listed.value.data) process.stdout.write(`${describeBatch(batch)}\n`);
		if (listed.value.data.length === 0) process.stderr.write("There are no batches yet.\n");
		return exitCodes.done;
	});
}

/** Path of a batch in our own API, or of something of it; ids come from whoever types them. */
export function batchPath(batchId: string, part = ""): string {
	return `/api/batches/${encodeURIComponent(batchId)}${part === "" ? "" : `/${part}`}`;
}

function describeBatch(batch: BatchDetails): string {
	const { total, completed, failed } = batch.request_counts;
	const counts = `${completed} of ${total}${failed > 0 ? `, ${failed} failed` : ""}`;
	return `${batch.id}  ${batch.health.state.padEnd(16)}  ${counts.padEnd(20)}  ${batch.health.words}`;
}
