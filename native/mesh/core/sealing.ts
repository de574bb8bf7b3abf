import { durabilityOf } from "./acknowledgements.ts";
import { type Batch, canonicalSeal, isCancelled, isEnded, type Seal } from "./batches.ts";
import { compareEpochs } from "./epochs.ts";
import type { Durability, Effect } from "./events.ts";
import type { Outcome, SealBody } from "./operations.ts";
import { actingEpoch, type CoreState, doing, quiet, type Step, withEntry, withoutEntry } from "./state.ts";

/**
 * Ending batches. R2: what there is to do is read off the batches each time and not remembered, so that a new host ends what the
 * one before began.
 */
export function seeToDuties(state: CoreState): Step {
	if (actingEpoch(state) === null) return quiet(state);
	let at = state;
	const effects: Effect[] = [];
	for (const batch of state.batches.values()) {
		const step = seeToBatch(at, batch);
		at = step.state;
		effects.push(...step.effects);
	}
	return { state: at, effects };
}

/**
 * The files are built: their digest becomes the seal, if this machine is still host, and meanwhile nobody else sealed the batch,
 * opened it again, or put lines back into the same round, so that it would end otherwise now.
 */
export function sealWith(state: CoreState, batchId: string, built: Omit<SealBody, "epoch">): Step {
	const { digest, outcome, round } = built;
	const epoch = actingEpoch(state);
	const batch = state.batches.get(batchId);
	const isStale = batch === undefined || batch.round !== round || canonicalSeal(batch) !== null;
	if (epoch === null || isStale || dueOutcome(state, batch) !== outcome || state.duties.get(batchId) !== "build") {
		return quiet(endDuty(state, batchId));
	}
	return doing(state, { kind: "append-seal", batchId, seal: { digest, epoch, outcome, round } });
}

/** What was under way for a batch is over, for good or ill. */
export function endDuty(state: CoreState, batchId: string): CoreState {
	return state.duties.has(batchId) ? { ...state, duties: withoutEntry(state.duties, batchId) } : state;
}

/** Whether a batch is to end in this round with what it has. */
export function isDue({ due }: CoreState, { batchId, round }: Batch): boolean {
	return due.get(batchId)?.round === round;
}

function seeToBatch(state: CoreState, batch: Batch): Step {
	if (isEnded(batch) || state.duties.has(batch.batchId)) return quiet(state);
	const seal = canonicalSeal(batch);
	return seal === null ? buildOutput(state, batch) : publishSeal(state, batch.batchId, seal);
}

function buildOutput(state: CoreState, batch: Batch): Step {
	const outcome = dueOutcome(state, batch);
	if (outcome === null) return quiet(state);
	const { batchId, round } = batch;
	const duties = withEntry(state.duties, batchId, "build" as const);
	return doing({ ...state, duties }, { kind: "build-output", batchId, outcome, round });
}

/** How a batch that is to be sealed now ends; null: it is not. All lines done counts as completed, cancelled or not. */
function dueOutcome(state: CoreState, batch: Batch): Outcome | null {
	const { total, doneCount } = batch;
	if (total === null) return null;
	if (doneCount >= (state.rules.waitsForAllLines ? total : total - 1)) return "completed";
	if (isCancelled(batch)) return "cancelled";
	return isDue(state, batch) ? (state.due.get(batch.batchId)?.outcome ?? null) : null;
}

function publishSeal(state: CoreState, batchId: string, seal: Seal): Step {
	const isOwn = state.tenure !== null && compareEpochs(seal.epoch, state.tenure.epoch) === 0;
	if (!isOwn && !state.rules.adoptsSeals) return quiet(state);
	const durability = durabilityOf(state, seal.place);
	if (durability === null || !maySee(state, durability)) return quiet(state);
	const duties = withEntry(state.duties, batchId, "publish" as const);
	return doing(
		{ ...state, duties },
		{ kind: "append-published", batchId, digest: seal.digest, seal: seal.place, durability },
	);
}

function maySee({ publishAt }: CoreState, { level }: Durability): boolean {
	return publishAt === "available" || level === 2;
}
