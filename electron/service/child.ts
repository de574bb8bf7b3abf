/**
 * One run of the service's process, from fork to exit. Owns its handle, what it says on the fork's channel and its last words. Must never
 * start anything again: whoever made it does.
 */
import type { ChildProcess, ForkOptions } from "node:child_process";
import { type ServiceMessage, type ShellMessage, serviceMessageSchema } from "../../native/contract/contract.ts";
import { endsWithin } from "../base/base.ts";
import { serviceWords } from "../words/service.ts";
import type { RunEnd } from "./restart-policy.ts";

/** Starts a Node process running a module, as `fork` of node:child_process; Electron's own one runs it by itself, as Node. */
export type ForkService = (modulePath: string, words: readonly string[], options: ForkOptions) => ChildProcess;

/** What a service says once it answers. */
export type ServiceReady = Extract<ServiceMessage, { readonly kind: "ready" }>;

/** What a run is made from. */
export interface RunDeps {
	readonly fork: ForkService;
	readonly entryPath: string;
	readonly entryWords: readonly string[];
	readonly environment: NodeJS.ProcessEnv;
	/** Folder it runs in. Never the app's own: Windows replaces no folder that a process runs in. */
	readonly workingDir: string;
	readonly limits: RunLimits;
}

/** Times of a run. */
export interface RunLimits {
	/** A ledger of millions of lines on a slow disk, after a power cut, on a computer that is just starting. */
	readonly readyMs: number;
	/** From saying that it does not start, or hanging up, to its end: it has nothing left to do. */
	readonly lingerMs: number;
}

/** What the product runs with. */
export const runLimits: RunLimits = { readyMs: 60_000, lingerMs: 20_000 };

/** What happens to a run. */
export interface RunListener {
	readonly onReady: (ready: ServiceReady) => void;
	readonly onKeepAwake: (isWanted: boolean) => void;
	/** Called once; nothing comes after it. */
	readonly onEnd: (end: RunEnd) => void;
}

/** A run. */
export interface ServiceRun {
	/** Null: it could not be started. */
	readonly pid: number | null;
	/** Resolves after `onEnd`. */
	readonly ended: Promise<void>;
	/** Asks it to end in good order. */
	ask(): void;
}

/** Output kept to tell why it ended: room for the top of a stack. */
const LAST_WORDS_LENGTH = 4_000;
/** How much of that is shown to people. */
const SHOWN_WORDS_LENGTH = 500;
/** After an exit the rest of the output comes at once, unless another process has inherited it. */
const OUTPUT_LIMIT_MS = 500;

/** Forks the service and listens to it. */
export function startRun(deps: RunDeps, listener: RunListener): ServiceRun {
	const child = deps.fork(deps.entryPath, deps.entryWords, {
		cwd: deps.workingDir,
		env: deps.environment,
		// None of the shell's own flags, such as a debugger's port.
		execArgv: [],
		stdio: ["ignore", "pipe", "pipe", "ipc"],
	});
	const words = keepLastWords(child);
	const ended = Promise.withResolvers<void>();
	let readyAtMs: number | null = null;
	let refusal: RunEnd | null = null;
	let problem = "";
	let patience = setTimeout(() => {
		problem = serviceWords.neverReady(deps.limits.readyMs / 1_000);
		child.kill("SIGKILL");
	}, deps.limits.readyMs);

	function linger(): void {
		clearTimeout(patience);
		patience = setTimeout(() => void child.kill("SIGKILL"), deps.limits.lingerMs);
	}

	function end(detail: string): void {
		clearTimeout(patience);
		const upMs = readyAtMs === null ? null : performance.now() - readyAtMs;
		listener.onEnd(
			refusal ?? { kind: "crashed", upMs, detail: [problem || detail, words.told()].filter(Boolean).join(" ") },
		);
		ended.resolve();
	}

	child.on("message", (message) => {
		const said = serviceMessageSchema.safeParse(message);
		// Words of a newer service than this shell are not for it.
		if (!said.success) return;
		switch (said.data.kind) {
			case "ready":
				clearTimeout(patience);
				readyAtMs = performance.now();
				listener.onReady(said.data);
				break;
			case "failed":
				refusal = { kind: "refused", failure: said.data.failure, message: said.data.message };
				linger();
				break;
			case "keep-awake":
				listener.onKeepAwake(said.data.isWanted);
				break;
			default:
				said.data satisfies never;
		}
	});
	child.on("disconnect", linger);
	child.on("error", (error) => {
		// Without a process id it never started, and no exit will follow.
		if (child.pid === undefined) end(serviceWords.notStarted(error.message));
	});
	child.on("exit", (code, signal) => {
		void words.complete().then(() => end(describeExit(code, signal)));
	});
	return { pid: child.pid ?? null, ended: ended.promise, ask: () => askToStop(child) };
}

function askToStop(child: ChildProcess): void {
	// A message to a child that is going is lost with it, which is what was asked for.
	if (child.connected) child.send({ kind: "stop" } satisfies ShellMessage, () => {});
	else child.kill("SIGTERM");
}

/** How it ended, in words. */
function describeExit(code: number | null, signal: string | null): string {
	return signal === null ? serviceWords.endedWith(code ?? 0) : serviceWords.killedBy(signal);
}

/** Of an uncaught error its message, without the stack below it; else the end. */
function mostTelling(text: string): string {
	const error = [...text.matchAll(/^(?:Uncaught )?\w*Error\b.*: .*$/gm)].at(-1)?.[0];
	return error?.slice(0, SHOWN_WORDS_LENGTH) ?? text.trim().slice(-SHOWN_WORDS_LENGTH);
}

/** What a child wrote last. */
interface LastWords {
	/** A sentence for people; empty: it wrote nothing. */
	told(): string;
	/** Resolves when all it wrote has come. */
	complete(): Promise<void>;
}

function keepLastWords(child: ChildProcess): LastWords {
	let text = "";
	const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
	const closed = streams.map((stream) => {
		stream.on("data", (piece: Buffer) => {
			text = (text + piece.toString("utf8")).slice(-LAST_WORDS_LENGTH);
		});
		return new Promise<void>((resolve) => stream.once("close", resolve));
	});
	return {
		told() {
			const shown = mostTelling(text);
			return shown === "" ? "" : serviceWords.lastWords(shown);
		},
		async complete() {
			await endsWithin(Promise.all(closed), OUTPUT_LIMIT_MS);
		},
	};
}
