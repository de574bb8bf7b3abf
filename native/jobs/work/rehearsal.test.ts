import fc from "fast-check";
import { expect, test } from "vitest";
import { sampleResult } from "../testing.ts";
import { rehearsedFigures, sampleLines } from "./rehearsal.ts";

test("the first lines, or as many over the whole file", () => {
	expect(sampleLines(100, 5, false)).toEqual([0, 1, 2, 3, 4]);
	expect(sampleLines(101, 5, true)).toEqual([0, 25, 50, 75, 100]);
	expect(sampleLines(3, 5, true)).toEqual([0, 1, 2]);
	expect(sampleLines(10, 1, true)).toEqual([0]);
	expect(sampleLines(0, 5, true)).toEqual([]);
});

test("a sample is ascending, without doubles, as large as can be, and spread it has both ends", () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 10_000_000 }),
			fc.integer({ min: 1, max: 100 }),
			fc.boolean(),
			(total, count, spread) => {
				const lines = sampleLines(total, count, spread);
				expect(lines).toHaveLength(Math.min(total, count));
				expect(lines.every((line, index) => Number.isInteger(line) && line > (lines[index - 1] ?? -1))).toBe(true);
				expect(lines[0]).toBe(0);
				expect(lines.at(-1)).toBeLessThan(total);
				if (spread && count > 1) expect(lines.at(-1)).toBe(total - 1);
			},
		),
	);
});

test("figures add up, and time in which no line ran does not count", () => {
	const ran = (line: number, fromMs: number, toMs: number, isError = false) => {
		const { provenance } = sampleResult(line);
		return { isError, provenance: { ...provenance, producedAtMs: toMs, durationMs: toMs - fromMs } };
	};
	const results = [ran(0, 1_000, 3_000), ran(1, 2_000, 2_500, true), ran(2, 2_900, 4_000), ran(3, 900_000, 901_000)];
	expect(rehearsedFigures(results)).toEqual({
		lines: 4,
		failed: 1,
		inputTokens: 4,
		outputTokens: 4,
		durationMs: 4_000,
	});
	expect(rehearsedFigures([])).toMatchObject({ lines: 0, durationMs: 0 });
});
