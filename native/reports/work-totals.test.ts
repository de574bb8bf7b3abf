import fc from "fast-check";
import { expect, test } from "vitest";
import { rememberedLedger, sampleMinute, sampleStint } from "./testing.ts";
import { createWorkTotals, sumWork } from "./work-totals.ts";

const HOUR_MS = 3_600_000;

test("however often and late it is asked, it tells what all work since the beginning comes to", () => {
	const work = fc.record({ atHour: fc.integer({ min: 0, max: 24 * 14 }), lines: fc.nat(50) });
	fc.assert(
		fc.property(fc.array(work), fc.array(fc.integer({ min: 1, max: 80 })), (works, pauseHours) => {
			const minutes = works.map(({ atHour, lines }) => sampleMinute(atHour * HOUR_MS, { lines, failed: 0 }));
			const stints = works.map(({ atHour }) => sampleStint(atHour * HOUR_MS));
			const ledger = rememberedLedger({ batches: [], minutes, stints, notices: [] });
			const totals = createWorkTotals(ledger, 0);
			let nowMs = 0;
			for (const hours of pauseHours) {
				nowMs += hours * HOUR_MS;
				const total = totals.upTo(nowMs);
				const naive = sumWork(ledger, 0, nowMs);
				expect(total.completed).toBe(naive.completed);
				expect(total.wattHours).toBeCloseTo(naive.wattHours, 6);
				expect(total.workedMs).toBeCloseTo(naive.workedMs, 6);
			}
		}),
	);
});

test("work that was done earlier is not counted, nor is a stint's share of it", () => {
	const minutes = [sampleMinute(0), sampleMinute(HOUR_MS)];
	const stints = [sampleStint(HOUR_MS / 2)];
	const ledger = rememberedLedger({ batches: [], minutes, stints, notices: [] });
	const total = createWorkTotals(ledger, HOUR_MS).upTo(2 * HOUR_MS);
	expect(total).toMatchObject({ completed: 9, failed: 1, wattHours: 150, workedMs: HOUR_MS / 2 });
});

test("deleting a batch takes nothing back", () => {
	const minutes = [sampleMinute(0)];
	const totals = createWorkTotals(rememberedLedger({ batches: [], minutes, stints: [], notices: [] }), 0);
	const before = totals.upTo(HOUR_MS);
	minutes.pop();
	expect(totals.upTo(2 * HOUR_MS)).toEqual(before);
});
