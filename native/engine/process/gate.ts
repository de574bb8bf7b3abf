/**
 * The gate before all passes through the model: one at a time, live work first, batch work only while the gate is open. Owns
 * whether the gate is open, what batch work did lately, and the rests between its steps. Must never stop a pass that runs.
 *
 * One at a time because passes share the same cores or the same GPU: two at once take longer than one after the other.
 */
import { setImmediate as nextEventLoopTurn } from "node:timers/promises";
import type { Clock } from "../../base/base.ts";
import { createRecentSteps, type StepsSince } from "./recent-steps.ts";
import { createRest } from "./rest.ts";
import { createTurns, type Priority } from "./turns.ts";

/** Whether work that could stop here may go on: batch work may not once somebody needs the machine, live work always may. */
export type MayGoOn = () => boolean;

/** An open or closed gate. */
export interface Gate {
	readonly isOpen: boolean;
	/**
	 * Waits for its turn and does `work`, which answers how many tokens it evaluated; null: nothing at all was done. False
	 * when `signal` ended the waiting.
	 */
	turn(priority: Priority, work: (mayGoOn: MayGoOn) => Promise<number | null>, signal?: AbortSignal): Promise<boolean>;
	/** Resolves when no batch work is in its turn, or when the gate is opened again, with the batch steps since that moment. */
	close(sinceMs: number): Promise<StepsSince>;
	open(): void;
	/** Batch turns take at most this part of the time, above 0 to 1: they rest in between, and nobody waits for that. */
	setBatchShare(fraction: number): void;
}

/** An open gate. */
export function createGate(clock: Clock): Gate {
	let isOpen = true;
	let closers: (() => void)[] = [];
	const turns = createTurns(() => isOpen);
	const recentSteps = createRecentSteps();
	const rest = createRest(clock);

	const mayBatch = (): boolean => isOpen && !turns.isLiveWaiting;
	const releaseClosers = (): void => {
		const released = closers;
		closers = [];
		for (const resolve of released) resolve();
	};
	const leave = (): void => {
		turns.leave();
		if (turns.running !== "batch") releaseClosers();
	};
	const enter = async (priority: Priority, signal: AbortSignal | undefined): Promise<boolean> => {
		if (priority === "interactive") rest.end();
		else await rest.over(signal);
		for (;;) {
			if (!(await turns.enter(priority, signal))) return false;
			if (priority === "interactive") return true;
			// A word to close the gate that is in the pipe already is to be heard before the next batch step begins.
			await nextEventLoopTurn();
			if (mayBatch()) return true;
			leave();
		}
	};

	return {
		get isOpen() {
			return isOpen;
		},
		async turn(priority, work, signal) {
			if (!(await enter(priority, signal))) return false;
			try {
				const startedMs = clock.monotonicMs();
				const tokens = await work(() => priority === "interactive" || mayBatch());
				if (priority === "batch" && tokens !== null) {
					const endedAtMs = clock.monotonicMs();
					recentSteps.add({ endedAtMs, tokens });
					rest.begin(endedAtMs - startedMs);
				}
			} finally {
				leave();
			}
			return true;
		},
		async close(sinceMs) {
			isOpen = false;
			rest.end();
			if (turns.running === "batch") await new Promise<void>((resolve) => closers.push(resolve));
			return recentSteps.since(sinceMs);
		},
		open() {
			isOpen = true;
			releaseClosers();
			turns.admitNext();
		},
		setBatchShare: rest.setShare,
	};
}
