import { expect, test } from "vitest";
import type { NightBudget } from "./night.ts";
import { createNightWatch } from "./night-watch.ts";

const NOW_MS = new Date(2026, 10, 20, 23, 0).getTime();
const NO_LIMIT: NightBudget = { nightTokens: null, nightMinutes: null };

/** A night with so many tokens recorded since eight, and a stint that runs since then. */
function watchOver(state: { budget: NightBudget; tokens: number }) {
	let passedMs = 0;
	let looks = 0;
	const eveningMs = new Date(2026, 10, 20, 20, 0).getTime();
	const watch = createNightWatch({
		ledger: {
			workMinutes() {
				looks++;
				const made = { lines: 1, failed: 0, retries: 0, inputTokens: 1, cachedTokens: 0, outputTokens: state.tokens };
				return [{ batchId: "a", machine: "test", atMs: eveningMs, ...made }];
			},
			stints: () => [],
		},
		clock: { nowMs: () => NOW_MS + passedMs, monotonicMs: () => passedMs },
		nightBudget: () => state.budget,
		unrecorded: () => [{ fromMs: eveningMs, toMs: NOW_MS + passedMs }],
	});
	return { watch, looks: () => looks, pass: (ms: number) => (passedMs += ms) };
}

test("a night without a limit is never looked at", () => {
	const { watch, looks } = watchOver({ budget: NO_LIMIT, tokens: 1e9 });
	expect(watch.spent()).toBeNull();
	expect(looks()).toBe(0);
});

test("figures are added up every few seconds, and at once when the owner changes the budget", () => {
	const state = { budget: { nightTokens: 1_000, nightMinutes: null } as NightBudget, tokens: 900 };
	const { watch, looks, pass } = watchOver(state);
	expect(watch.spent()).toBeNull();
	state.tokens = 1_000;
	expect(watch.spent()).toBeNull();
	expect(looks()).toBe(1);
	pass(10_000);
	expect(watch.spent()).toMatch(/1,000 output tokens.*Work goes on at noon\.$/);
	state.budget = { nightTokens: 2_000, nightMinutes: null };
	expect(watch.spent()).toBeNull();
});

test("work that is not recorded yet counts", () => {
	expect(watchOver({ budget: { nightTokens: null, nightMinutes: 181 }, tokens: 0 }).watch.spent()).toBeNull();
	expect(watchOver({ budget: { nightTokens: null, nightMinutes: 180 }, tokens: 0 }).watch.spent()).not.toBeNull();
});
