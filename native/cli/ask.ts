import { createInterface } from "node:readline/promises";

/** What somebody says to going on. */
export type GoingOn = "yes" | "no" | "interrupted";

/** Asks whether to go on, where somebody can answer; elsewhere the answer is yes, for who can't look can't mind either. */
export async function askToGoOn(interrupt: AbortSignal): Promise<GoingOn> {
	if (interrupt.aborted) return "interrupted";
	if (!process.stdin.isTTY) return "yes";
	const terminal = createInterface({ input: process.stdin, output: process.stderr });
	// While it asks, the terminal hands Ctrl-C and Ctrl-D to it and not to the process.
	const stopped = new AbortController();
	const closed = new AbortController();
	terminal.once("SIGINT", () => stopped.abort());
	terminal.once("close", () => closed.abort());
	const signal = AbortSignal.any([interrupt, stopped.signal, closed.signal]);
	try {
		const answer = await terminal.question("Looks right? Run the rest [Y/n] ", { signal });
		return /^n/i.test(answer.trim()) ? "no" : "yes";
	} catch (error) {
		if (!signal.aborted) throw error;
		process.stderr.write("\n");
		return interrupt.aborted || stopped.signal.aborted ? "interrupted" : "no";
	} finally {
		terminal.close();
	}
}
