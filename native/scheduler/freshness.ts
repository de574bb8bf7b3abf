/**
 * Whether what is known of this computer is fresh enough to let work run by it. It is not before the first look, and not after
 * the computer slept: nobody knows what was begun before it.
 */
import type { Clock, Log } from "../base/base.ts";
import type { Machine } from "../machine/machine.ts";

/** What it is made from. */
export interface FreshnessDeps {
	readonly machine: Pick<Machine, "look">;
	readonly clock: Clock;
	readonly log: Log;
	/** A look has ended that was begun after the doubt. */
	readonly onFresh: () => void;
}

/** Keeps whether the last look may be gone by. */
export interface Freshness {
	readonly isFresh: boolean;
	/** Looks anew; not fresh until that has ended. */
	doubt(): void;
	/** To be called every second or so: notices that the computer slept, and looks again where a look failed. */
	tick(): void;
}

/** Ticks that come later than this mean that this process did not run: it was halted, or the computer slept. */
const LONGEST_GAP_MS = 60_000;
/** Where the monotonic clock stands still in sleep, the wall clock runs ahead of it. */
const LONGEST_DRIFT_MS = 30_000;
/** A look that fails is a mistake of ours; trying at each tick would fill the log with it. */
const LOOK_AGAIN_MS = 5_000;

/** Builds it; not fresh until `doubt` was called and answered. */
export function createFreshness({ machine, clock, log, onFresh }: FreshnessDeps): Freshness {
	let isFresh = false;
	let ticked = momentOf(clock);
	/** Looks under way; only the end of the last one counts. */
	let doubts = 0;
	let answered = 0;
	let failedMs: number | null = null;

	async function look(doubt: number): Promise<void> {
		const hasLooked = await succeeds(machine, log);
		answered = Math.max(answered, doubt);
		failedMs = hasLooked ? null : clock.monotonicMs();
		if (!hasLooked || doubt !== doubts) return;
		isFresh = true;
		onFresh();
	}

	function doubt(): void {
		isFresh = false;
		doubts++;
		void look(doubts);
	}

	return {
		get isFresh() {
			return isFresh;
		},
		doubt,
		tick() {
			const now = momentOf(clock);
			const passedMs = now.monotonicMs - ticked.monotonicMs;
			const driftMs = Math.abs(now.wallMs - ticked.wallMs - passedMs);
			ticked = now;
			const isDue = answered === doubts && failedMs !== null && now.monotonicMs - failedMs >= LOOK_AGAIN_MS;
			if (passedMs > LONGEST_GAP_MS || driftMs > LONGEST_DRIFT_MS || (!isFresh && isDue)) doubt();
		},
	};
}

async function succeeds(machine: Pick<Machine, "look">, log: Log): Promise<boolean> {
	try {
		await machine.look();
		return true;
	} catch (error) {
		log.error({ error }, "looking at this computer failed; batch work waits");
		return false;
	}
}

function momentOf(clock: Clock): { readonly wallMs: number; readonly monotonicMs: number } {
	return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
}
