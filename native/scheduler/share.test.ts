import fc from "fast-check";
import { expect, test } from "vitest";
import { nextShare } from "./share.ts";

const free = { gpuPercent: 100, gpuWatts: null };

test("by night all of the GPU's time may be taken, whatever was set for the day", () => {
	expect(nextShare(0.1, { isNight: true, day: { gpuPercent: 20, gpuWatts: 50 }, powerWatts: 400 })).toBe(1);
});

test("by day the share is what was set", () => {
	expect(nextShare(1, { isNight: false, day: { ...free, gpuPercent: 40 }, powerWatts: 400 })).toBe(0.4);
	expect(nextShare(0.1, { isNight: false, day: free, powerWatts: 400 })).toBe(1);
});

test("power that can't be told slows nothing down", () => {
	expect(nextShare(0.2, { isNight: false, day: { gpuPercent: 60, gpuWatts: 100 }, powerWatts: null })).toBe(0.6);
});

test("too much power is taken back at once, more is tried slowly", () => {
	const day = { gpuPercent: 100, gpuWatts: 100 };
	expect(nextShare(0.8, { isNight: false, day, powerWatts: 300 })).toBe(0.4);
	const raised = nextShare(0.4, { isNight: false, day, powerWatts: 20 });
	expect(raised).toBeGreaterThan(0.4);
	expect(raised).toBeCloseTo(0.42);
});

const anyDay = fc.record({
	gpuPercent: fc.integer({ min: 5, max: 100 }),
	gpuWatts: fc.option(fc.integer({ min: 10, max: 2_000 })),
});
const anyWatts = fc.option(fc.double({ min: 0, max: 5_000, noNaN: true }));

test("stays above nothing and below what was set, whatever is measured and whatever was before", () => {
	fc.assert(
		fc.property(fc.double({ noNaN: true }), anyDay, fc.array(anyWatts, { minLength: 1 }), (previous, day, measured) => {
			let share = previous;
			for (const powerWatts of measured) {
				share = nextShare(share, { isNight: false, day, powerWatts });
				expect(share).toBeGreaterThanOrEqual(0.05);
				expect(share).toBeLessThanOrEqual(day.gpuPercent / 100);
			}
		}),
	);
});

test("more power never makes for a larger share", () => {
	const watts = fc.double({ min: 0, max: 2_000, noNaN: true });
	fc.assert(
		fc.property(fc.double({ min: 0.05, max: 1, noNaN: true }), anyDay, watts, watts, (previous, day, one, other) => {
			const shareAt = (powerWatts: number) => nextShare(previous, { isNight: false, day, powerWatts });
			expect(shareAt(Math.max(one, other))).toBeLessThanOrEqual(shareAt(Math.min(one, other)));
		}),
	);
});

test("comes to the limit and stays there, with any GPU that draws more the more it works", () => {
	const anyGpu = fc.record({
		idleWatts: fc.double({ min: 0, max: 60, noNaN: true }),
		workWatts: fc.double({ min: 20, max: 600, noNaN: true }),
	});
	const anyLimit = fc.integer({ min: 10, max: 500 });
	fc.assert(
		fc.property(anyGpu, anyLimit, fc.double({ min: 0.05, max: 1, noNaN: true }), (gpu, gpuWatts, begin) => {
			const drawn = (share: number) => gpu.idleWatts + share * gpu.workWatts;
			let share = begin;
			const step = () => {
				share = nextShare(share, { isNight: false, day: { gpuPercent: 100, gpuWatts }, powerWatts: drawn(share) });
				return share;
			};
			for (let look = 0; look < 2_000; look++) step();
			const settled = share;
			for (let look = 0; look < 50; look++) expect(step()).toBeCloseTo(settled, 2);
			// It is at the limit, or as far from it as it may go.
			if (settled > 0.051) expect(drawn(settled)).toBeLessThanOrEqual(gpuWatts);
			if (settled < 0.999 && settled > 0.051) expect(drawn(settled)).toBeGreaterThan(gpuWatts * 0.9);
		}),
	);
});
