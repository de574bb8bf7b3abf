/**
 * The one place for an inference process: at most one is there or about to start. Owns the child and the wait before it. Must
 * never decide when to start one.
 */
import { type Child, type ChildListener, type ForkProcess, startChild } from "./child.ts";
import type { ToProcess } from "./process/protocol.ts";

/** A place that may be empty. */
export interface Slot {
	readonly processId: number | null;
	/** Resolves when the process started last has ended and its memory is free; at once when there was none. */
	readonly ended: Promise<void>;
	/** Starts a process; the listener hears it until it ends or the slot is cleared. */
	start(listener: ChildListener): void;
	/** Calls `start` after `waitMs`, unless the slot is cleared before. */
	startLater(start: () => void, waitMs: number): void;
	/** Said to the process that is there; lost when there is none. */
	send(message: ToProcess): void;
	/** Kills what is there, unheard, and forgets what was about to start. */
	clear(): void;
}

/** An empty place. */
export function createSlot(fork: ForkProcess): Slot {
	let child: Child | null = null;
	let timer: NodeJS.Timeout | null = null;
	let ended: Promise<void> = Promise.resolve();

	return {
		get processId() {
			return child?.processId ?? null;
		},
		get ended() {
			return ended;
		},
		start(listener) {
			let markEnded = (): void => {};
			ended = new Promise((resolve) => {
				markEnded = resolve;
			});
			const mine = startChild(fork, {
				onMessage(message) {
					if (child === mine) listener.onMessage(message);
				},
				onExit(exit) {
					markEnded();
					if (child !== mine) return;
					child = null;
					listener.onExit(exit);
				},
			});
			child = mine;
		},
		startLater(start, waitMs) {
			timer = setTimeout(start, waitMs);
		},
		send: (message) => child?.send(message),
		clear() {
			if (timer !== null) clearTimeout(timer);
			timer = null;
			const old = child;
			child = null;
			old?.kill();
		},
	};
}
