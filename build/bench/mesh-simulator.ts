/**
 * Runs the mesh's simulator for a night: `node build/bench/mesh-simulator.ts [--seeds N] [--first SEED] [--mutants N]
 * [--json FILE]`. Prints what happened in so many made-up nights, and in how many of `--mutants` each missing rule was caught.
 * Ends with 1 when a promise was broken; the first such plans are printed with what led to it, to be kept in
 * `native/mesh/simulator/seeds`. All figures but the time taken are the same on every machine.
 */
import { directedPlanOf } from "../../native/mesh/simulator/directed.ts";
import { MUTANTS, REDUNDANT } from "../../native/mesh/simulator/mutants.ts";
import {
	addFigures,
	calmPlanOf,
	describeFailure,
	type Figures,
	noFigures,
	type Plan,
	planOf,
	runPlan,
} from "../../native/mesh/simulator/simulator.ts";
import { type Cell, option, printTable, say, writeReport } from "./report.ts";

/** Broken plans that are printed whole; more would hardly tell more. */
const PRINTED = 3;

/** How often people are told how far it is. */
const TELL_EVERY = 10_000;

/** Plans without faults; they hardly differ. */
const CALM_PLANS = 200;

interface Night {
	readonly name: string;
	readonly plans: number;
	readonly broken: number;
	readonly figures: Figures;
	readonly seconds: number;
}

const seeds = Number(option("seeds") ?? 200_000);
const first = Number(option("first") ?? 1);
const mutantPlans = Number(option("mutants") ?? 2_500);

const nights = [
	runNight("faults", seeds, (at) => planOf(first + at)),
	runNight("outputs on two disks", Math.ceil(seeds / 20), (at) => strictPlanOf(first + at)),
	runNight("no faults", CALM_PLANS, (at) => calmPlanOf(first + at)),
];
printNights(nights);
const mutants = [...MUTANTS, ...REDUNDANT].map(({ name, without, shownBy, breaks }) => {
	const byChance = violations(mutantPlans, (at) => runPlan(planOf(first + at), without).violation);
	const directed = violations(mutantPlans, (at) => runPlan(directedPlanOf(shownBy, first + at), without).violation);
	return {
		name,
		breaks,
		byChance: byChance.length,
		directed: directed.length,
		by: invariantsOf([...byChance, ...directed]),
	};
});
printTable(
	`Rules taken away, ${mutantPlans.toLocaleString("en-US")} plans each`,
	["without", "caught by chance", "caught where led to", "by"],
	mutants.map(({ name, byChance, directed, by }) => [name, byChance, directed, by]),
);
const path = option("json");
if (path !== null) writeReport(path, { bench: "mesh-simulator", seeds, first, nights, mutantPlans, mutants });
const missed = mutants.filter(({ breaks, byChance, directed }) => breaks.length > 0 && byChance + directed === 0);
for (const { name } of missed) say(`Nothing broke without ${name}.`);
process.exitCode = missed.length > 0 || nights.some(({ broken }) => broken > 0) ? 1 : 0;

function runNight(name: string, plans: number, planAt: (at: number) => Plan): Night {
	const figures = noFigures();
	const startedMs = performance.now();
	let broken = 0;
	for (let at = 0; at < plans; at += 1) {
		const outcome = runPlan(planAt(at));
		addFigures(figures, outcome.figures);
		if (outcome.violation !== null) {
			broken += 1;
			if (broken <= PRINTED) say(describeFailure(planAt(at)));
		}
		if ((at + 1) % TELL_EVERY === 0) say(`${name}: ${at + 1} of ${plans}, ${broken} broken`);
	}
	return { name, plans, broken, figures, seconds: (performance.now() - startedMs) / 1000 };
}

/** Outputs are shown from two disks on only. Of two machines none may be lost then: the other would wait for a new one. */
function strictPlanOf(seed: number): Plan {
	const plan = planOf(seed);
	return { ...plan, publishAt: "two", faults: plan.faults.filter(({ kind }) => kind !== "lose-disk") };
}

function violations(plans: number, run: (at: number) => string | null): readonly string[] {
	return Array.from({ length: plans }, (_, at) => run(at)).filter((violation) => violation !== null);
}

/** Which invariants broke, and how often each: `I4 12, I3 2`. */
function invariantsOf(broken: readonly string[]): string {
	const counts = new Map<string, number>();
	for (const violation of broken) {
		const [invariant = ""] = violation.split(":");
		counts.set(invariant, (counts.get(invariant) ?? 0) + 1);
	}
	const sorted = [...counts].sort(([, left], [, right]) => right - left);
	return sorted.map(([invariant, count]) => `${invariant} ${count}`).join(", ");
}

function printNights(all: readonly Night[]): void {
	const rows: readonly (readonly [string, (night: Night) => Cell])[] = [
		["plans", ({ plans }) => plans],
		["broken", ({ broken }) => broken],
		["lines with a result", ({ figures }) => figures.lines],
		["run more than once, of 100", ({ figures }) => (100 * figures.duplicates) / Math.max(figures.lines, 1)],
		["tenures of hosts", ({ figures }) => figures.tenures],
		["seals", ({ figures }) => figures.seals],
		["acknowledged on one disk", ({ figures }) => figures.acknowledgedOnOne],
		["acknowledged on two", ({ figures }) => figures.acknowledgedOnTwo],
		["batches that clients saw", ({ figures }) => figures.batches],
		["with two outputs, of 100", ({ figures }) => (100 * figures.batchesWithTwoFiles) / Math.max(figures.batches, 1)],
		["all well again after, s", ({ figures, plans }) => figures.settledAfterMs / 1000 / Math.max(plans, 1)],
		["plans a second", ({ plans, seconds }) => plans / seconds],
	];
	printTable(
		`The mesh in made-up nights, seeds from ${first}`,
		["", ...all.map(({ name }) => name)],
		rows.map(([name, cell]) => [name, ...all.map(cell)]),
	);
}
