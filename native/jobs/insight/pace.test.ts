import { expect, test } from "vitest";
import { untouched } from "../../ledger/testing/manifest.ts";
import { sampleBatch } from "../testing.ts";
import { createPaces } from "./pace.ts";

/** Paces of a batch that is looked at each second of a clock of the test's own. */
function looked() {
	let nowMs = 5_000;
	const paces = createPaces({ nowMs: () => nowMs, monotonicMs: () => nowMs });
	function look(completed: number, adopted = 0): void {
		const usage = {
			inputTokens: 10 * completed,
			cachedTokens: 4 * completed,
			outputTokens: completed,
			reasoningTokens: 0,
		};
		paces.look([sampleBatch("one", { ...untouched, total: 1_000, completed, adopted, usage })]);
		nowMs += 1_000;
	}
	return { look, pace: () => paces.of("one"), forget: () => paces.look([]), pass: (ms: number) => (nowMs += ms) };
}

test("a batch's speed is that of its lines, whoever ran them, from the moment before the first", () => {
	const { look, pace } = looked();
	for (let second = 0; second < 30; second++) look(0);
	expect(pace()).toBeNull();
	for (let second = 1; second <= 20; second++) look(5 * second);
	expect(pace()).toMatchObject({ linesPerSecond: expect.closeTo(5, 0), tokensPerSecond: expect.closeTo(35, -1) });
	expect(pace()?.workedMs).toBe(21_000);
});

test("only the last minute counts, and a minute without a line is none", () => {
	const { look, pace } = looked();
	for (let second = 0; second < 200; second++) look(second < 100 ? 10 * second : 1_000 + (second - 100));
	expect(pace()?.linesPerSecond).toBeCloseTo(1, 0);
	for (let second = 0; second < 61; second++) look(1_099);
	expect(pace()).toBeNull();
});

test("lines whose answers were taken over are no speed, and lines put back begin anew", () => {
	const { look, pace } = looked();
	look(0);
	look(500, 500);
	expect(pace()).toBeNull();
	look(520, 500);
	expect(pace()).not.toBeNull();
	look(510, 500);
	expect(pace()).toBeNull();
	look(512, 500);
	expect(pace()?.linesPerSecond).toBeCloseTo(1, 0);
});

test("an ended batch is forgotten", () => {
	const { look, pace, forget } = looked();
	look(0);
	look(10);
	forget();
	expect(pace()).toBeNull();
});
