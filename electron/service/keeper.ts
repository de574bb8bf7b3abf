/** Keeps the service running: starts it, and starts it again by `restart-policy.ts`, until it lets go of it. */
import childProcess from "node:child_process";
import { homedir } from "node:os";
import type { ServicePhase } from "../state/state.ts";
import { type ForkService, type RunLimits, type ServiceReady, type ServiceRun, startRun } from "./child.ts";
import { serviceEnvironment } from "./environment.ts";
import { afterEnd, freshHistory, type RunEnd } from "./restart-policy.ts";

/** What it is made from. */
export interface KeeperDeps {
	/** Where `native/main` lies. */
	readonly entryPath: string;
	/** Words to the entry; none in the product. */
	readonly entryWords?: readonly string[];
	/** The shell's own; the service gets what `serviceEnvironment` leaves of it. */
	readonly environment: NodeJS.ProcessEnv;
	/** By default that of node:child_process, as Electron has replaced it. */
	readonly fork?: ForkService;
}

/** Electron puts a `fork` of its own onto the module, which runs the app's own binary as Node: looked up when it is called. */
const forkNow: ForkService = (modulePath, words, options) => childProcess.fork(modulePath, words, options);

/** Keeps the service running until it lets go of it. */
export interface Keeper {
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

/** Makes it; nothing runs yet. `become` hears of every phase, `keepAwake` of every change of what the service wants. */
export function createKeeper(
	{ fork = forkNow, entryPath, entryWords = [], environment: shells }: KeeperDeps,
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
