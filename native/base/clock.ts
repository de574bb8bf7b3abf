/** Source of time, passed in so that tests can drive it. */
export interface Clock {
	/** Wall time in Unix milliseconds: for timestamps people and other programs read. */
	nowMs(): number;
	/** Monotonic milliseconds: for durations; unaffected by clock changes. */
	monotonicMs(): number;
}

/** The machine's own clocks. */
export const systemClock: Clock = {
	nowMs: () => Date.now(),
	monotonicMs: () => performance.now(),
};
