import { nightReportSchema } from "../contract/contract.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { describeNight } from "./report-view.ts";
import { reportClientFailure, withAnyService } from "./use-service.ts";

/** Options of `nightshift report`. */
export interface ReportOptions extends GlobalOptions {
	readonly json?: boolean;
}

/** Prints what was done last night; works without a running service too. */
export function reportCommand(options: ReportOptions): Promise<ExitCode> {
	return withAnyService(options, async ({ client }) => {
		const asked = await client.call("/api/reports/last-night", nightReportSchema);
		if (!asked.ok) return reportClientFailure(asked.error);
		process.stdout.write(options.json ? `${JSON.stringify(asked.value, null, 2)}\n` : describeNight(asked.value));
		return exitCodes.done;
	});
}
