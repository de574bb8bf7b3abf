import { describe, expect, it } from "vitest";
import { planStep, type StepLane } from "./loop.ts";
import { createPace, STEP_TARGET_MS } from "./pace.ts";

const lane = (name: string, pendingCount: number, priority: "batch" | "interactive" = "batch") => ({
	name,
	pendingCount,
	strand: { priority },
});
const plan = (lanes: readonly (StepLane & { readonly name: string })[], stepTokens: number, rowAlignment = 1) =>
	planStep(lanes, { stepTokens, rowAlignment }).map(({ lane: planned, count }) => `${planned.name}:${count}`);

describe("a step", () => {
	it("moves all writing lanes by one token", () => {
		expect(plan([lane("a", 1), lane("b", 1), lane("c", 1)], 128)).toEqual(["a:1", "b:1", "c:1"]);
	});

	it("lets writers wait while prompts are read, and reads whole prompts as long as they fit", () => {
		expect(plan([lane("a", 1), lane("b", 60), lane("c", 90), lane("d", 50)], 128)).toEqual(["b:60", "d:50"]);
	});

	it("cuts a prompt that is too long for any step", () => {
		expect(plan([lane("a", 500), lane("b", 20)], 128)).toEqual(["a:128"]);
	});

	it("reads whole blocks of rows when many lanes are busy, and lets the rest of a prompt ride with the writers", () => {
		const writers = Array.from({ length: 7 }, (_, index) => lane(`w${index}`, 1));
		expect(plan([...writers, lane("a", 83)], 128, 4)).toEqual(["a:80"]);
		expect(plan([...writers, lane("a", 3)], 128, 4)).toHaveLength(8);
		expect(plan([...writers, lane("a", 3)], 128, 4).at(-1)).toBe("a:1");
		expect(plan([lane("w", 1), lane("a", 83)], 128, 4)).toEqual(["a:83"]);
	});

	it("never lets a live request wait for batch work", () => {
		expect(plan([lane("a", 500), lane("b", 1), lane("live", 1, "interactive")], 128)).toEqual(["a:128", "live:1"]);
		expect(plan([lane("a", 500), lane("live", 300, "interactive")], 128)).toEqual(["live:128"]);
		expect(plan([lane("a", 1), lane("live", 100, "interactive")], 128)).toEqual(["a:1", "live:100"]);
	});

	it("reads as much as the machine can in the target time, within what one pass takes", () => {
		const pace = createPace(2048);
		const cautious = pace.stepTokens;
		for (let round = 0; round < 20; round++) pace.note(1000, 50);
		expect(pace.stepTokens).toBe(Math.floor(STEP_TARGET_MS / (pace.msPerToken ?? 0)));
		for (let round = 0; round < 50; round++) pace.note(100, 5000);
		expect(pace.stepTokens).toBe(cautious);
		for (let round = 0; round < 50; round++) pace.note(1000, 0.1);
		expect(pace.stepTokens).toBe(2048);
	});
});
