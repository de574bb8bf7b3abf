import { sessionCodeSchema } from "../contract/contract.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { reportClientFailure, withRunningService } from "./use-service.ts";

/** Prints an address that opens the page in a browser, once, within a minute. */
export function openCommand(globals: GlobalOptions): Promise<ExitCode> {
	return withRunningService(globals, async (client) => {
		const made = await client.call("/api/session/codes", sessionCodeSchema, { method: "POST" });
		if (!made.ok) return reportClientFailure(made.error);
		process.stdout.write(`${client.url}/#code=${encodeURIComponent(made.value.code)}\n`);
		return exitCodes.done;
	});
}
