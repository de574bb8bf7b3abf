/**
 * The service's process under the shell: starts it, notices its end, starts it again by `restart-policy.ts`, and ends it with all it has
 * started. Owns the process and the key to it; must never know what the service does, nor print the key.
 */
import childProcess from "node:child_process";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import type { ServicePhase } from "../state/state.ts";
import { type ForkService, type RunLimits, runLimits, type ServiceReady, type ServiceRun, startRun } from "./child.ts";
import { type EndLimits, endLimits, endTree } from "./end-tree.ts";
import { serviceEnvironment } from "./environment.ts";
import { createListeners } from "./listeners.ts";
import type { ProcessRow } from "./process-list.ts";
import { createProcessTrees, type ProcessTrees } from "./process-tree.ts";
import { afterEnd, freshHistory, type RunEnd } from "./restart-policy.ts";

/** What it is made from. */
export interface ServiceProcessDeps {
	/** Where `native/main` lies; by default where this build has it. */
	readonly entryPath?: string;
	/** Words to the entry; none in the product. */
	readonly entryWords?: readonly string[];
	/** The shell's own; the service gets what `serviceEnvironment` leaves of it. */
	readonly environment: NodeJS.ProcessEnv;
	readonly platform: NodeJS.Platform;
	/** By default that of node:child_process, as Electron has replaced it. */
	readonly fork?: ForkService;
	/** By default those of the platform. */
	readonly trees?: ProcessTrees;
	/** Shorter in tests. */
	readonly limits?: RunLimits & EndLimits;
}

/** The service's process. */
export interface ServiceProcess {
	readonly phase: ServicePhase;
	/** Where it answers and by which token; null: it is not up. */
	readonly ready: ServiceReady | null;
	/** Calls at every change of phase. Answers a function that ends it. */
	watch(listener: (phase: ServicePhase) => void): () => void;
	/** Calls when the service wants the computer kept awake or no longer does; a service that ended does not. Answers a function that ends it. */
	onKeepAwake(listener: (isWanted: boolean) => void): () => void;
	/** Starts it, unless it is started already or will be. */
	start(): Promise<void>;
	/** Ends it where it runs, forgets what went wrong, and starts it. Resolves when it is starting. */
	restart(): Promise<void>;
	/** Ends it and all it has started. Resolves when every process is gone, or can't be ended by anybody. */
	stop(): Promise<void>;
	/** Processes of the service that run now: it, its inference processes, and what an end left behind. */
	pids(): Promise<readonly number[]>;
}

/** Where `native/main` lies, in the form this file itself has: source or compiled. */
export function serviceEntryPath(): string {
	const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
	return fileURLToPath(new URL(`../../native/main.${extension}`, import.meta.url));
}

/** Makes it; nothing runs yet. */
export function createServiceProcess(deps: ServiceProcessDeps): ServiceProcess {
	const { platform, trees = createProcessTrees(platform) } = deps;
	const limits = deps.limits ?? { ...runLimits, ...endLimits };
	const phases = createListeners<ServicePhase>();
	const wakers = createListeners<boolean>();
	let phase: ServicePhase = { kind: "starting" };
	/** Processes that an end could not end. */
	let left: readonly ProcessRow[] = [];
	let last: Promise<void> = Promise.resolve();

	function become(next: ServicePhase): void {
		phase = next;
		phases.tell(next);
	}

	const keeper = createKeeper(deps, limits, become, wakers.tell);

	async function end(): Promise<void> {
		const run = keeper.letGo();
		if (run === null || run.pid === null) return;
		left = [...left, ...(await endTree({ ...run, pid: run.pid, trees, limits }))];
	}

	/** One word after the other, so that the last one holds. */
	function inTurn(word: () => Promise<void>): Promise<void> {
		const done = last.then(word);
		// What went wrong with one is for whoever said it, and no reason not to hear the next.
		last = done.catch(() => {});
		return done;
	}

	return {
		get phase() {
			return phase;
		},
		get ready() {
			return keeper.ready;
		},
		watch: phases.join,
		onKeepAwake: wakers.join,
		start: () => inTurn(async () => keeper.start()),
		restart: () =>
			inTurn(async () => {
				const ending = end();
				become({ kind: "starting" });
				await ending;
				keeper.startAnew();
			}),
		stop: () =>
			inTurn(async () => {
				const ending = end();
				// At once: from now on it answers nobody.
				become({ kind: "stopped" });
				await ending;
			}),
		async pids() {
			const running = keeper.pid === null ? [] : await trees.of(keeper.pid);
			left = await trees.alive(left);
			return [...running, ...left].map(({ pid }) => pid);
		},
	};
}

/** Electron puts a `fork` of its own onto the module, which runs the app's own binary as Node: looked up when it is called. */
const forkNow: ForkService = (modulePath, words, options) => childProcess.fork(modulePath, words, options);

/** Keeps the service running until it lets go of it. */
interface Keeper {
	/** Of the run at hand; null: there is none. */
	readonly pid: number | null;
	readonly ready: ServiceReady | null;
	/** Starts it, unless it runs or is about to. */
	start(): void;
	/** Starts it as if nothing had ever gone wrong. There must be no run at hand. */
	startAnew(): void;
	/** Hands over the run at hand: nothing follows its end. */
	letGo(): ServiceRun | null;
}

function createKeeper(
	{ fork = forkNow, entryPath = serviceEntryPath(), entryWords = [], environment: shells }: ServiceProcessDeps,
	limits: RunLimits,
	become: (phase: ServicePhase) => void,
	keepAwake: (isWanted: boolean) => void,
): Keeper {
	const environment = serviceEnvironment(shells, process.cwd());
	let run: ServiceRun | null = null;
	let ready: ServiceReady | null = null;
	let history = freshHistory;
	let again: NodeJS.Timeout | undefined;

	function launch(): void {
		again = undefined;
		become({ kind: "starting" });
		let isAwake = false;
		function wake(isWanted: boolean): void {
			if (isWanted !== isAwake) keepAwake(isWanted);
			isAwake = isWanted;
		}
		const started = startRun(
			{ fork, entryPath, entryWords, environment, workingDir: homedir(), limits },
			{
				onReady(message) {
					// Of a run that is being ended nobody wants to hear that it begins.
					if (run !== started) return;
					ready = message;
					become({ kind: "up", url: message.url, version: message.version });
				},
				onKeepAwake: wake,
				onEnd(end) {
					wake(false);
					if (run === started) attend(end);
				},
			},
		);
		run = started;
	}

	/** Sees to an end that nobody asked for. */
	function attend(end: RunEnd): void {
		run = null;
		ready = null;
		const { decision, history: next } = afterEnd(history, end, performance.now());
		history = next;
		switch (decision.kind) {
			case "restart":
				again = setTimeout(launch, decision.delayMs);
				become({ kind: "restarting", attempt: decision.attempt, delayMs: decision.delayMs });
				break;
			case "give-up":
				become({ kind: "given-up", message: decision.message });
				break;
			default:
				decision satisfies never;
		}
	}

	return {
		get pid() {
			return run?.pid ?? null;
		},
		get ready() {
			return ready;
		},
		start() {
			if (run === null && again === undefined) launch();
		},
		startAnew() {
			history = freshHistory;
			launch();
		},
		letGo() {
			clearTimeout(again);
			again = undefined;
			const handedOver = run;
			run = null;
			ready = null;
			return handedOver;
		},
	};
}
