import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoadOptions } from "./engine.ts";
import { backOffMs, fittingLadder, type SettleFor } from "./fitting.ts";
import { TEST_LOAD } from "./testing.ts";

/** Lanes and layers of each try. */
function tries(options: Partial<LoadOptions>, settleFor: SettleFor) {
	return fittingLadder({ ...TEST_LOAD, ...options }, settleFor).map(({ lanes, gpuLayers }) => [lanes, gpuLayers]);
}

describe("a model that does not fit", () => {
	it("is tried as it is wanted, and with less only where the owner allows that", () => {
		expect(tries({ lanes: 12, gpuLayers: 40 }, "wait")).toEqual([[12, 40]]);
		expect(tries({ lanes: 12, gpuLayers: 40 }, "fewer-lanes")).toEqual([
			[12, 40],
			[6, 40],
			[3, 40],
			[1, 40],
		]);
		expect(tries({ lanes: 4, gpuLayers: 40 }, "fewer-layers")).toEqual([
			...[4, 2, 1].map((lanes) => [lanes, 40]),
			...[20, 10].map((layers) => [1, layers]),
			...[4, 2, 1].map((lanes) => [lanes, 0]),
		]);
	});

	it("is left to the inference process where lanes and layers are, but for the processor alone", () => {
		expect(tries({ lanes: null, gpuLayers: null }, "fewer-lanes")).toEqual([[null, null]]);
		expect(tries({ lanes: null, gpuLayers: null }, "fewer-layers")).toEqual([
			[null, null],
			[null, 0],
		]);
	});

	it("settles for nothing beside another model, nor for layers where there are none", () => {
		expect(tries({ beside: true }, "fewer-layers")).toHaveLength(1);
		expect(tries({ lanes: 2, gpuLayers: 0 }, "fewer-layers")).toEqual(tries({ lanes: 2, gpuLayers: 0 }, "fewer-lanes"));
		expect(tries({ lanes: 2, gpuLayers: 1 }, "fewer-layers").at(2)).toEqual([2, 0]);
		expect(tries({ lanes: 0, gpuLayers: 8 }, "fewer-lanes")).toEqual([[0, 8]]);
	});

	it("never settles for less context, nor for nothing, nor twice for the same", () => {
		const count = fc.option(fc.nat(300));
		fc.assert(
			fc.property(
				count,
				count,
				fc.boolean(),
				fc.constantFrom<SettleFor>("wait", "fewer-lanes", "fewer-layers"),
				(lanes, gpuLayers, beside, settleFor) => {
					const wanted = { ...TEST_LOAD, lanes, gpuLayers, beside };
					const ladder = fittingLadder(wanted, settleFor);
					expect(ladder[0]).toEqual(wanted);
					expect(new Set(ladder.map((one) => JSON.stringify(one))).size).toBe(ladder.length);
					for (const one of ladder) {
						expect({ ...one, lanes, gpuLayers }).toEqual(wanted);
						expect(one.lanes === 0).toBe(lanes === 0);
						if (lanes !== null) expect(one.lanes).toBeLessThanOrEqual(lanes);
					}
				},
			),
		);
	});

	it("is tried again after a minute, then with growing patience up to half an hour", () => {
		expect([1, 2, 3, 4, 5, 6, 7, 1_000].map((rounds) => backOffMs(rounds) / 60_000)).toEqual([
			1, 2, 4, 8, 16, 30, 30, 30,
		]);
	});
});
