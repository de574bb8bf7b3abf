/** A guess with its honest width: `low` to `high` is where nine of ten such guesses end. None of the three is negative. */
export interface Estimate {
	readonly low: number;
	readonly expected: number;
	readonly high: number;
}

/** Something that is known. */
export function exactly(value: number): Estimate {
	return { low: value, expected: value, high: value };
}

/** A guess that may be off by a share of itself to both sides, e.g. 0.3 for ±30 %. */
export function estimateWithin(expected: number, share: number): Estimate {
	return { low: Math.max(expected * (1 - share), 0), expected, high: expected * (1 + share) };
}

/** A guess as many times as large. */
export function scaleEstimate({ low, expected, high }: Estimate, factor: number): Estimate {
	return { low: low * factor, expected: expected * factor, high: high * factor };
}

/** The sum of two guesses that tend to be wrong in the same direction, e.g. tokens in and out of the same lines. */
export function addEstimates(one: Estimate, other: Estimate): Estimate {
	return { low: one.low + other.low, expected: one.expected + other.expected, high: one.high + other.high };
}

/** One guess times another that is wrong for reasons of its own, so that both are seldom off to the same side at once. */
export function multiplyEstimates(one: Estimate, other: Estimate): Estimate {
	const expected = one.expected * other.expected;
	if (expected === 0) return { low: 0, expected, high: Math.max(one.high * other.high, 0) };
	const down = Math.hypot(Math.log(one.expected / one.low), Math.log(other.expected / other.low));
	const up = Math.hypot(Math.log(one.high / one.expected), Math.log(other.high / other.expected));
	return { low: expected * Math.exp(-down), expected, high: expected * Math.exp(up) };
}

/** One guess by another that is wrong for reasons of its own. The divisor's `low` must be above 0. */
export function divideEstimates(one: Estimate, { low, expected, high }: Estimate): Estimate {
	return multiplyEstimates(one, { low: 1 / high, expected: 1 / expected, high: 1 / low });
}

/**
 * Quantiles of Student's t for 90 % to both sides together, by degrees of freedom from 1; from 30 on the normal distribution's is
 * near enough.
 */
const STUDENT_90 = [
	6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753, 1.746, 1.74,
	1.734, 1.729, 1.725, 1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699,
] as const;
const NORMAL_90 = 1.645;

/** How many standard errors to both sides hold nine of ten means, of a sample of so many (at least 2). */
export function studentFactor(sampleSize: number): number {
	return STUDENT_90[sampleSize - 2] ?? NORMAL_90;
}

/** Mean and standard deviation of a sample; the deviation of fewer than two is 0. */
export function describeSample(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
	if (values.length === 0) return { mean: 0, deviation: 0 };
	const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
	if (values.length < 2) return { mean, deviation: 0 };
	const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
	return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
