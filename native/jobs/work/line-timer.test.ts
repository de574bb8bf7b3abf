import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLineTimer, type LineTimerDeps } from "./line-timer.ts";

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

const clock = { nowMs: () => Date.now(), monotonicMs: () => Date.now() };

function timerOf(changes: Partial<LineTimerDeps> = {}) {
	return createLineTimer({
		limitSeconds: 5,
		stop: new AbortController().signal,
		clock,
		frozenMs: () => 0,
		...changes,
	});
}

test("time counts from the start in a lane, not from waiting for one", async () => {
	const timer = timerOf();
	await vi.advanceTimersByTimeAsync(60_000);
	expect(timer.begin()).toBe(true);
	expect(timer.begin()).toBe(false);
	await vi.advanceTimersByTimeAsync(4_999);
	expect(timer.signal.aborted).toBe(false);
	await vi.advanceTimersByTimeAsync(60);
	expect(timer.signal.aborted).toBe(true);
	expect(timer.end()).toMatchObject({ isTimeUp: true });
});

test("a line is not charged for the time it was frozen", async () => {
	let frozenMs = 0;
	const timer = timerOf({ frozenMs: () => frozenMs });
	timer.begin();
	await vi.advanceTimersByTimeAsync(4_000);
	for (let second = 0; second < 60; second++) {
		frozenMs += 1_000;
		await vi.advanceTimersByTimeAsync(1_000);
	}
	expect(timer.signal.aborted).toBe(false);
	await vi.advanceTimersByTimeAsync(1_100);
	expect(timer.signal.aborted).toBe(true);
});

test("a line that ended in time is not ended any more", async () => {
	const timer = timerOf();
	timer.begin();
	await vi.advanceTimersByTimeAsync(2_000);
	expect(timer.end()).toEqual({ ranMs: 2_000, isTimeUp: false });
	await vi.advanceTimersByTimeAsync(60_000);
	expect(timer.signal.aborted).toBe(false);
});

test("a line that is stopped with all others did not run out of time", async () => {
	const stop = new AbortController();
	const timer = timerOf({ stop: stop.signal });
	timer.begin();
	await vi.advanceTimersByTimeAsync(1_000);
	stop.abort();
	expect(timer.signal.aborted).toBe(true);
	expect(timer.end()).toEqual({ ranMs: 1_000, isTimeUp: false });
	expect(timerOf({ stop: stop.signal }).signal.aborted).toBe(true);
});
