import { describe, expect, it } from "vitest";
import type { Yield } from "../../native/contract/contract.ts";
import { compareOutputs, firstTokens, percentile, yieldFigures } from "./yield-figures.ts";

function output(...answers: readonly string[]): Buffer {
	const lines = answers.map((content, index) =>
		JSON.stringify({ custom_id: `line-${index}`, response: { body: { choices: [{ message: { content } }] } } }),
	);
	return Buffer.from(`${lines.join("\n")}\n`);
}

function aYield(more: Partial<Yield>): Yield {
	return {
		number: 1,
		cause: { kind: "request", endpoint: "/v1/completions", client: null },
		requests: 1,
		arrivedAtMs: 0,
		freedBytes: null,
		handBackMs: 10,
		batchSteps: 1,
		batchTokens: 16,
		frozenLanes: 16,
		frozenMs: 900,
		recomputedTokens: 0,
		...more,
	};
}

describe("figures of the yield bench", () => {
	it("takes the nearest rank for a percentile", () => {
		const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
		expect(percentile(hundred, 0.99)).toBe(99);
		expect(percentile([3, 1, 2], 0.99)).toBe(3);
		expect(percentile([], 0.99)).toBeNaN();
	});

	it("leaves failed requests out of the times and names what they said", () => {
		const answered = { firstTokenMs: 30, totalMs: 50, failure: null };
		const refused = { firstTokenMs: null, totalMs: 1, failure: "429: full" };
		const broken = { firstTokenMs: 1, totalMs: 1, failure: "not a chunk" };
		expect(firstTokens([answered, refused, broken])).toEqual({
			count: 3,
			failures: ["429: full", "not a chunk"],
			medianMs: 30,
			p99Ms: 30,
			maxMs: 30,
		});
	});

	it("keeps the worst of several yields and adds up what must not happen at all", () => {
		const yields = [
			aYield({ batchSteps: 0, batchTokens: 0, handBackMs: 0, frozenLanes: 3 }),
			aYield({ requests: 4, handBackMs: 40, recomputedTokens: 5 }),
			aYield({ batchSteps: 2, recomputedTokens: 2 }),
		];
		expect(yieldFigures(yields)).toEqual({
			count: 3,
			requests: 6,
			maxBatchSteps: 2,
			maxBatchTokens: 16,
			medianHandBackMs: 10,
			maxHandBackMs: 40,
			recomputedTokens: 7,
			minFrozenLanes: 3,
			maxFrozenLanes: 16,
			idleYields: 1,
		});
		expect(yieldFigures([])).toBeNull();
	});

	it("finds the lines that differ and where they part", () => {
		const comparison = compareOutputs(output("same", "one two", "long"), output("same", "one three", "longer"));
		expect(comparison.isIdentical).toBe(false);
		expect(comparison.lineCount).toBe(3);
		expect(comparison.differing.map(({ customId, equalCharacters }) => [customId, equalCharacters])).toEqual([
			["line-1", 5],
			["line-2", 4],
		]);
	});

	it("misses no line that one output lacks, and no byte outside the answers", () => {
		expect(compareOutputs(output("a", "b"), output("a")).differing).toHaveLength(1);
		const other = Buffer.from(output("a").toString().replace("line-0", "line-9"));
		expect(compareOutputs(output("a"), other)).toMatchObject({
			isIdentical: false,
			differing: [{ equalCharacters: 1 }],
		});
		expect(compareOutputs(output("a"), output("a"))).toEqual({ isIdentical: true, lineCount: 1, differing: [] });
	});
});
