import fc from "fast-check";
import { expect, test } from "vitest";
import {
	addEstimates,
	describeSample,
	divideEstimates,
	type Estimate,
	estimateWithin,
	exactly,
	multiplyEstimates,
	scaleEstimate,
	studentFactor,
} from "./estimate.ts";

const anyEstimate = fc
	.tuple(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.double({ min: 0, max: 3, noNaN: true }))
	.map(([expected, share]) => estimateWithin(expected, share));
const positive = fc
	.tuple(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), fc.double({ min: 0, max: 0.9, noNaN: true }))
	.map(([expected, share]) => estimateWithin(expected, share));

function expectSound({ low, expected, high }: Estimate): void {
	expect([low, expected, high].every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
	// Sums of fractions may differ in the last bit.
	expect(low).toBeLessThanOrEqual(expected * (1 + 1e-12));
	expect(expected).toBeLessThanOrEqual(high * (1 + 1e-12));
}

test("whatever is done to guesses, low stays below expected and expected below high", () => {
	fc.assert(
		fc.property(
			anyEstimate,
			anyEstimate,
			positive,
			fc.double({ min: 0, max: 1e6, noNaN: true }),
			(one, other, by, factor) => {
				expectSound(addEstimates(one, other));
				expectSound(scaleEstimate(one, factor));
				expectSound(multiplyEstimates(one, other));
				expectSound(divideEstimates(one, by));
			},
		),
	);
});

test("what is known does not widen a guess", () => {
	const guess = estimateWithin(100, 0.2);
	expect(addEstimates(guess, exactly(5))).toEqual({ low: 85, expected: 105, high: 125 });
	const half = divideEstimates(guess, exactly(2));
	expect(half.low).toBeCloseTo(40);
	expect(half.high).toBeCloseTo(60);
});

test("two guesses that are wrong for their own reasons give less than the sum of their widths", () => {
	const { low, high } = multiplyEstimates(estimateWithin(10, 0.2), estimateWithin(10, 0.2));
	expect(low).toBeGreaterThan(80 * 0.8);
	expect(low).toBeLessThan(80);
	expect(high).toBeLessThan(120 * 1.2);
	expect(high).toBeGreaterThan(120);
});

test("a sample tells mean and deviation", () => {
	expect(describeSample([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, deviation: Math.sqrt(32 / 7) });
	expect(describeSample([3])).toEqual({ mean: 3, deviation: 0 });
	expect(describeSample([])).toEqual({ mean: 0, deviation: 0 });
});

test("small samples take wider intervals, down to the normal distribution's", () => {
	expect([2, 5, 30, 31, 1_000].map(studentFactor)).toEqual([6.314, 2.132, 1.699, 1.645, 1.645]);
});
