import fc from "fast-check";
import { expect, test } from "vitest";
import { nextQuietMs, type QuietLimits } from "./quiet.ts";

const limits: QuietLimits = { quietMs: 2_000, longestQuietMs: 60_000 };

/** Quiet times after each of several requests, the first of which follows none. */
function quietTimes(pausesMs: readonly number[], within: QuietLimits = limits): readonly number[] {
	let quietMs = nextQuietMs(0, null, within);
	const times = [quietMs];
	for (const pauseMs of pausesMs) {
		quietMs = nextQuietMs(quietMs, pauseMs, within);
		times.push(quietMs);
	}
	return times;
}

const anyLimits = fc
	.tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 100_000 }))
	.map(([quietMs, more]): QuietLimits => ({ quietMs, longestQuietMs: quietMs + more }));
const pauses = fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 30 });

test("doubles while requests come in a burst, up to the longest", () => {
	expect(quietTimes([500, 500, 500, 500, 500, 500])).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test("a request shortly after the quiet time still belongs to the burst", () => {
	expect(quietTimes([4_000])).toEqual([2_000, 4_000]);
	expect(quietTimes([4_001])).toEqual([2_000, 2_000]);
});

test("a slower rhythm keeps what it has, and a calm stretch begins anew", () => {
	expect(quietTimes([500, 20_000, 33_000])).toEqual([2_000, 4_000, 4_000, 2_000]);
});

test("stays within the limits, whatever comes and whatever they change to", () => {
	fc.assert(
		fc.property(anyLimits, anyLimits, pauses, (before, after, pausesMs) => {
			const heldMs = quietTimes(pausesMs, before).at(-1) ?? 0;
			for (const pauseMs of [null, ...pausesMs]) {
				const quietMs = nextQuietMs(heldMs, pauseMs, after);
				expect(quietMs).toBeGreaterThanOrEqual(after.quietMs);
				expect(quietMs).toBeLessThanOrEqual(after.longestQuietMs);
			}
		}),
	);
});

test("shorter pauses never make for less quiet", () => {
	const pairs = fc.array(fc.tuple(fc.nat(600_000), fc.nat(600_000)), { maxLength: 30 });
	fc.assert(
		fc.property(anyLimits, pairs, (within, drawn) => {
			const short = quietTimes(
				drawn.map(([one, other]) => Math.min(one, other)),
				within,
			);
			const long = quietTimes(
				drawn.map(([one, other]) => Math.max(one, other)),
				within,
			);
			for (const [index, quietMs] of short.entries()) expect(quietMs).toBeGreaterThanOrEqual(long[index] ?? 0);
		}),
	);
});

test("a long calm takes any burst back to the beginning", () => {
	fc.assert(
		fc.property(anyLimits, pauses, (within, pausesMs) => {
			const calmMs = within.longestQuietMs * 8 + 1;
			expect(quietTimes([...pausesMs, calmMs], within).at(-1)).toBe(within.quietMs);
		}),
	);
});
