import { expect, test } from "vitest";
import { planTrial } from "./plan.ts";

test("a plan has every kind of fault, depends on its seed alone, and stays within the wanted number of machines", () => {
	const plans = Array.from({ length: 50 }, (_, seed) => planTrial(seed, [3, 5]));
	expect(new Set(plans.map(({ machineCount }) => machineCount))).toEqual(new Set([3, 4, 5]));
	for (const { seed, faults } of plans) {
		expect(new Set(faults.map(({ fault }) => fault)).size).toBe(6);
		expect(planTrial(seed, [3, 5]).faults).toEqual(faults);
	}
	expect(plans[0]?.faults).not.toEqual(plans[1]?.faults);
});
