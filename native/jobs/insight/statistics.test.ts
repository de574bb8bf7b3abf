import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchStatisticsSchema } from "../../contract/contract.ts";
import { sampleBatch } from "../testing.ts";
import { describeStatistics, histogramPercentile, type StatisticsFacts } from "./statistics.ts";

const boundsMs = [100, 200, 400, Number.POSITIVE_INFINITY];
const nothing: StatisticsFacts = { nowMs: 61_000, minutes: [], durations: { boundsMs, counts: [0, 0, 0, 0] } };

describe("percentiles of a histogram", () => {
	test("lie within their bucket as far as their rank does", () => {
		const histogram = { boundsMs, counts: [10, 0, 10, 0] };
		expect(histogramPercentile(histogram, 0.25)).toBe(50);
		expect(histogramPercentile(histogram, 0.5)).toBe(100);
		expect(histogramPercentile(histogram, 0.75)).toBe(300);
		expect(histogramPercentile(histogram, 1)).toBe(400);
	});

	test("of lines beyond the last bound are that bound, and of no lines there are none", () => {
		expect(histogramPercentile({ boundsMs, counts: [0, 0, 0, 3] }, 0.5)).toBe(400);
		expect(histogramPercentile({ boundsMs, counts: [0, 0, 0, 0] }, 0.5)).toBeNull();
		expect(histogramPercentile({ boundsMs: [], counts: [] }, 0.5)).toBeNull();
	});

	test("grow with their share and stay finite", () => {
		const share = fc.double({ min: 0, max: 1, noNaN: true });
		fc.assert(
			fc.property(fc.array(fc.nat(50), { minLength: 4, maxLength: 4 }), share, share, (counts, one, other) => {
				const [low, high] = [Math.min(one, other), Math.max(one, other)].map((at) =>
					histogramPercentile({ boundsMs, counts }, at),
				);
				if (low === null || high === null || low === undefined || high === undefined) {
					expect(counts.every((count) => count === 0)).toBe(true);
					return;
				}
				expect(low).toBeGreaterThanOrEqual(0);
				expect(low).toBeLessThanOrEqual(high + 1e-9);
				expect(high).toBeLessThanOrEqual(400);
			}),
		);
	});
});

describe("the statistics of a batch", () => {
	test("tell what the ledger counted, in the contract's shape", () => {
		const batch = sampleBatch("one", {
			adopted: 2,
			retries: 3,
			workedMs: 90_500,
			wattHours: 1.5,
			isEnergyMeasured: false,
		});
		const statistics = describeStatistics(batch, {
			nowMs: 61_000,
			minutes: [
				{ machine: "desk", lines: 4 },
				{ machine: "__proto__", lines: 1 },
				{ machine: "desk", lines: 5 },
			],
			durations: { boundsMs, counts: [10, 0, 0, 0] },
		});
		expect(statistics).toEqual({
			adopted: 2,
			retries: 3,
			worked_seconds: 90.5,
			queue_age_seconds: 60,
			line_seconds: { p50: 0.05, p95: 0.095 },
			machines: Object.fromEntries([
				["desk", 9],
				["__proto__", 1],
			]),
			energy: { watt_hours: 1.5, is_measured: false },
		});
		expect(Object.entries(statistics.machines)).toContainEqual(["__proto__", 1]);
		expect(batchStatisticsSchema.safeParse(describeStatistics(batch, nothing)).success).toBe(true);
	});

	test("before a line has run there are no durations", () => {
		expect(describeStatistics(sampleBatch("one"), nothing).line_seconds).toBeNull();
	});

	test("the queue's age counts as long as lines wait", () => {
		const age = (changes: Parameters<typeof sampleBatch>[1]) =>
			describeStatistics(sampleBatch("one", changes), nothing).queue_age_seconds;
		expect(age({})).toBe(60);
		expect(age({ status: "validating", total: 0 })).toBe(60);
		expect(age({ completed: 8, failed: 2 })).toBeNull();
		expect(age({ status: "expired" })).toBeNull();
		expect(age({ createdAtMs: 62_000 })).toBe(0);
	});
});
