import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLog } from "../../base/base.ts";
import type { Stint } from "../../ledger/ledger.ts";
import { sampleBatch } from "../testing.ts";
import { createStints } from "./stint.ts";

beforeEach(() => {
	vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
	vi.useRealTimers();
});

/** A recorder over a disk that may be full, on a machine that draws 60 W: a watt-hour a minute. */
function recorder() {
	const recorded: Stint[] = [];
	const state = { isFull: false, frozenMs: 0, isDeleted: false };
	let takenAtMs = Date.now();
	const stints = createStints({
		ledger: {
			batch: (id) => (state.isDeleted ? null : sampleBatch(id)),
			async recordStint(stint) {
				if (state.isFull) throw new Error("no space left");
				recorded.push(stint);
			},
		},
		power: {
			count: () => ({
				take() {
					const wattHours = (Date.now() - takenAtMs) / 60_000;
					takenAtMs = Date.now();
					return { wattHours, isMeasured: true };
				},
				end() {},
			}),
		},
		machine: () => "test",
		clock: { nowMs: () => Date.now(), monotonicMs: () => Date.now() },
		log: silentLog,
		frozenMs: () => state.frozenMs,
	});
	return { stints, recorded, state };
}

test("work is written down each minute and at its end, with its energy", async () => {
	const { stints, recorded } = recorder();
	const stint = stints.begin("a");
	await vi.advanceTimersByTimeAsync(90_000);
	expect(recorded).toHaveLength(1);
	expect(stints.unrecordedMs("a")).toBe(30_000);
	expect(stints.unrecordedMs("b")).toBe(0);
	await stint.end();
	expect(recorded).toEqual([
		{ batchId: "a", machine: "test", fromMs: 1_000_000, toMs: 1_060_000, wattHours: 1, isMeasured: true },
		{ batchId: "a", machine: "test", fromMs: 1_060_000, toMs: 1_090_000, wattHours: 0.5, isMeasured: true },
	]);
	expect(stints.unrecordedMs("a")).toBe(0);
	await vi.advanceTimersByTimeAsync(120_000);
	expect(recorded).toHaveLength(2);
});

test("what a full disk can't take is kept and written down with the next", async () => {
	const { stints, recorded, state } = recorder();
	state.isFull = true;
	await endAfter(stints.begin("a"), 20_000);
	expect(recorded).toEqual([]);
	expect(stints.unrecordedMs("a")).toBe(20_000);
	expect(stints.unrecorded()).toMatchObject([{ fromMs: 1_000_000, toMs: 1_020_000 }]);
	state.isFull = false;
	await endAfter(stints.begin("b"), 10_000);
	expect(recorded).toMatchObject([
		{ batchId: "a", toMs: 1_020_000 },
		{ batchId: "b", fromMs: 1_020_000 },
	]);
});

test("time in which batch work stood aside is no work, and its energy somebody else's", async () => {
	const { stints, recorded, state } = recorder();
	const stint = stints.begin("a");
	await vi.advanceTimersByTimeAsync(40_000);
	state.frozenMs += 30_000;
	await stint.end();
	expect(recorded).toMatchObject([{ fromMs: 1_000_000, toMs: 1_010_000 }]);
	expect(recorded[0]?.wattHours).toBeCloseTo(1 / 6);
});

test("work on a batch that was deleted meanwhile holds nothing up", async () => {
	const { stints, recorded, state } = recorder();
	state.isDeleted = true;
	await endAfter(stints.begin("a"), 10_000);
	state.isDeleted = false;
	await endAfter(stints.begin("b"), 10_000);
	expect(recorded).toMatchObject([{ batchId: "b" }]);
});

async function endAfter(stint: { end(): Promise<void> }, ms: number): Promise<void> {
	await vi.advanceTimersByTimeAsync(ms);
	await stint.end();
}
