import { expect, test } from "vitest";
import { sampleLine } from "../testing.ts";
import { createPending } from "./pending.ts";

function steppedClock() {
	let nowMs = 5_000;
	return { clock: { nowMs: () => nowMs, monotonicMs: () => nowMs }, pass: (ms: number) => (nowMs += ms) };
}

test("no more lines run at once than asked, in the order they came", () => {
	const pending = createPending(2, steppedClock().clock);
	pending.add([sampleLine(0), sampleLine(1), sampleLine(2)]);
	expect(pending.take(0)?.line).toBe(0);
	expect(pending.take(1)?.line).toBe(1);
	expect(pending.take(2)).toBeNull();
	expect(pending.take(1)?.line).toBe(2);
	expect(pending.isEmpty).toBe(true);
});

test("a suspect waits until nothing runs, holds everything up and runs alone", () => {
	const pending = createPending(4, steppedClock().clock);
	pending.add([sampleLine(0), sampleLine(1, { crashes: 1 })]);
	expect(pending.isShort).toBe(false);
	expect(pending.take(1)).toBeNull();
	expect(pending.take(0)?.line).toBe(1);
	expect(pending.take(1)).toBeNull();
	expect(pending.take(0)?.line).toBe(0);
});

test("a line that must wait lets others run meanwhile, then goes first", () => {
	const { clock, pass } = steppedClock();
	const pending = createPending(4, clock);
	pending.add([sampleLine(0), sampleLine(1)]);
	pending.putBack(sampleLine(7), "suspect", 1_000);
	pending.putBack(sampleLine(8), "innocent", 2_000);
	expect(pending.waitMs()).toBe(1_000);
	expect(pending.take(0)?.line).toBe(0);
	pass(1_000);
	expect(pending.take(1)).toBeNull();
	expect(pending.take(0)?.line).toBe(7);
	expect(pending.waitMs()).toBe(1_000);
	pass(1_000);
	expect(pending.take(0)?.line).toBe(8);
	expect(pending.take(1)?.line).toBe(1);
	expect(pending.isEmpty).toBe(true);
	expect(pending.waitMs()).toBeNull();
});
