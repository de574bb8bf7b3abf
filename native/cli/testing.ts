/** What tests of the whole program share: starting the real command, waiting for what it does, killing it. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const repositoryDir = fileURLToPath(new URL("../..", import.meta.url));
/** A thousand lines for the demo model. */
export const ticketsPath = join(repositoryDir, "assets", "examples", "tickets.jsonl");

/** A started `nightshift` command. */
export interface StartedCommand {
	readonly process: ChildProcess;
	/** Resolves at its end. */
	readonly ended: Promise<EndedCommand>;
	/** What it printed so far, both streams. */
	output(): string;
}

/** Everything started and not ended yet, so that a failed test leaves nothing running. */
const running = new Set<ChildProcess>();

/** Kills what a test left running. */
export function killLeftovers(): void {
	for (const child of running) child.kill("SIGKILL");
}

/** How a command ended. */
export interface EndedCommand {
	readonly exitCode: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly output: string;
}

/** Starts `nightshift ARGUMENTS` from source, with the Node that runs the tests and never on a GPU. */
export function startCommand(dataDir: string, args: readonly string[], cwd: string): StartedCommand {
	const main = join(repositoryDir, "native", "cli", "main.ts");
	const globals = ["--data-dir", dataDir, "--log-level", "debug", "--no-gpu"];
	const child = spawn(process.execPath, [main, ...globals, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
	running.add(child);
	let printed = "";
	child.stdout.on("data", (chunk) => {
		printed += chunk;
	});
	child.stderr.on("data", (chunk) => {
		printed += chunk;
	});
	const ended = new Promise<EndedCommand>((resolve) => {
		child.on("close", (exitCode, signal) => {
			running.delete(child);
			resolve({ exitCode, signal, output: printed });
		});
	});
	return { process: child, ended, output: () => printed };
}

/** Process ids of the children of a process, here the inference process. */
export function childrenOf(pid: number): readonly number[] {
	try {
		return execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" })
			.trim()
			.split("\n")
			.map(Number);
	} catch {
		// pgrep answers 1 when there are none.
		return [];
	}
}

/** One "line started" record of the service's log. */
export interface LineStart {
	readonly batch: string;
	readonly line: number;
}

/** Every start of a line the service wrote down, oldest first. A record cut off by a kill is left out. */
export function lineStarts(dataDir: string): readonly LineStart[] {
	const path = join(dataDir, "nightshift.log");
	if (!existsSync(path)) return [];
	return readFileSync(path, "utf8")
		.split("\n")
		.filter((record) => record.includes('"msg":"line started"') && record.endsWith("}"))
		.map((record) => JSON.parse(record));
}

/** How often a condition is looked at. */
const POLL_MS = 5;

/** Waits until the condition holds or `orElse` does; answers which. The test's own time limit ends it otherwise. */
export async function until(condition: () => boolean, orElse: () => boolean = () => false): Promise<boolean> {
	for (;;) {
		if (condition()) return true;
		if (orElse()) return false;
		await setTimeout(POLL_MS);
	}
}
