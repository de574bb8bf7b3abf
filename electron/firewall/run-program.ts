/** Runs a program of the system to its end. Owns the process and what it prints; must never know what it is run for. */
import { execFile } from "node:child_process";
import { firewallWords } from "../words/firewall.ts";

/** A program of the system, and how it is called. */
export interface Command {
	/** Whole, for Windows looks for a bare name in the working folder first, and that may be full of downloads. */
	readonly path: string;
	readonly words: readonly string[];
	/** Added to this process's own environment. */
	readonly environment: Readonly<Record<string, string>>;
	/** It is ended after so long. */
	readonly limitMs: number;
}

/** What came of it. */
export type Ran =
	/** `output`: what it printed, errors too. */
	| { readonly kind: "ended"; readonly code: number; readonly output: string }
	/** It could not be started, took too long, printed too much, or was ended by somebody; `message` says which. */
	| { readonly kind: "failed"; readonly message: string };

/** Runs one. Never rejects. */
export type RunProgram = (command: Command) => Promise<Ran>;

/** A value of the registry or a sentence about an error; more would be another program than ours. */
const MOST_OUTPUT_BYTES = 64 * 1024;

/** Runs a real one, without a window of its own. */
export const runProgram: RunProgram = async (command) => {
	const { promise, resolve } = Promise.withResolvers<Ran>();
	try {
		start(command, resolve);
	} catch (error) {
		// Node throws what it does not expect of a start, such as a policy of Windows that forbids the program.
		resolve({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
	}
	return promise;
};

function start({ path, words, environment, limitMs }: Command, onEnd: (ran: Ran) => void): void {
	const options = {
		env: { ...process.env, ...environment },
		timeout: limitMs,
		maxBuffer: MOST_OUTPUT_BYTES,
		windowsHide: true,
	};
	const child = execFile(path, [...words], options, (error, stdout, stderr) => {
		const output = `${stdout}${stderr}`.trim();
		if (error === null) onEnd({ kind: "ended", code: 0, output });
		else if (typeof error.code === "number") onEnd({ kind: "ended", code: error.code, output });
		else if (typeof error.code === "string") onEnd({ kind: "failed", message: error.message });
		else
			onEnd({ kind: "failed", message: child.killed ? firewallWords.tooLong(limitMs / 1_000) : firewallWords.killed });
	});
}
