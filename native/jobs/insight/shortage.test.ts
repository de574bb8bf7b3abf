import { expect, test } from "vitest";
import type { ShortOfMemory } from "../../engine/residency.ts";
import { createShortageWatch } from "./shortage.ts";

function watchOver() {
	let nowMs = 0;
	const residency = { shortOfMemory: null as ShortOfMemory | null, isSuspended: false };
	const clock = { nowMs: () => 1_000_000 + nowMs, monotonicMs: () => nowMs };
	return { watch: createShortageWatch({ residency, clock }), residency, pass: (ms: number) => (nowMs += ms) };
}

const short = (attempts: number, nextTryMs: number, model = "big"): ShortOfMemory => ({
	model,
	attempts,
	nextTryMs,
	message: "It needs 90 GB, and 16 GB are free.",
});

test("a shortage lasts over its tries, and the next one is told by the clock on the wall", () => {
	const { watch, residency, pass } = watchOver();
	expect([watch.current(), watch.lastAtMs]).toEqual([null, null]);
	residency.shortOfMemory = short(1, 60_000);
	expect(watch.current()).toMatchObject({ model: "big", forMs: 0, nextTryAtMs: 1_060_000 });
	pass(60_000);
	watch.look();
	residency.shortOfMemory = null;
	pass(5_000);
	watch.look();
	expect([watch.current(), watch.lastAtMs]).toEqual([null, 1_060_000]);
	residency.shortOfMemory = short(2, 185_000);
	expect(watch.current()).toMatchObject({ forMs: 65_000, nextTryAtMs: 1_185_000 });
	pass(10_000);
	residency.shortOfMemory = short(2, 75_000);
	expect(watch.current()).toMatchObject({ forMs: 75_000 });
});

test("one that ended, that of another model, and time in which others had the machine begin it anew", () => {
	const { watch, residency, pass } = watchOver();
	residency.shortOfMemory = short(1, 60_000);
	watch.look();
	pass(100_000);
	residency.shortOfMemory = short(1, 160_000);
	expect(watch.current()?.forMs).toBe(0);
	pass(1_000);
	residency.shortOfMemory = short(2, 280_000, "other");
	expect(watch.current()?.forMs).toBe(0);
	pass(1_000);
	residency.isSuspended = true;
	expect(watch.current()).toBeNull();
	residency.isSuspended = false;
	pass(1_000);
	expect(watch.current()?.forMs).toBe(0);
});
