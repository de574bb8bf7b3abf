/** Whether an installed pack works here, found out in a process of its own, and remembered for a while. */
import type { Clock } from "../../base/base.ts";
import type { Backend } from "../backends.ts";
import type { PackModule } from "../process/protocol.ts";

/** What came of trying a pack. */
export interface Verdict {
	readonly works: boolean;
	/** For people. */
	readonly words: string;
}

/** Tries a pack. */
export interface Trial {
	/** Null: not known yet, or not any more. */
	readonly verdict: Verdict | null;
	/** Tries it, now or after the trial that is on. Resolves when its verdict is there. */
	run(modules: readonly PackModule[]): Promise<void>;
	/** The same unless a verdict that is fresh enough is there. */
	refresh(modules: readonly PackModule[]): void;
	/** There is nothing to try any more. */
	forget(): void;
}

/** A driver or a library that was missing may have been installed since; as often as absent sources of the machine are asked again. */
const KEPT_MS = 10 * 60_000;

/** Nothing is known yet. */
export function createTrial(deps: {
	readonly tryBackend: (modules: readonly PackModule[]) => Promise<Pick<Backend, "state" | "detail">>;
	readonly clock: Clock;
	readonly onVerdict: () => void;
}): Trial {
	let verdict: Verdict | null = null;
	let triedAtMs = Number.NEGATIVE_INFINITY;
	let running: Promise<void> = Promise.resolve();
	let round = 0;

	function run(modules: readonly PackModule[]): Promise<void> {
		const own = ++round;
		triedAtMs = deps.clock.monotonicMs();
		running = running.then(async () => {
			// Whoever asked later asks about what is here by then.
			if (own !== round) return;
			const { state, detail } = await deps.tryBackend(modules);
			if (own !== round) return;
			verdict = { works: state === "loads", words: detail };
			deps.onVerdict();
		});
		return running;
	}

	return {
		get verdict() {
			return verdict;
		},
		run,
		refresh(modules) {
			// What works is noticed to fail when it is used.
			if (verdict?.works === true || deps.clock.monotonicMs() - triedAtMs < KEPT_MS) return;
			void run(modules);
		},
		forget() {
			round++;
			verdict = null;
			triedAtMs = Number.NEGATIVE_INFINITY;
		},
	};
}
