import { type CoreEvent, lengthIn, step } from "../core/core.ts";
import { perform } from "./effects.ts";
import { type Happening, type Machine, momentOf, startedCore } from "./machine.ts";
import { dropJobs, tellWorker } from "./working.ts";
import type { World } from "./world.ts";

/** Something happens on a machine: its core hears of it and what the core wants is done. */
export function tell(world: World, machine: Machine, happening: Happening): void {
	const before = machine.core;
	const event: CoreEvent = { ...happening, at: momentOf(world.nowMs, machine) };
	const made = step(before, event);
	const { state, effects } = made;
	machine.core = state;
	world.options.observe?.(before, event, made);
	world.checker.stepped(machine, before, happening, effects);
	if (before.tenure !== null && state.tenure === null && !world.options.surroundings.keepsLogs) {
		discardLog(world, machine, happening);
	}
	for (const effect of effects) perform(world, machine, effect);
}

/** What a database with one primary does on meeting a newer one: whatever that one lacks is gone, and the numbers are used again. */
function discardLog(world: World, machine: Machine, happening: Happening): void {
	if (happening.kind !== "received" || happening.message.kind !== "hello") return;
	machine.ledger.truncateOwn(lengthIn(happening.message.durable, machine.ledger.origin));
	const { maxEpoch, ownTerm } = machine.core;
	machine.saved = { maxEpoch, ownTerm };
	dropJobs(machine);
	machine.core = startedCore(
		world,
		machine,
		world.machines.map(({ rank }) => rank),
	);
	tellWorker(world, machine);
}
