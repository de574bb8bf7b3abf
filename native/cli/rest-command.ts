import { timeInWords } from "../base/base.ts";
import { machineStatusSchema, type RestRequest } from "../contract/contract.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { reportClientFailure, withAnyService } from "./use-service.ts";

/** Has all batch work of this machine rest or go on; also where no service runs, for the next one that does. */
export function restCommand(globals: GlobalOptions, request: RestRequest): Promise<ExitCode> {
	return withAnyService(globals, async ({ client, isOwn }) => {
		const said = await client.call("/api/rest", machineStatusSchema, { body: request });
		if (!said.ok) return reportClientFailure(said.error);
		const { rest, verdict } = said.value;
		if (rest.isPaused) process.stdout.write("Batch work on this machine is paused until 'nightshift resume'.\n");
		else if (rest.snoozedUntilMs !== null) {
			const until = timeInWords(rest.snoozedUntilMs / 1_000, Date.now());
			process.stdout.write(`Batch work on this machine rests until ${until}.\n`);
		} else process.stdout.write(`Batch work on this machine may go on${isOwn ? "" : `: ${verdict.reason}`}.\n`);
		return exitCodes.done;
	});
}
