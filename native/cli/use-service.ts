import { err, ok, type Result } from "../base/base.ts";
import { statusSchema } from "../contract/contract.ts";
import { locate } from "../locations/locations.ts";
import { startService } from "../service.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { type ClientFailure, findService, notRunning, type ServiceClient } from "./service-client.ts";
import { reportStartFailure } from "./start.ts";
import { version } from "./version.ts";

/** A service to ask: the one that runs, or one of our own for as long as the command lasts. */
export interface ServiceInUse {
	readonly client: ServiceClient;
	/** It ends with the command, and works on nothing but what `workOn` names. */
	readonly isOwn: boolean;
	/** Has our own service work on this batch and no other; the one that runs works on all anyway. */
	workOn(batchId: string): void;
}

/** Options that matter only where the command has to bring its own service. */
export interface OwnServiceOptions extends GlobalOptions {
	readonly model?: string;
	readonly lanes?: number;
	readonly threads?: number;
	/** By default `here-and-now`: whoever brings a service of their own wants its work done. */
	readonly conduct?: "scheduled" | "here-and-now";
}

/** Does something with the service that runs on the data folder; without one it prints how to start one and answers 1. */
export async function withRunningService(
	{ dataDir }: GlobalOptions,
	action: (client: ServiceClient) => Promise<ExitCode>,
): Promise<ExitCode> {
	const found = await findRunning(dataDir);
	return found.ok ? action(found.value) : reportClientFailure(found.error);
}

/** As `withRunningService`, but brings a service of its own where none runs. */
export async function withAnyService(
	options: OwnServiceOptions,
	action: (service: ServiceInUse) => Promise<ExitCode>,
): Promise<ExitCode> {
	const found = await findRunning(options.dataDir);
	if (found.ok) return action({ client: found.value, isOwn: false, workOn: () => {} });
	if (found.error.kind !== "not-running") return reportClientFailure(found.error);
	const started = await startService({
		...options,
		model: options.model ?? null,
		lanes: options.lanes ?? null,
		threads: options.threads ?? null,
		port: 0,
		startJobs: false,
		conduct: options.conduct ?? "here-and-now",
		version: version(),
	});
	if (!started.ok) return reportStartFailure(started.error);
	const service = started.value;
	try {
		const client = findService(service.locations);
		if (client === null) throw new Error("The service that was just started did not say where it listens.");
		return await action({ client, isOwn: true, workOn: (batchId) => service.jobs.start(batchId) });
	} finally {
		await service.stop();
	}
}

/** Prints why the service gave no answer, and answers the exit code for it. */
export function reportClientFailure({ kind, message, status }: ClientFailure): ExitCode {
	process.stderr.write(`nightshift: ${message}\n`);
	const isOurFault = kind === "refused" && status !== null && status < 500;
	return isOurFault ? exitCodes.badInput : exitCodes.broken;
}

/** A file with an address is not yet a service: a killed one leaves it behind. */
async function findRunning(dataDir: string): Promise<Result<ServiceClient, ClientFailure>> {
	const client = findService(locate(dataDir));
	if (client === null) return err(notRunning(dataDir));
	const asked = await client.call("/api/status", statusSchema);
	return asked.ok ? ok(client) : asked;
}
