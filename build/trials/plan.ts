/** What breaks in a trial, and when: made from a seed, so that the same seed gives the same faults. Pure. */
import { createRandom } from "../bench/tickets.ts";
import { type FaultKind, faultKindSchema } from "./history.ts";

/** A fault to come. */
export interface PlannedFault {
	readonly fault: FaultKind;
	/** It begins once so much of the lines is done. */
	readonly atPart: number;
	/** How long it lasts, milliseconds. */
	readonly lastsMs: number;
	/** Between 0 and 1: which machine, and which other one. */
	readonly machine: number;
	readonly other: number;
}

/** A small batch to be made while things are broken. */
export interface PlannedBatch {
	readonly atPart: number;
	readonly machine: number;
}

/** What a trial does. */
export interface TrialPlan {
	readonly seed: number;
	readonly machineCount: number;
	readonly faults: readonly PlannedFault[];
	readonly batches: readonly PlannedBatch[];
}

/** Shortest and longest that each fault lasts, in milliseconds; around what makes a host suspected (8 s) where it can be. */
const LASTS_MS: Readonly<Record<FaultKind, readonly [number, number]>> = {
	"kill-host": [1_000, 20_000],
	"kill-other": [1_000, 20_000],
	cut: [4_000, 30_000],
	pull: [2_000, 15_000],
	stop: [20_000, 20_000],
	"kill-all": [500, 3_000],
};

/** Faults of a trial beside one of each kind. */
const MORE_FAULTS = 2;

/** Small batches made on the way. */
const BATCHES = 3;

/** Nothing breaks before so much is done, so that there is something to lose, nor after so much. */
const [FIRST_PART, LAST_PART] = [0.03, 0.85];

/** The plan of a seed; as many machines as one of the two bounds or in between. */
export function planTrial(seed: number, [fewest, most]: readonly [number, number]): TrialPlan {
	const random = createRandom(seed);
	const between = (least: number, greatest: number): number => least + random() * (greatest - least);
	const machineCount = fewest + Math.floor(random() * (most - fewest + 1));
	const every = faultKindSchema.options;
	const kinds = [...every, ...Array.from({ length: MORE_FAULTS }, () => every[Math.floor(random() * every.length)])];
	const faults = kinds
		.filter((fault) => fault !== undefined)
		.map((fault) => ({
			fault,
			atPart: between(FIRST_PART, LAST_PART),
			lastsMs: Math.round(between(...LASTS_MS[fault])),
			machine: random(),
			other: random(),
		}))
		.toSorted((left, right) => left.atPart - right.atPart);
	const batches = Array.from({ length: BATCHES }, () => ({
		atPart: between(FIRST_PART, LAST_PART),
		machine: random(),
	})).toSorted((left, right) => left.atPart - right.atPart);
	return { seed, machineCount, faults, batches };
}
