import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ALL_RULES } from "../core/core.ts";
import { directedPlanOf } from "./directed.ts";
import { MUTANTS, type Mutant, REDUNDANT } from "./mutants.ts";
import { ALL_SURROUNDING_RULES, addFigures, type Fault, noFigures, type RunOptions, runPlan } from "./simulator.ts";
import { faultScripts, planWith } from "./testing.ts";

/** Plans for each: the rarest breaks in every twelfth. */
const SEEDS = 80;

/** The rule whose absence breaks nothing, but doubles work. */
const SAME_ORDER: { readonly without: RunOptions } = { without: { rules: { cutsFromBothEnds: false } } };

/** Fewer of them than this would be luck. */
const LEAST_CAUGHT = 2;

function violationsOf({ shownBy, without }: Mutant): readonly string[] {
	const violations: string[] = [];
	for (let seed = 1; seed <= SEEDS; seed += 1) {
		const { violation } = runPlan(directedPlanOf(shownBy, seed), without);
		if (violation !== null) violations.push(violation);
	}
	return violations;
}

describe("a protocol without one of its rules is caught", () => {
	test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))("%s", (_, mutant) => {
		const violations = violationsOf(mutant);
		expect(violations.length).toBeGreaterThanOrEqual(LEAST_CAUGHT);
		expect(violations.some((text) => mutant.breaks.some((invariant) => text.startsWith(invariant)))).toBe(true);
	});

	test("and every other rule that can be taken away is", () => {
		const taken = [...MUTANTS, ...REDUNDANT, SAME_ORDER].flatMap(({ without }) => [
			...Object.keys(without.rules ?? {}),
			...Object.keys(without.surroundings ?? {}),
		]);
		const rules = [...Object.keys(ALL_RULES), ...Object.keys(ALL_SURROUNDING_RULES)];
		expect([...new Set(taken)].sort()).toEqual(rules.sort());
	});
});

describe("rules that stand in for each other", () => {
	test.each(REDUNDANT.map((mutant) => [mutant.name, mutant] as const))("%s alone is not missed", (_, mutant) => {
		expect(violationsOf(mutant)).toEqual([]);
	});
});

describe("two hosts that do not know of each other", () => {
	/** Work while a split lasts a third of the time that one machine takes, then heals. */
	function duplicatesOf(without: RunOptions): number {
		const sum = noFigures();
		for (let seed = 1; seed <= 40; seed += 1) {
			const faults: readonly Fault[] = [
				{ kind: "submit", atMs: 20_000, machine: 0, lines: 57 },
				{ kind: "split", atMs: 21_000, sides: 1, isOneWay: false },
				{ kind: "heal", atMs: 50_000 },
			];
			addFigures(sum, runPlan({ ...planWith(faults, 2), seed }, without).figures);
		}
		return sum.duplicates / sum.lines;
	}

	test("begin at different ends, and so do little twice", () => {
		const fromBothEnds = duplicatesOf({});
		expect(fromBothEnds).toBeLessThan(0.1);
		expect(duplicatesOf(SAME_ORDER.without)).toBeGreaterThan(2 * fromBothEnds);
	});
});

describe("the plans that lead into corners", () => {
	test("break nothing while all rules are there", () => {
		for (const shownBy of new Set(MUTANTS.map((mutant) => mutant.shownBy))) {
			for (let seed = 1; seed <= 40; seed += 1) expect(runPlan(directedPlanOf(shownBy, seed)).violation).toBeNull();
		}
	});
});

describe("shrinking", () => {
	test.each([
		["sealEarly", 1],
		["noTermPersist", 3],
		["discardLoser", 3],
	])("brings a script that breaks %s down to the faults that matter, %i or fewer", (name, most) => {
		const mutant = MUTANTS.find((one) => one.name === name);
		const holds = (faults: readonly Fault[]): boolean =>
			runPlan(planWith(faults, 2), mutant?.without).violation === null;
		const found = fc.check(fc.property(faultScripts(), holds), { numRuns: 500, seed: 3 });
		const script = found.counterexample?.[0] ?? [];
		expect(script.length).toBeGreaterThan(0);
		expect(script.length).toBeLessThanOrEqual(most);
		for (const fault of script) expect(holds(script.filter((other) => other !== fault))).toBe(true);
	});
});
