/** Source of time, passed in so that tests can drive it. */
export interface Clock {
	/** Wall time in Unix milliseconds: for timestamps people and other programs read. */
	nowMs(): number;
	/**
	 * Monotonic milliseconds: for durations; unaffected by clock changes. All processes of this machine count from the same
	 * moment, so that a moment told by one means the same to another.
	 */
	monotonicMs(): number;
}

const NANOSECONDS_PER_MILLISECOND = 1e6;

/** The machine's own clocks. */
export const systemClock: Clock = {
	nowMs: () => Date.now(),
	monotonicMs: () => Number(process.hrtime.bigint()) / NANOSECONDS_PER_MILLISECOND,
};
