import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CoreState, step } from "../core/core.ts";
import { MUTANTS } from "./mutants.ts";
import { addFigures, calmPlanOf, describeFailure, type Fault, noFigures, planOf, runPlan } from "./simulator.ts";
import { faultScripts, keptPlans, planWith } from "./testing.ts";

/** Plans run here: some ten seconds on one slow core. `build/bench/mesh-simulator.ts` runs a hundred times as many. */
const SEEDS = 2_000;

/** Delays and losses under which a kept plan may show its mutant: any change of the protocol shuffles them. */
const VARIATIONS = 50;

/** More than this part of all lines run twice would mean that leases or hand-overs do not work. Measured: 0.053. */
const MOST_DUPLICATES = 0.08;

/** Without faults it is less than one line in a hundred (I10). */
const MOST_CALM_DUPLICATES = 0.01;

describe("the protocol", () => {
	test(`breaks no promise in ${SEEDS} made-up nights`, () => {
		const sum = noFigures();
		for (let seed = 1; seed <= SEEDS; seed += 1) {
			const { violation, figures } = runPlan(planOf(seed));
			if (violation !== null) expect.fail(describeFailure(planOf(seed)));
			addFigures(sum, figures);
		}
		expect(sum.duplicates / sum.lines).toBeLessThan(MOST_DUPLICATES);
		expect(sum.batches).toBeGreaterThan(SEEDS);
	});

	test("breaks none under scripts of faults that nobody thought of", () => {
		fc.assert(
			fc.property(faultScripts(), fc.integer({ min: 1, max: 5 }), (faults, machines) => {
				expect(runPlan(planWith(faults, machines)).violation).toBeNull();
			}),
			{ numRuns: 200, seed: 7 },
		);
	});

	test("changes hosts once, runs next to nothing twice and shows one output where nothing goes wrong", () => {
		const sum = noFigures();
		for (let seed = 1; seed <= 100; seed += 1) {
			const { violation, figures } = runPlan(calmPlanOf(seed));
			expect(violation).toBeNull();
			addFigures(sum, figures);
		}
		expect(sum.tenures).toBe(100);
		expect(sum.batchesWithTwoFiles).toBe(0);
		expect(sum.acknowledgedOnOne).toBe(0);
		expect(sum.duplicates / sum.lines).toBeLessThan(MOST_CALM_DUPLICATES);
	});
});

describe("a host that is gone", () => {
	/** Seconds from the crash of each host to the beginning of the next, from what was written down. */
	function secondsWithoutHost(trace: readonly string[]): readonly number[] {
		const spans: number[] = [];
		let host: string | null = null;
		let goneAt: number | null = null;
		for (const [seconds, device, ...words] of trace.map((text) => text.split(" "))) {
			if (words.join(" ").startsWith("is host of")) {
				if (goneAt !== null) spans.push(Number(seconds) - goneAt);
				host = device ?? null;
				goneAt = null;
			} else if (words[0] === "crashes" && device === host) goneAt = Number(seconds);
		}
		return spans;
	}

	test("is replaced within eight to fourteen seconds", () => {
		const spans: number[] = [];
		for (let seed = 1; seed <= 40; seed += 1) {
			const crashes = [40_000, 70_000, 100_000].map(
				(atMs, machine): Fault => ({ kind: "crash", atMs, machine, forMs: 25_000 }),
			);
			spans.push(...secondsWithoutHost(runPlan({ ...planWith(crashes), seed }, { isTraced: true }).trace));
		}
		expect(spans.length).toBeGreaterThan(40);
		expect(Math.min(...spans)).toBeGreaterThan(7);
		expect(Math.max(...spans)).toBeLessThan(14.5);
	});
});

describe("the simulator", () => {
	test("runs the same plan the same way", () => {
		const traces = [1, 2].map(() => runPlan(planOf(11), { isTraced: true }).trace);
		expect(traces[0]?.length).toBeGreaterThan(20);
		expect(traces[0]).toEqual(traces[1]);
	});

	test("comes to every kind of event, effect, frame and claim that its world has", () => {
		const reached = new Set<string>();
		for (let seed = 1; seed <= 200; seed += 1) {
			runPlan(planOf(seed), {
				observe(before, event, { state, effects }) {
					reached.add(event.kind);
					for (const effect of effects) reached.add(effect.kind === "send" ? effect.message.kind : effect.kind);
					if (state.claim !== null && state.claim !== before.claim) reached.add(state.claim.cause);
				},
			});
		}
		const events = ["tick", "received", "epoch-saved", "appended", "durable", "acknowledge", "worker-changed"];
		const others = [
			"slice-ended",
			"output-built",
			"duty-failed",
			"handicap-changed",
			"hand-over",
			"leaving",
			"batch-due",
		];
		const effects = ["send-operations", "store", "save-epoch", "start-slice", "shrink-slice", "acknowledged"];
		const ends = ["build-output", "append-seal", "append-published", "host-changed"];
		const frames = ["hello", "want", "grant", "shrink", "release", "yield", "goodbye"];
		const claims = ["silence", "yield", "reassert"];
		const expected = new Set([...events, ...others, ...effects, ...ends, ...frames, ...claims]);
		expect([...reached].sort()).toEqual([...expected].sort());
	});

	test("finds that no step changes a state in place, and that each comes out the same again", () => {
		const copies = new WeakMap<CoreState, CoreState>();
		let steps = 0;
		runPlan(planOf(5), {
			observe(before, event, after) {
				const copy = copies.get(before);
				if (copy !== undefined && !isDeepStrictEqual(copy, before)) expect.fail(`${event.kind} changed the state`);
				if (!isDeepStrictEqual(step(before, event), after)) expect.fail(`${event.kind} came out differently`);
				copies.set(after.state, structuredClone(after.state));
				steps += 1;
			},
		});
		expect(steps).toBeGreaterThan(1_000);
	});
});

describe("plans that once showed something", () => {
	test.each(keptPlans().map((kept) => [kept.name, kept] as const))("%s", (_, { mutant, plan }) => {
		expect(runPlan(plan).violation).toBeNull();
		if (mutant === null) return;
		const without = MUTANTS.find(({ name }) => name === mutant)?.without;
		expect(without).toBeDefined();
		const variations = Array.from({ length: VARIATIONS }, (_, at) => ({ ...plan, seed: plan.seed + at }));
		expect(variations.some((one) => runPlan(one, without).violation !== null)).toBe(true);
	});
});
