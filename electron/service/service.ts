/**
 * The service's process under the shell: starts it, notices its end, starts it again by `restart-policy.ts`, and ends it with all it has
 * started. Owns the process and the key to it; must never know what the service does, nor print the key.
 */
import { createListeners } from "../base/base.ts";
import type { ServicePhase } from "../state/state.ts";
import { type RunLimits, runLimits, type ServiceReady } from "./child.ts";
import { type EndLimits, endLimits, endTree } from "./end-tree.ts";
import { createKeeper, type KeeperDeps } from "./keeper.ts";
import type { ProcessRow } from "./process-list.ts";
import { createProcessTrees, type ProcessTrees } from "./process-tree.ts";

/** What it is made from. */
export interface ServiceProcessDeps extends KeeperDeps {
	readonly platform: NodeJS.Platform;
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
