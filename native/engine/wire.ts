/**
 * The line to the inference process, while there is one. Owns the ids of what is said over it. Must never know what that
 * means.
 */
import type { ToProcess } from "./process/protocol.ts";

/** A line that may be down. */
export interface Wire {
	readonly isUp: boolean;
	/** An id no message before had. */
	nextId(): number;
	/** Says it to the process; while the line is down nobody hears it. */
	send(message: ToProcess): void;
	up(send: (message: ToProcess) => void): void;
	down(): void;
}

/** A line that is down. */
export function createWire(): Wire {
	let peer: ((message: ToProcess) => void) | null = null;
	let lastId = 0;
	return {
		get isUp() {
			return peer !== null;
		},
		nextId: () => ++lastId,
		send: (message) => peer?.(message),
		up(send) {
			peer = send;
		},
		down() {
			peer = null;
		},
	};
}
