import { describe, expect, it } from "vitest";
import { createRecentSteps, REMEMBERED_STEPS } from "./recent-steps.ts";

describe("recent batch steps", () => {
	it("sums up those that ended after a moment, however late one asks", () => {
		const steps = createRecentSteps();
		for (const endedAtMs of [10, 20, 30]) steps.add({ endedAtMs, tokens: 4 });
		expect(steps.since(19)).toEqual({ batchSteps: 2, batchTokens: 8, lastStepMs: 11 });
		expect(steps.since(20)).toEqual({ batchSteps: 1, batchTokens: 4, lastStepMs: 10 });
		expect(steps.since(30)).toEqual({ batchSteps: 0, batchTokens: 0, lastStepMs: 0 });
	});

	it("remembers the last ones for ever so many steps", () => {
		const steps = createRecentSteps();
		for (let endedAtMs = 1; endedAtMs <= 10 * REMEMBERED_STEPS; endedAtMs++) steps.add({ endedAtMs, tokens: 1 });
		expect(steps.since(9 * REMEMBERED_STEPS).batchSteps).toBe(REMEMBERED_STEPS);
		expect(steps.since(0).batchSteps).toBeLessThan(2 * REMEMBERED_STEPS);
	});
});
