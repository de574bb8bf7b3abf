import { err, type Result } from "../base/base.ts";
import { type Status, statusSchema } from "../contract/contract.ts";
import { locate } from "../locations/locations.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { type ClientFailure, findService, notRunning } from "./service-client.ts";
import { describeStatus } from "./status-view.ts";

/** Options of `nightshift status`. */
export interface StatusOptions extends GlobalOptions {
	readonly json?: boolean;
}

/** Prints what the running service does, in words or as it answers. */
export async function statusCommand(options: StatusOptions): Promise<ExitCode> {
	const asked = await askStatus(options.dataDir);
	if (!asked.ok) {
		process.stderr.write(`nightshift: ${asked.error.message}\n`);
		return exitCodes.broken;
	}
	process.stdout.write(options.json ? `${JSON.stringify(asked.value, null, 2)}\n` : describeStatus(asked.value));
	return exitCodes.done;
}

async function askStatus(dataDir: string): Promise<Result<Status, ClientFailure>> {
	const client = findService(locate(dataDir));
	return client === null ? err(notRunning(dataDir)) : client.call("/api/status", statusSchema);
}
