import { expect, test } from "vitest";
import { createBackoff } from "./backoff.ts";
import { createEchoWatch } from "./echo-watch.ts";
import { standingClock } from "./testing.ts";

test("what fails again and again is tried ever more seldom, and what had worked for a while soon", () => {
	const { clock, pass } = standingClock();
	const backoff = createBackoff(clock);
	const pauses: number[] = [];
	for (let round = 0; round < 8; round += 1) {
		backoff.begin();
		backoff.fail();
		let waitedMs = 0;
		for (; !backoff.isDue(); waitedMs += 500) pass(500);
		pauses.push(waitedMs);
	}
	expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
	backoff.begin();
	pass(10_000);
	expect(backoff.hasSettled()).toBe(true);
	backoff.fail();
	pass(1_000);
	expect(backoff.isDue()).toBe(true);
});

test("whoever heard himself and does not any more is deaf, and whoever never did may be on a system without echo", () => {
	const deaf = createEchoWatch();
	for (const _ of [1, 2, 3, 4]) deaf.asked();
	expect(deaf.isDeaf()).toBe(false);
	deaf.heard();
	deaf.asked();
	deaf.asked();
	expect(deaf.isDeaf()).toBe(false);
	deaf.asked();
	expect(deaf.isDeaf()).toBe(true);
	deaf.heard();
	expect(deaf.isDeaf()).toBe(false);
});
