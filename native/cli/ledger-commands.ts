import { silentLog, systemClock } from "../base/base.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { openLedger } from "../ledger/open.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { reportStartFailure } from "./start.ts";

/** Checks the ledger and prints what is wrong with it. Exit code 1 when anything is. */
export function verifyCommand(options: GlobalOptions): Promise<ExitCode> {
	return withLedger(options, async (ledger) => {
		let problems = 0;
		for await (const problem of ledger.verify()) {
			problems++;
			process.stdout.write(`${problem.kind}: ${problem.message}\n`);
		}
		if (problems === 0) process.stdout.write("The ledger is whole: log, stored bytes and tables agree.\n");
		return problems === 0 ? exitCodes.done : exitCodes.broken;
	});
}

/** Makes every table anew from the log. */
export function rebuildCommand(options: GlobalOptions): Promise<ExitCode> {
	return withLedger(options, async (ledger) => {
		await ledger.rebuild();
		process.stdout.write("Every table was made anew from the log.\n");
		return exitCodes.done;
	});
}

async function withLedger(options: GlobalOptions, work: (ledger: Ledger) => Promise<ExitCode>): Promise<ExitCode> {
	const opened = await openLedger({ dataDir: options.dataDir, clock: systemClock, log: silentLog });
	if (!opened.ok) return reportStartFailure(opened.error);
	try {
		return await work(opened.value);
	} finally {
		await opened.value.close();
	}
}
