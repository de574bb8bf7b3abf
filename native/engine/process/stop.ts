/** Finds stop texts in a growing answer. Pure: knows nothing of tokens or lanes. */

/** What one more piece of text gave. */
export interface StopStep {
	/** Text that is certain to belong to the answer. */
	readonly text: string;
	/** The stop text that was found; the answer ends before it. */
	readonly stopText: string | null;
}

/** Withholds text for as long as it could be the start of a stop text. */
export interface StopMatcher {
	push(piece: string): StopStep;
	/** Gives back what was withheld; for an answer that ended for another reason. */
	flush(): string;
}

/** Watches for any of `stops`; the earliest in the text wins, at the same place the longest. Empty stops never match. */
export function createStopMatcher(stops: readonly string[]): StopMatcher {
	const wanted = stops.filter((stop) => stop.length > 0);
	let held = "";
	return {
		push(piece) {
			if (wanted.length === 0) return { text: piece, stopText: null };
			const text = held + piece;
			const found = findFirst(text, wanted);
			if (found !== null) {
				held = "";
				return { text: text.slice(0, found.index), stopText: found.stop };
			}
			const heldLength = longestOpenSuffix(text, wanted);
			held = text.slice(text.length - heldLength);
			return { text: text.slice(0, text.length - heldLength), stopText: null };
		},
		flush() {
			const rest = held;
			held = "";
			return rest;
		},
	};
}

function findFirst(text: string, stops: readonly string[]): { index: number; stop: string } | null {
	let best: { index: number; stop: string } | null = null;
	for (const stop of stops) {
		const index = text.indexOf(stop);
		if (index < 0) continue;
		if (best === null || index < best.index || (index === best.index && stop.length > best.stop.length)) {
			best = { index, stop };
		}
	}
	return best;
}

/** Length of the longest end of `text` that is a proper beginning of one of `markers`; 0 when there is none. */
export function longestOpenSuffix(text: string, markers: readonly string[]): number {
	let longest = 0;
	for (const marker of markers) {
		for (let length = Math.min(marker.length - 1, text.length); length > longest; length--) {
			if (text.endsWith(marker.slice(0, length))) {
				longest = length;
				break;
			}
		}
	}
	return longest;
}
