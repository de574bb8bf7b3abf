/** What tests of the service under a shell share: forking it as a shell does, hearing what it says, killing what is left. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type ServiceMessage, serviceMessageSchema } from "./contract/contract.ts";

/** Entry of the service under a shell. */
export const mainPath = fileURLToPath(new URL("./main.ts", import.meta.url));

/** A forked service. */
export interface ForkedService {
	readonly process: ChildProcess;
	/** All it said so far, in order. */
	readonly said: readonly ServiceMessage[];
	/** What it wrote so far, both streams. */
	output(): string;
	/** Its first message. */
	readonly first: Promise<ServiceMessage>;
	/** Resolves at its end with exit code and signal. */
	readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>;
}

/** Everything forked and not ended yet. */
const running = new Set<ChildProcess>();

/** Kills what a test left running. */
export function killForked(): void {
	for (const child of running) child.kill("SIGKILL");
}

/** Forks the service on a folder, on a free port and never on a GPU. */
export function forkService(dataDir: string): ForkedService {
	const words = ["--data-dir", dataDir, "--port", "0", "--no-gpu", "--log-level", "debug"];
	const child = fork(mainPath, words, { execArgv: [], stdio: ["ignore", "pipe", "pipe", "ipc"] });
	running.add(child);
	const said: ServiceMessage[] = [];
	let written = "";
	const first = Promise.withResolvers<ServiceMessage>();
	child.on("message", (message) => {
		const parsed = serviceMessageSchema.parse(message);
		said.push(parsed);
		first.resolve(parsed);
	});
	for (const stream of [child.stdout, child.stderr]) stream?.on("data", (piece) => (written += String(piece)));
	// Node tells no `close` of a child whose channel this side has closed.
	const ended = once(child, "exit").then(([code, signal]): readonly [number | null, NodeJS.Signals | null] => {
		running.delete(child);
		first.reject(new Error(`It ended before it said anything: ${written}`));
		return [code, signal];
	});
	// Who looks at the end only does not look at the first message.
	first.promise.catch(() => {});
	return { process: child, said, output: () => written, first: first.promise, ended };
}
