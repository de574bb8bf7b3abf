/**
 * Notices that an instance of multicast DNS has gone deaf: the group it joined is left when its adapter is taken out, and nothing
 * says so. What is sent to a group comes back to who is in it.
 */

/** Whether own questions come back. */
export interface EchoWatch {
	/** A question was sent. */
	asked(): void;
	/** Something came back. */
	heard(): void;
	/** Tells whether own questions came back once, and do not any more. Where they never did, nothing can be concluded. */
	isDeaf(): boolean;
}

/** Questions in a row that did not come back; one or two may get lost in a busy computer. */
const MOST_LOST = 3;

/** Nothing asked yet. */
export function createEchoWatch(): EchoWatch {
	let wasEverHeard = false;
	let lost = 0;
	return {
		asked() {
			lost += 1;
		},
		heard() {
			wasEverHeard = true;
			lost = 0;
		},
		isDeaf: () => wasEverHeard && lost >= MOST_LOST,
	};
}
