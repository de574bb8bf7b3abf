/** What tests of the whole program share: starting the real command, waiting for what it does, killing it. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
	/** Both streams. */
	readonly output: string;
	readonly stdout: string;
}

/** Starts `nightshift ARGUMENTS` from source, with the Node that runs the tests and never on a GPU. */
export function startCommand(dataDir: string, args: readonly string[], cwd: string): StartedCommand {
	return watchProgram(commandLine(dataDir, args), cwd);
}

/** As `startCommand`, with a line typed into it. */
export function startTyping(
	dataDir: string,
	args: readonly string[],
	{ cwd, typed }: { readonly cwd: string; readonly typed: string },
): StartedCommand {
	return watchProgram(commandLine(dataDir, args), cwd, process.env, `${typed}\n`);
}

/** Starts `nightshift serve` as a user does, GPU and all, on a computer that `environment` says more of; resolves when it serves. */
export async function startServingOn(
	environment: Readonly<Record<string, string>>,
	dataDir: string,
	cwd: string,
): Promise<StartedCommand> {
	const args = ["--data-dir", dataDir, "--log-level", "debug", "serve", "--port", "0"];
	const program: readonly [string, ...string[]] = [
		process.execPath,
		join(repositoryDir, "native", "cli", "main.ts"),
		...args,
	];
	return whenServing(watchProgram(program, cwd, { ...process.env, ...environment }));
}

/** As `startCommand`, but on a terminal, where `keys` are typed once it asks something. */
export function startOnTerminal(
	dataDir: string,
	args: readonly string[],
	{ cwd, keys }: { readonly cwd: string; readonly keys: string },
): StartedCommand {
	const program = `
import os, pty, sys
keys, typed = sys.argv[1].encode(), False
def read(terminal):
    global typed
    data = os.read(terminal, 65536)
    if b"[Y/n]" in data and not typed:
        typed = True
        os.write(terminal, keys)
    return data
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[2:], read)))
`;
	return watchProgram(["python3", "-c", program, keys, ...commandLine(dataDir, args)], cwd);
}

function commandLine(dataDir: string, args: readonly string[]): readonly [string, ...string[]] {
	const main = join(repositoryDir, "native", "cli", "main.ts");
	return [process.execPath, main, "--data-dir", dataDir, "--log-level", "debug", "--no-gpu", ...args];
}

function watchProgram(
	[program, ...args]: readonly [string, ...string[]],
	cwd: string,
	env: NodeJS.ProcessEnv = process.env,
	typed?: string,
): StartedCommand {
	const child = spawn(program, args, { cwd, env, stdio: "pipe" });
	child.stdin.end(typed);
	running.add(child);
	let printed = "";
	let stdout = "";
	child.stdout.on("data", (chunk) => {
		printed += chunk;
		stdout += chunk;
	});
	child.stderr.on("data", (chunk) => {
		printed += chunk;
	});
	const ended = new Promise<EndedCommand>((resolve) => {
		child.on("close", (exitCode, signal) => {
			running.delete(child);
			resolve({ exitCode, signal, output: printed, stdout });
		});
	});
	return { process: child, ended, output: () => printed };
}

/**
 * Has batch work run whatever this computer does: other tests use its processor at the same time. Other settings are kept.
 */
export function workRegardless(dataDir: string): void {
	mkdirSync(dataDir, { recursive: true });
	const path = join(dataDir, "settings.json");
	const chosen = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
	const limits = { othersCpuPercent: null, leastFreeMemoryPercent: null, temperatureCelsius: null };
	writeFileSync(path, JSON.stringify({ ...chosen, schedule: { mode: "always" }, limits }));
}

/**
 * Starts `nightshift serve` on a free port, and resolves when it serves. Batch work runs whatever this computer does; `flags` are those
 * of the command.
 */
export async function startServing(
	dataDir: string,
	cwd: string,
	flags: readonly string[] = [],
): Promise<StartedCommand> {
	workRegardless(dataDir);
	return whenServing(startCommand(dataDir, ["serve", "--port", "0", ...flags], cwd));
}

async function whenServing(service: StartedCommand): Promise<StartedCommand> {
	const isServing = await until(
		() => service.output().includes("Nightshift serves"),
		() => service.process.exitCode !== null,
	);
	if (!isServing) throw new Error(service.output());
	return service;
}

/** The lines of a file of JSON lines. */
export function readJsonLines(path: string) {
	return readFileSync(path, "utf8")
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));
}

/** What the demo model is good for. */
export const classify =
	"Classify the support ticket as one of: billing, bug, feature_request, account, other. Reply with the label only.";

/** An OpenAI line that asks the demo model something; `body` changes what it asks. */
export function lineAsking(customId: string, ticket: string, body: object = {}): string {
	const messages = [
		{ role: "system", content: classify },
		{ role: "user", content: ticket },
	];
	const request = { custom_id: customId, method: "POST", url: "/v1/chat/completions" };
	return JSON.stringify({ ...request, body: { model: "demo", messages, temperature: 0, max_tokens: 8, ...body } });
}

/** A message with a picture, which no model here can see: its line is refused with a 400. */
export const pictureMessages = [
	{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }] },
];

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
