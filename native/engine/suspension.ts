/**
 * Whether batch work may have models at all. Owns that, and what giving them back came to. Must never decide why, nor which
 * models are ended.
 */
import type { Attend } from "./attendant.ts";
import type { Memory } from "./memory.ts";
import type { Residency, SuspendReport, SuspendScope } from "./residency.ts";
import type { Shortage } from "./shortage.ts";

/** What a suspension acts on. */
export interface SuspensionDeps {
	readonly memory: Pick<Memory, "giveBack" | "takeBack">;
	readonly shortage: Pick<Shortage, "hurry">;
	/** The rules are to be asked again. */
	readonly onChange: Attend;
}

/** The word that batch work may have no models, and whom that is for. */
export interface Suspension extends Pick<Residency, "suspend" | "resume" | "isSuspended"> {
	/** Null: not suspended. */
	readonly scope: SuspendScope | null;
}

/** Not suspended. */
export function createSuspension(deps: SuspensionDeps): Suspension {
	let scope: SuspendScope | null = null;
	let report: Promise<SuspendReport> | null = null;
	return {
		get isSuspended() {
			return scope !== null;
		},
		get scope() {
			return scope;
		},
		suspend(wanted = "all") {
			const isWider = scope === "batch" && wanted === "all";
			// Before anybody is told: users that hear of it ask again at once.
			scope = wanted;
			if (report === null || isWider) report = deps.memory.giveBack(wanted);
			deps.onChange();
			return report;
		},
		resume() {
			if (scope === null) return;
			scope = null;
			report = null;
			deps.memory.takeBack();
			deps.shortage.hurry();
			deps.onChange();
		},
	};
}
