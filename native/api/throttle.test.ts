import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createThrottle } from "./throttle.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("does what is wanted at the next turn, and then not before its time, however often it is wanted", () => {
	let runs = 0;
	const throttle = createThrottle(1_000, () => {
		runs += 1;
	});
	throttle.poke();
	throttle.poke();
	expect(runs).toBe(0);
	vi.advanceTimersByTime(0);
	expect(runs).toBe(1);
	for (let passedMs = 0; passedMs < 3_000; passedMs += 100) {
		throttle.poke();
		vi.advanceTimersByTime(100);
	}
	expect(runs).toBe(4);
	vi.advanceTimersByTime(10_000);
	expect(runs).toBe(4);
});

test("does it again for what is wanted while it is done", () => {
	let runs = 0;
	const throttle = createThrottle(1_000, () => {
		runs += 1;
		if (runs < 3) throttle.poke();
	});
	throttle.poke();
	vi.advanceTimersByTime(1_999);
	expect(runs).toBe(2);
	vi.advanceTimersByTime(10_000);
	expect(runs).toBe(3);
	expect(vi.getTimerCount()).toBe(0);
});

test("does nothing once it is stopped, until it is wanted again", () => {
	let runs = 0;
	const throttle = createThrottle(1_000, () => {
		runs += 1;
	});
	throttle.poke();
	throttle.stop();
	vi.advanceTimersByTime(5_000);
	expect([runs, vi.getTimerCount()]).toEqual([0, 0]);
	throttle.poke();
	vi.advanceTimersByTime(0);
	expect(runs).toBe(1);
});
