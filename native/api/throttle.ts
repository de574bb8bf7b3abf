/** Does something soon after it is wanted, and not more often than so. */

/** Work that many ask for and that is done for all of them together. */
export interface Throttle {
	/** It is wanted: done at the next turn, or as soon as the last time is long enough ago. */
	poke(): void;
	/** Nothing is done any more until the next `poke`. */
	stop(): void;
}

/** Runs `run` at most once every `leastMs`. Holds a timer only while somebody wants it or did a moment ago. */
export function createThrottle(leastMs: number, run: () => void): Throttle {
	let timer: NodeJS.Timeout | undefined;
	let isWanted = false;

	function fire(): void {
		isWanted = false;
		timer = setTimeout(rest, leastMs);
		run();
	}

	function rest(): void {
		timer = undefined;
		if (isWanted) fire();
	}

	return {
		poke() {
			if (timer === undefined) timer = setTimeout(fire, 0);
			else isWanted = true;
		},
		stop() {
			clearTimeout(timer);
			timer = undefined;
			isWanted = false;
		},
	};
}
