import { createInterface } from "node:readline/promises";

/**
 * Asks for one line, of a terminal or of whatever is piped in. Null: there is none, for the input is at its end or was interrupted;
 * `interrupt` tells which.
 */
export async function askLine(question: string, interrupt: AbortController): Promise<string | null> {
	if (interrupt.signal.aborted) return null;
	const terminal = createInterface({ input: process.stdin, output: process.stderr });
	// While it asks, the terminal hands Ctrl-C to it and not to the process.
	terminal.once("SIGINT", () => interrupt.abort());
	const closed = new AbortController();
	terminal.once("close", () => closed.abort());
	const signal = AbortSignal.any([interrupt.signal, closed.signal]);
	try {
		return (await terminal.question(question, { signal })).trim();
	} catch (error) {
		if (!signal.aborted) throw error;
		process.stderr.write("\n");
		return null;
	} finally {
		terminal.close();
	}
}

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
