/** Calls commands within the test's own process: those that only ask a service are over before another Node has started. */
import { vi } from "vitest";
import { runCli } from "./cli.ts";
import type { ExitCode } from "./exit-codes.ts";

/** What a command answered and printed. */
export interface CalledCommand {
	readonly exitCode: ExitCode;
	readonly stdout: string;
	readonly stderr: string;
	/** Both, in the order it was written. */
	readonly output: string;
}

/** Runs `nightshift ARGUMENTS` on a data folder. Paths must be absolute; one call at a time. */
export async function callCommand(dataDir: string, ...args: readonly string[]): Promise<CalledCommand> {
	const printed = { stdout: "", stderr: "", output: "" };
	const spies = (["stdout", "stderr"] as const).map((name) =>
		vi.spyOn(process[name], "write").mockImplementation((text, ...rest) => {
			const written = typeof text === "string" ? text : Buffer.from(text).toString("utf8");
			printed[name] += written;
			printed.output += written;
			const onWritten = rest.at(-1);
			if (typeof onWritten === "function") onWritten();
			return true;
		}),
	);
	try {
		const exitCode = await runCli(["node", "nightshift", "--data-dir", dataDir, "--no-gpu", ...args]);
		return { exitCode, ...printed };
	} finally {
		for (const spy of spies) spy.mockRestore();
	}
}
