import { describe, expect, it } from "vitest";
import { createPace, STEP_TARGET_MS, WATCHFUL_MS } from "./pace.ts";

const NOW = 1_000_000;
const fresh = () => createPace({ batchTokens: 2_048, rowAlignment: 4 });

describe("the pace", () => {
	it("is what the machine can read in the target time, in whole blocks of rows, within what one pass takes", () => {
		const pace = fresh();
		for (let round = 0; round < 20; round++) pace.noteReading(1_000, 61);
		expect(pace.stepTokens(NOW)).toBe(Math.floor(STEP_TARGET_MS / (pace.msPerToken ?? 0) / 4) * 4);
		for (let round = 0; round < 50; round++) pace.noteReading(1_000, 0.1);
		expect(pace.stepTokens(NOW)).toBe(2_048);
	});

	it("reads enough to be worth a pass on a slow machine while nobody is there", () => {
		const pace = fresh();
		expect(pace.stepTokens(NOW)).toBe(128);
		for (let round = 0; round < 50; round++) pace.noteReading(100, 5_000);
		expect(pace.stepTokens(NOW)).toBe(128);
	});

	it("keeps to the target for a while after somebody came, and then no more", () => {
		const pace = fresh();
		for (let round = 0; round < 50; round++) pace.noteReading(128, 256);
		pace.noteVisit(NOW);
		expect(pace.stepTokens(NOW)).toBe(24);
		expect(pace.stepTokens(NOW + WATCHFUL_MS - 1)).toBe(24);
		expect(pace.stepTokens(NOW + WATCHFUL_MS)).toBe(128);
	});

	it("reads a few rows at least, however slow the machine", () => {
		const pace = fresh();
		pace.noteVisit(NOW);
		expect(pace.stepTokens(NOW)).toBe(8);
		for (let round = 0; round < 50; round++) pace.noteReading(128, 100_000);
		expect(pace.stepTokens(NOW)).toBe(8);
	});

	it("may take as long as a step that writes, which can't be cut", () => {
		const pace = fresh();
		for (let round = 0; round < 50; round++) pace.noteReading(128, 256);
		pace.noteVisit(NOW);
		for (let round = 0; round < 50; round++) pace.noteWriting(120);
		expect(pace.stepTokens(NOW)).toBe(60);
		for (let round = 0; round < 50; round++) pace.noteWriting(10);
		expect(pace.stepTokens(NOW)).toBe(24);
	});

	it("settles where short steps really take the target, though each pass reads all weights first", () => {
		const pace = fresh();
		const durationOf = (tokens: number) => 30 + tokens;
		for (let round = 0; round < 20; round++) pace.noteReading(128, durationOf(128));
		pace.noteVisit(NOW);
		for (let round = 0; round < 100; round++) {
			const tokens = pace.stepTokens(NOW);
			pace.noteReading(tokens, durationOf(tokens));
		}
		expect(durationOf(pace.stepTokens(NOW))).toBeLessThanOrEqual(STEP_TARGET_MS);
		expect(pace.stepTokens(NOW)).toBeGreaterThan(8);
	});

	it("does not mistake the end of a prompt for the cost of a long step", () => {
		const pace = fresh();
		for (let round = 0; round < 20; round++) pace.noteReading(pace.stepTokens(NOW), 64);
		const before = pace.msPerToken;
		pace.noteReading(3, 50);
		expect(pace.msPerToken).toBe(before);
	});
});
