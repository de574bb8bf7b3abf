/** Who enters which lane, and from where its beginning comes. Pure: knows tokens as numbers and nothing of node-llama-cpp. */

import type { Priority } from "./turns.ts";

/** A lane as admission sees it. */
export interface AdmissionLane {
	readonly index: number;
	readonly isFree: boolean;
	/** What it holds, or, while it works, the whole prompt it works on. */
	readonly tokens: readonly number[];
	/** How many of `tokens` are computed. */
	readonly computed: number;
}

/** Something that wants a place. */
export interface Waiting {
	readonly priority: Priority;
	readonly prompt: readonly number[];
}

/** One entry decided. */
export interface Admission<W extends Waiting, L extends AdmissionLane> {
	readonly waiting: W;
	readonly lane: L;
	/** Lane to copy the beginning from, when it holds enough more of the prompt; null to go by what `lane` holds. */
	readonly donor: L | null;
	/** Tokens of the prompt that need not be computed. */
	readonly shared: number;
}

/** Whether copying `held` computed tokens is cheaper than computing `gained` of them. */
export type CopyPays = (held: number, gained: number) => boolean;

/** How many tokens two texts share from the start. */
export function commonLength(a: readonly number[], b: readonly number[]): number {
	const limit = Math.min(a.length, b.length);
	let length = 0;
	while (length < limit && a[length] === b[length]) length++;
	return length;
}

/** Waiting ones looked at for each free lane: enough to pass over some that are held back, without reading a long queue. */
const LOOKAHEAD_PER_LANE = 4;

/**
 * Fills free lanes of one context in the order of `waiting`, each entering the lane that holds most of its prompt.
 *
 * A beginning that several share is computed once: a batch one whose beginning is being read in another lane right now is
 * held back until it can be copied from there. Live ones are never held back.
 */
export function admit<W extends Waiting, L extends AdmissionLane>(
	waiting: readonly W[],
	lanes: readonly L[],
	copyPays: CopyPays,
): readonly Admission<W, L>[] {
	const free = lanes.filter((lane) => lane.isFree);
	const limit = free.length * LOOKAHEAD_PER_LANE;
	const admissions: Admission<W, L>[] = [];
	for (const candidate of waiting.slice(0, limit)) {
		const best = bestLane(candidate, free);
		if (best === null) break;
		const donor = bestDonor(candidate, lanes);
		const kept = keptOf(candidate, best);
		const offered = donor === null ? 0 : keptOf(candidate, donor);
		const copies = donor !== null && donor !== best && copyPays(donor.computed, offered - kept);
		const shared = copies ? offered : kept;
		if (candidate.priority === "batch" && isBeingRead(candidate, shared, lanes, admissions, copyPays)) continue;
		free.splice(free.indexOf(best), 1);
		admissions.push({ waiting: candidate, lane: best, donor: copies ? donor : null, shared });
	}
	return admissions;
}

/** Computed tokens of a lane that begin the candidate's prompt. */
function keptOf(candidate: Waiting, lane: AdmissionLane): number {
	return Math.min(commonLength(lane.tokens, candidate.prompt), lane.computed, candidate.prompt.length - 1);
}

/** Whether a lane, or one just admitted, is about to hold enough more of the prompt to be worth waiting for. */
function isBeingRead<W extends Waiting, L extends AdmissionLane>(
	candidate: W,
	shared: number,
	lanes: readonly L[],
	admissions: readonly Admission<W, L>[],
	copyPays: CopyPays,
): boolean {
	const reading = [
		...lanes.filter((lane) => !lane.isFree && lane.computed < lane.tokens.length).map((lane) => lane.tokens),
		...admissions.map((admission) => admission.waiting.prompt),
	];
	return reading.some((tokens) => {
		const soon = Math.min(commonLength(tokens, candidate.prompt), candidate.prompt.length - 1);
		return copyPays(tokens.length, soon - shared);
	});
}

/** Equal lanes: the one that forgets least, then the lowest, because llama.cpp joins only neighbours into one pass. */
function bestLane<L extends AdmissionLane>(candidate: Waiting, free: readonly L[]): L | null {
	let best: L | null = null;
	let bestKept = -1;
	for (const lane of free) {
		const kept = keptOf(candidate, lane);
		const forgetsLess = best !== null && lane.computed - kept < best.computed - bestKept;
		if (best === null || kept > bestKept || (kept === bestKept && forgetsLess)) {
			best = lane;
			bestKept = kept;
		}
	}
	return best;
}

function bestDonor<L extends AdmissionLane>(candidate: Waiting, lanes: readonly L[]): L | null {
	let best: L | null = null;
	let bestKept = 0;
	for (const lane of lanes) {
		const kept = keptOf(candidate, lane);
		// Of equal donors the shorter one: all it holds is copied.
		if (kept > bestKept || (best !== null && kept === bestKept && lane.computed < best.computed)) {
			best = lane;
			bestKept = kept;
		}
	}
	return best;
}
