import { expect, test } from "vitest";
import { createRates } from "./rates.ts";

function steppedClock() {
	let nowMs = 5_000;
	return { clock: { nowMs: () => nowMs, monotonicMs: () => nowMs }, advance: (ms: number) => (nowMs += ms) };
}

test("speed is counted over the last half minute", () => {
	const { clock, advance } = steppedClock();
	const rates = createRates(clock);
	for (let second = 0; second < 60; second++) {
		rates.count(second < 30 ? 100 : 2, 10);
		advance(1_000);
	}
	expect(rates.linesPerSecond()).toBeCloseTo(2, 0);
	expect(rates.tokensPerSecond()).toBeCloseTo(10, 0);
});

test("a stall shows as zero, and a reset forgets the batch before", () => {
	const { clock, advance } = steppedClock();
	const rates = createRates(clock);
	expect(rates.linesPerSecond()).toBe(0);
	rates.count(50, 50);
	advance(31_000);
	expect(rates.linesPerSecond()).toBe(0);
	rates.count(50, 50);
	rates.reset();
	expect(rates.linesPerSecond()).toBe(0);
});
