/** Who moves in a step, and by how many tokens. Pure rules; the loop does what they say. */

/** A lane as planning sees it. */
export interface StepLane {
	/** Tokens to evaluate before the next one can be drawn: more than 1 while the prompt is read. */
	readonly pendingCount: number;
}

/** One lane's part in a step. */
export interface Move<L extends StepLane> {
	readonly lane: L;
	readonly count: number;
}

/** What bounds a step of batch work. */
export interface BatchStepRule {
	/** Most prompt tokens. */
	readonly stepTokens: number;
	/** Rows the kernels take at a time: 4 on a processor, where a pass of 83 rows costs as much as one of 88. 1 elsewhere. */
	readonly rowAlignment: number;
}

/** What bounds a step of live work. */
export interface LiveStepRule {
	/** Most prompt tokens while nobody is being answered. */
	readonly passTokens: number;
	/** Most prompt tokens while an answer is being written, which every step holds up. */
	readonly stepTokens: number;
}

/** With fewer writers than this there is no full pass for the last tokens of a prompt to ride in. */
const RIDING_LANES = 8;

/**
 * A step of batch lanes. They either read or write: while one reads its prompt the writing ones wait, because llama.cpp would
 * run both as passes of their own anyway, and a pass for a few writers costs nearly as much as one for all of them a moment
 * later.
 *
 * Prompts are cut only where one alone is too long for a step: each further piece would be a pass of its own. With many
 * lanes busy they are read in whole blocks of rows, and the last one to three tokens go with the writers, one a step.
 */
export function planBatchStep<L extends StepLane>(lanes: readonly L[], rule: BatchStepRule): readonly Move<L>[] {
	const block = lanes.length >= RIDING_LANES ? rule.rowAlignment : 1;
	const readers = lanes.filter((lane) => lane.pendingCount >= Math.max(2, block));
	if (readers.length === 0) return lanes.map((lane) => ({ lane, count: 1 }));
	const moves: Move<L>[] = [];
	let left = rule.stepTokens;
	for (const lane of readers) {
		const wanted = lane.pendingCount - (lane.pendingCount % block);
		if (wanted > left && left < rule.stepTokens) continue;
		const count = Math.min(left, wanted);
		moves.push({ lane, count });
		left -= count;
		if (left === 0) break;
	}
	return moves;
}

/**
 * A step of live lanes. Somebody watches each: answers grow in every step, and the shortest prompt is read first, so that a
 * completion in an editor does not wait for a chat with a book in it.
 */
export function planLiveStep<L extends StepLane>(lanes: readonly L[], rule: LiveStepRule): readonly Move<L>[] {
	const writers = lanes.filter((lane) => lane.pendingCount === 1);
	const readers = lanes.filter((lane) => lane.pendingCount > 1).sort((a, b) => a.pendingCount - b.pendingCount);
	let left = writers.length > 0 ? rule.stepTokens : rule.passTokens;
	const moves: Move<L>[] = writers.map((lane) => ({ lane, count: 1 }));
	for (const lane of readers) {
		const count = Math.min(left, lane.pendingCount);
		if (count === 0) break;
		moves.push({ lane, count });
		left -= count;
	}
	return moves;
}
