/** Parts of the scheduler for tests. Must never be imported by the product. */
import type { Verdict } from "../contract/contract.ts";

/** Nothing keeps work from running. */
export const mayRun: Verdict = {
	rung: "run",
	reason: "may run",
	causes: [],
	sinceMs: 0,
	untilMs: null,
	keepsLeases: true,
	shareFraction: 1,
};
