/**
 * One run of the inference process, from fork to exit. Owns the child's handle and the last words on its stderr. Must never
 * restart anything: whoever made it does.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type FromProcess, isFromProcess, type ToProcess } from "./process/protocol.ts";

/** How a child ended. */
export interface ChildExit {
	/** `crashed`: by its own fault; `killed`: by a signal from outside. */
	readonly cause: "crashed" | "killed";
	readonly detail: string;
}

/** A running child. */
export interface Child {
	readonly processId: number | null;
	send(message: ToProcess): void;
	/** Kills it at once; `onExit` follows. */
	kill(): void;
}

/** What happens to a child. */
export interface ChildListener {
	readonly onMessage: (message: FromProcess) => void;
	/** Called once; nothing comes after it. */
	readonly onExit: (exit: ChildExit) => void;
}

/** Starts a child process running `modulePath`; the default forks this Node. */
export type ForkProcess = (modulePath: string) => ChildProcess;

/** Signals a process raises by its own fault; any other came from outside. */
const FAULT_SIGNALS: readonly string[] = ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP"];
/** End of stderr kept for the reason of a crash: room for a native backtrace's top. */
const LAST_WORDS_LENGTH = 2_000;

/** The entry beside this file, in the form this file itself has: source or compiled. */
export function processEntryPath(): string {
	const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
	return fileURLToPath(new URL(`./process/process.${extension}`, import.meta.url));
}

/** Forks with structured cloning on the wire and nothing of the parent's own flags. */
export const forkProcess: ForkProcess = (modulePath) =>
	fork(modulePath, [], { serialization: "advanced", stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });

/** Starts a child and listens to it. */
export function startChild(forkWith: ForkProcess, listener: ChildListener): Child {
	const child = forkWith(processEntryPath());
	let lastWords = "";
	let over = false;
	const end = (exit: ChildExit): void => {
		if (over) return;
		over = true;
		listener.onExit(exit);
	};
	child.stderr?.on("data", (data: Buffer) => {
		lastWords = (lastWords + data.toString("utf8")).slice(-LAST_WORDS_LENGTH);
	});
	child.on("message", (message) => {
		if (isFromProcess(message)) listener.onMessage(message);
	});
	child.on("error", (error) => {
		// Without a process id it never started, and no exit will follow.
		if (child.pid === undefined) end({ cause: "crashed", detail: `It could not be started: ${error.message}` });
	});
	child.on("close", (code, signal) => end(describeExit(code, signal, lastWords)));
	return {
		processId: child.pid ?? null,
		send(message) {
			// A message to a child that is going is lost with it; its exit answers for what it held.
			if (child.connected) child.send(message, () => {});
		},
		kill: () => void child.kill("SIGKILL"),
	};
}

/** Reads the cause out of an exit. */
export function describeExit(code: number | null, signal: string | null, lastWords: string): ChildExit {
	const said = lastWords.trim().length > 0 ? ` Its last words: ${lastWords.trim()}` : "";
	if (signal !== null) {
		const cause = FAULT_SIGNALS.includes(signal) ? "crashed" : "killed";
		return { cause, detail: `The inference process ended by ${signal}.${said}` };
	}
	return { cause: "crashed", detail: `The inference process ended with code ${code ?? "unknown"}.${said}` };
}
