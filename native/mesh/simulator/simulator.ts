/**
 * Runs the mesh's cores in a world that is made up: virtual time, machines that crash, sleep and lose their disks, a network that
 * loses and splits. Checks the invariants of reference/mesh 7.1 at every step and at the end. The same plan always runs the same
 * way, so that a failing one can be kept, looked at and shrunk.
 *
 * Owns that world and the checks. For tests and benches only: the service must never import it, and no part of it may look at a
 * real clock, or at anything else but its plan.
 */
import { ALL_RULES, type Rules } from "../core/core.ts";
import { checkClosing, linesLeft, unsettled } from "./closing.ts";
import { liftChoices, planFaults } from "./faults.ts";
import type { Figures } from "./figures.ts";
import { addMachines, boot, wake } from "./lifecycle.ts";
import { CHAOS_MS, type Plan } from "./plan.ts";
import { Violation } from "./violation.ts";
import { ALL_SURROUNDING_RULES, createWorld, type Observer, type SurroundingRules, type World } from "./world.ts";

export { addFigures, type Figures, noFigures } from "./figures.ts";
export { CHAOS_MS, calmPlanOf, type Fault, type Plan, planOf } from "./plan.ts";
export { ALL_SURROUNDING_RULES, type SurroundingRules } from "./world.ts";

/** By then everything must be settled after the faults ended: thrice what an election and the end of a lease take together. */
const CALM_MS = 150_000;

/** And so much later for each line without a result: more than one takes, though one machine may be left to do all. */
const CALM_LINE_MS = 3_000;

/** How often is looked whether it is. */
const LOOK_MS = 2_000;

/** How often a client looks at some machine. */
const POLL_MS = 1_500;

/** Rules to take away, and whether to write down what happens. */
export interface RunOptions {
	readonly rules?: Partial<Rules>;
	readonly surroundings?: Partial<SurroundingRules>;
	readonly isTraced?: boolean;
	readonly observe?: Observer;
}

/** What came of a run. */
export interface Outcome {
	/** What was broken, beginning with the number of the invariant; null: nothing was. */
	readonly violation: string | null;
	readonly figures: Figures;
	/** What happened, if it was to be written down. */
	readonly trace: readonly string[];
}

/** Runs a plan to its end, or to the first violation. */
export function runPlan(plan: Plan, options: RunOptions = {}): Outcome {
	const world = createWorld(plan, {
		rules: { ...ALL_RULES, ...options.rules },
		surroundings: { ...ALL_SURROUNDING_RULES, ...options.surroundings },
		isTraced: options.isTraced ?? false,
		observe: options.observe,
	});
	const violation = violationOf(world);
	return { violation, figures: world.checker.figures, trace: world.trace };
}

/** For people: what broke, the plan, and the last of what happened. */
export function describeFailure(plan: Plan, options: RunOptions = {}, lines = 60): string {
	const { violation, trace } = runPlan(plan, { ...options, isTraced: true });
	return [`${violation ?? "nothing is broken"}`, JSON.stringify(plan), ...trace.slice(-lines)].join("\n");
}

function violationOf(world: World): string | null {
	try {
		addMachines(world);
		planFaults(world);
		planPolls(world);
		world.run(CHAOS_MS);
		mendAll(world);
		settle(world);
		checkClosing(world);
		return null;
	} catch (error) {
		if (!(error instanceof Violation)) throw error;
		return `${error.message} (after ${(world.nowMs / 1000).toFixed(1)} s, ${world.plan.machines} machines)`;
	}
}

function planPolls(world: World): void {
	for (let atMs = POLL_MS; atMs < CHAOS_MS; atMs += POLL_MS) {
		world.after(atMs, () => {
			const machine = world.random.pick(world.machines);
			if (machine.condition !== "up") return;
			for (const batch of machine.core.batches.values()) world.checker.outputs.shown(batch);
		});
	}
}

function mendAll(world: World): void {
	world.note(null, "all is mended");
	world.network.heal();
	world.network.calmDown();
	for (const machine of world.machines) {
		wake(world, machine);
		boot(world, machine);
	}
	for (const machine of world.machines) if (machine.condition === "up") liftChoices(world, machine);
}

function settle(world: World): void {
	const { figures } = world.checker;
	const patienceMs = CALM_MS + CALM_LINE_MS * linesLeft(world);
	for (let left = unsettled(world); left !== null; left = unsettled(world)) {
		if (figures.settledAfterMs >= patienceMs) throw new Violation(left);
		world.run(LOOK_MS);
		figures.settledAfterMs += LOOK_MS;
	}
}
