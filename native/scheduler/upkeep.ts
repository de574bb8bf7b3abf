/** What goes with batch work besides running it: how closely the computer is looked at, and whether it may sleep. */
import type { Clock, Log } from "../base/base.ts";
import type { Verdict } from "../contract/contract.ts";
import type { Residency } from "../engine/residency.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { LookPace, Machine, WakeAnswer, Wakefulness } from "../machine/machine.ts";
import type { Settings } from "../settings/settings.ts";
import { createSleeper, sleepWishes } from "./sleep.ts";

/** What it is made from. */
export interface UpkeepDeps {
	readonly machine: Pick<Machine, "snapshot" | "setPace">;
	readonly residency: Pick<Residency, "models">;
	readonly jobs: Pick<Jobs, "hasWork">;
	readonly settings: Pick<Settings, "current">;
	readonly wakefulness: Wakefulness;
	readonly clock: Clock;
	readonly log: Log;
}

/** Keeps both as they have to be. */
export interface Upkeep {
	/** To be called often. `isFresh`: the verdict goes by what the computer is now; sleep is left as it is otherwise. */
	attend(verdict: Verdict, isFresh: boolean): void;
	/** How the last wish about sleep was answered; null: there was none. */
	readonly wakeAnswer: WakeAnswer | null;
	/** Lets the computer sleep. */
	stop(): Promise<void>;
}

/** Builds it. */
export function createUpkeep(deps: UpkeepDeps): Upkeep {
	const { machine, residency, jobs, settings, clock } = deps;
	const sleeper = createSleeper(deps);
	let pace: LookPace | null = null;

	/** Closely only where there is something to stop, or to begin. */
	function keepPace(hasWork: boolean): void {
		const isAtWork = hasWork || residency.models.some(({ batchUsers }) => batchUsers > 0);
		const next = isAtWork ? "closely" : "seldom";
		if (next !== pace) machine.setPace(next);
		pace = next;
	}

	return {
		attend(verdict, isFresh) {
			const hasWork = jobs.hasWork();
			keepPace(hasWork);
			if (!isFresh) return;
			const { supply } = machine.snapshot.power;
			sleeper.wish(sleepWishes({ nowMs: clock.nowMs(), settings: settings.current, verdict, hasWork, supply }));
		},
		get wakeAnswer() {
			return sleeper.answer;
		},
		stop: sleeper.stop,
	};
}
