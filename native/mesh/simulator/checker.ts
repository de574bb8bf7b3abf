import { type CoreState, type Effect, type Epoch, epochName } from "../core/core.ts";
import { type AuthorityCheck, createAuthorityCheck } from "./authority.ts";
import { createDurabilityCheck, type DurabilityCheck } from "./durability.ts";
import { type Figures, noFigures } from "./figures.ts";
import type { Happening, Machine } from "./machine.ts";
import { createOutputCheck, type OutputCheck } from "./outputs.ts";
import { checkDeposal, checkOffice } from "./stability.ts";
import { Violation } from "./violation.ts";
import type { World } from "./world.ts";

/** Watches every step of every machine, and knows what none of them does. Each check throws `Violation`. */
export interface Checker {
	readonly figures: Figures;
	readonly authority: AuthorityCheck;
	readonly durability: DurabilityCheck;
	readonly outputs: OutputCheck;
	/** A core made a step. */
	stepped(machine: Machine, before: CoreState, happening: Happening, effects: readonly Effect[]): void;
}

/** A checker of a world that has only begun. */
export function createChecker(theWorld: () => World, namesFilesByDigest: boolean): Checker {
	const figures = noFigures();
	const authority = createAuthorityCheck();
	const durability = createDurabilityCheck(() => theWorld().machines, figures);
	const outputs = createOutputCheck(figures, namesFilesByDigest);
	/** When a host of an epoch was last at work. */
	const atWork = new Map<string, { epoch: Epoch; atMs: number }>();

	function checkOffices(machine: Machine, before: CoreState, happening: Happening): void {
		const world = theWorld();
		const { tenure } = machine.core;
		if (tenure === null) {
			if (before.tenure !== null) checkDeposal(world, machine, before, happening, atWork.values());
			return;
		}
		if (tenure.epoch !== before.tenure?.epoch) {
			figures.tenures += 1;
			machine.officeSinceMs = world.nowMs;
			authority.tookOffice(machine, tenure.epoch);
			// An office that was given is not taken from anybody.
			if (before.claim?.cause !== "yield") checkOffice(world, machine, before.tenure !== null);
		}
		if (happening.kind === "tick") {
			atWork.set(epochName(tenure.epoch), { epoch: tenure.epoch, atMs: world.nowMs });
		}
	}

	function checkEffect(machine: Machine, before: CoreState, effect: Effect): void {
		switch (effect.kind) {
			case "start-slice":
				authority.tookGrant(machine, before, effect.epoch);
				break;
			case "acknowledged":
				durability.gaveWord(machine, effect.place, effect.durability, effect.request);
				break;
			case "append-published":
				durability.gaveWord(machine, effect.seal, effect.durability, `the seal of ${effect.batchId}`);
				break;
			case "store":
				durability.stored(effect.operations);
				break;
			case "forked":
				throw new Violation(`I4: ${machine.device} sees two operations at ${effect.origin}/${effect.sequence}`);
			case "append-seal": {
				figures.seals += 1;
				const { batchId, seal } = effect;
				const total = machine.core.batches.get(batchId)?.total ?? null;
				outputs.checkContent({ batchId, total }, seal.digest, seal.outcome === "completed");
				break;
			}
			default:
		}
	}

	return {
		figures,
		authority,
		durability,
		outputs,
		stepped(machine, before, happening, effects) {
			checkOffices(machine, before, happening);
			for (const effect of effects) checkEffect(machine, before, effect);
		},
	};
}
