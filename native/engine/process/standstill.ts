/** Where frozen lanes stand, and whether they still do when they go on. Owns what was noted. Must never move a lane. */
import type { FreezeReport, ThawReport } from "../engine.ts";

/** A lane as it is looked at. */
export interface StandingLane {
	/** The work in it, told apart by identity; null while it is free. */
	readonly strand: object | null;
	/** Tokens llama.cpp holds for it. */
	readonly position: number;
}

/** The part of a freeze report that is about lanes. */
export type FrozenLanes = Pick<FreezeReport, "frozenLanes" | "frozenTokens">;

/** A note of lanes at rest. */
export interface Standstill {
	/** Notes where every busy lane stands; a second time before `thaw` it tells and notes nothing. Only while none moves. */
	freeze(): FrozenLanes;
	/** Tells what busy lanes hold at this moment, also while they move; notes nothing. */
	look(): FrozenLanes;
	/** Compares with what `freeze` noted. */
	thaw(): ThawReport;
}

/** Nothing noted yet. */
export function createStandstill(lanes: readonly StandingLane[]): Standstill {
	const look = () => lanes.flatMap((lane) => (lane.strand === null ? [] : [{ ...pick(lane), lane }]));
	const total = (standing: ReturnType<typeof look>): FrozenLanes => ({
		frozenLanes: standing.length,
		frozenTokens: sum(standing.map(({ position }) => position)),
	});
	let noted: ReturnType<typeof look> | null = null;
	return {
		freeze() {
			const standing = look();
			noted ??= standing;
			return total(standing);
		},
		look: () => total(look()),
		thaw() {
			// Who left meanwhile is not computed again.
			const kept = (noted ?? []).filter(({ lane, strand }) => lane.strand === strand);
			noted = null;
			return { recomputedTokens: sum(kept.map(({ lane, position }) => Math.max(0, position - lane.position))) };
		},
	};
}

function pick({ strand, position }: StandingLane): StandingLane {
	return { strand, position };
}

function sum(amounts: readonly number[]): number {
	return amounts.reduce((total, amount) => total + amount, 0);
}
