/** Whose turn it is: one at a time, live work first. Owns the queues. Must never know what a turn is used for. */
import type { RunOptions } from "../engine.ts";

/** Whose work it is. */
export type Priority = RunOptions["priority"];

/** Turns, handed out one by one. */
export interface Turns {
	/** Whose turn it is now; null: nobody's. */
	readonly running: Priority | null;
	/** Whether live work waits. */
	readonly isLiveWaiting: boolean;
	/** Waits for a turn; false when `signal` ended the waiting. */
	enter(priority: Priority, signal?: AbortSignal): Promise<boolean>;
	/** Ends the turn that is. */
	leave(): void;
	/** Looks again whether somebody may enter. */
	admitNext(): void;
}

/** Nobody's turn yet. `mayBatchEnter` is asked each time batch work is next. */
export function createTurns(mayBatchEnter: () => boolean): Turns {
	const queues: { readonly [P in Priority]: (() => void)[] } = { interactive: [], batch: [] };
	let running: Priority | null = null;

	const admitNext = (): void => {
		if (running !== null) return;
		const priority = queues.interactive.length > 0 ? "interactive" : "batch";
		if (priority === "batch" && !mayBatchEnter()) return;
		const enter = queues[priority].shift();
		if (enter === undefined) return;
		running = priority;
		enter();
	};

	return {
		get running() {
			return running;
		},
		get isLiveWaiting() {
			return queues.interactive.length > 0;
		},
		enter(priority, signal) {
			if (signal?.aborted) return Promise.resolve(false);
			return new Promise((resolve) => {
				const queue = queues[priority];
				const enter = (): void => {
					signal?.removeEventListener("abort", giveUp);
					resolve(true);
				};
				const giveUp = (): void => {
					queue.splice(queue.indexOf(enter), 1);
					resolve(false);
				};
				signal?.addEventListener("abort", giveUp, { once: true });
				queue.push(enter);
				admitNext();
			});
		},
		leave() {
			running = null;
			admitNext();
		},
		admitNext,
	};
}
