/**
 * Children of the bench: started, watched for an early death, and killed for certain, also on Ctrl-C. Must never know what
 * program it runs.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { err, ok, type Result } from "../../native/base/base.ts";

/** A program with its output in a log file. */
export interface LoggedProcess {
	/** null: it could not be started. */
	readonly processId: number | null;
	/** Exit code, or null where a signal ended it; resolves once. */
	readonly ended: Promise<number | null>;
	/** Ends it at once; resolves when it is gone. */
	kill(): Promise<void>;
}

/** Where processes have groups, a child leads its own, so that what it started (a build's compilers) goes with it. */
const hasGroups = process.platform !== "win32";
/** Linux counts processor time in hundredths of a second towards programs (USER_HZ), whatever its own clock. */
const ticksPerSecond = 100;
const children = new Set<ChildProcess>();

/** Kills every child when this process ends, however it ends; Ctrl-C ends it with code 130. */
export function killChildrenAtExit(): void {
	process.on("exit", () => {
		for (const child of children) killTree(child);
	});
	for (const [signal, code] of [
		["SIGINT", 130],
		["SIGTERM", 143],
	] as const) {
		process.on(signal, () => process.exit(code));
	}
}

function killTree(child: ChildProcess): void {
	if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
	if (hasGroups) process.kill(-child.pid, "SIGKILL");
	else child.kill("SIGKILL");
}

/** Processor time a process has used so far, in seconds; null where the system has no /proc. */
export function processorSeconds(processId: number | null): number | null {
	if (processId === null || process.platform !== "linux") return null;
	// The program's name, in brackets, may hold spaces; what follows it starts with field 3 (proc_pid_stat(5)).
	const stat = readFileSync(`/proc/${processId}/stat`, "utf8");
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Starts a program and keeps what it prints in `logPath`. */
export function startLogged(
	program: string,
	args: readonly string[],
	logPath: string,
	environment: NodeJS.ProcessEnv = {},
): LoggedProcess {
	const env = { ...process.env, ...environment };
	const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], detached: hasGroups });
	const log = createWriteStream(logPath);
	child.stdout.pipe(log, { end: false });
	child.stderr.pipe(log, { end: false });
	children.add(child);
	const ended = new Promise<number | null>((resolve) => {
		child.on("error", (error) => {
			log.end(`${error.message}\n`);
			children.delete(child);
			resolve(null);
		});
		child.on("close", (code) => {
			log.end();
			children.delete(child);
			resolve(code);
		});
	});
	return {
		processId: child.pid ?? null,
		ended,
		kill: async () => {
			killTree(child);
			await ended;
		},
	};
}

/** Runs a program to its end and gives what it printed; the error says how it ended. */
export function runToEnd(program: string, args: readonly string[]): Promise<Result<string, string>> {
	const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], detached: hasGroups });
	children.add(child);
	const output: Buffer[] = [];
	const complaints: Buffer[] = [];
	child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
	child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
	return new Promise((resolve) => {
		child.on("error", (error) => {
			children.delete(child);
			resolve(err(`${program} could not be started: ${error.message}`));
		});
		child.on("close", (code, signal) => {
			children.delete(child);
			if (code === 0) {
				resolve(ok(Buffer.concat(output).toString("utf8")));
				return;
			}
			const lastWords = Buffer.concat(complaints).toString("utf8").trim().split("\n").slice(-5).join("\n");
			resolve(err(`${program} ended with ${signal ?? `code ${code}`}: ${lastWords}`));
		});
	});
}

/** A TCP port free on the loopback interface a moment ago. */
export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.on("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() => {
				if (address === null || typeof address === "string") reject(new Error("a TCP server has no port"));
				else resolve(address.port);
			});
		});
	});
}
