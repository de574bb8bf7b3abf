/** What tests of the simulator share: fault scripts that fast-check makes and shrinks, and plans kept as files. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { CHAOS_MS, type Fault, type Plan } from "./plan.ts";

/** A plan that once broke something, or shows what a mutant breaks. */
export interface KeptPlan {
	readonly name: string;
	/** What it is about, for people. */
	readonly about: string;
	/** The mutant (`mutants.ts`) under which it must break; null: it broke the protocol itself, and must not do so again. */
	readonly mutant: string | null;
	readonly plan: Plan;
}

/** Faults in any order; shrinks to few, early and small ones. */
export function faultScripts(): fc.Arbitrary<readonly Fault[]> {
	return fc.array(anyFault(), { maxLength: 12 });
}

/** A plan of so many machines with these faults, and nothing lost by chance. */
export function planWith(faults: readonly Fault[], machines = 3): Plan {
	return { seed: 1, machines, protection: "auto", publishAt: "available", frameMs: 40, isNoisy: false, faults };
}

/** All plans in `seeds/`. */
export function keptPlans(): readonly KeptPlan[] {
	const folder = new URL("seeds/", import.meta.url);
	return readdirSync(folder)
		.filter((name) => name.endsWith(".json"))
		.sort()
		.map((name) => ({ name, ...JSON.parse(readFileSync(new URL(name, folder), "utf8")) }));
}

function anyFault(): fc.Arbitrary<Fault> {
	const atMs = fc.integer({ min: 0, max: CHAOS_MS / 1_000 }).map((seconds) => seconds * 1_000);
	const machine = fc.nat(4);
	const forMs = fc.integer({ min: 1, max: 45 }).map((seconds) => seconds * 1_000);
	const is = <Kind extends Fault["kind"]>(kind: Kind) => ({ kind: fc.constant(kind), atMs });
	return fc.oneof(
		fc.record({ ...is("submit"), machine, lines: fc.integer({ min: 1, max: 50 }) }),
		fc.record({ ...is("crash"), machine, forMs }),
		fc.record({ ...is("sleep"), machine, forMs }),
		fc.record({ ...is("split"), sides: fc.nat(31), isOneWay: fc.boolean() }),
		fc.record({ ...is("cut"), machine, other: fc.nat(4), isOneWay: fc.boolean() }),
		fc.record({ ...is("heal") }),
		fc.record({ ...is("cancel"), machine }),
		fc.record({ ...is("expire"), machine }),
		fc.record({ ...is("choose"), machine }),
		fc.record({ ...is("retry"), machine }),
		fc.record({ ...is("quit"), machine, forMs }),
		fc.record({ ...is("lose-disk"), machine }),
		fc.record({ ...is("slow-disk"), machine, delayMs: fc.constantFrom(20, 800, 3_000) }),
		fc.record({ ...is("set-clock"), machine, byMs: fc.integer({ min: -600_000, max: 600_000 }) }),
		fc.record({ ...is("owner-returns"), machine, forMs }),
		fc.record({ ...is("hand-over"), machine }),
		fc.record({
			...is("hold"),
			message: fc.constantFrom("grant", "operations", "want", "yield"),
			delayMs: fc.integer({ min: 1_000, max: 20_000 }),
			forMs,
		}),
	);
}
