import { durabilityOf } from "./acknowledgements.ts";
import { type Batch, canonicalSeal, isEnded } from "./batches.ts";
import { compareEpochs } from "./epochs.ts";
import type { Durability, Effect } from "./events.ts";
import type { SealBody } from "./operations.ts";
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

/** The files are built: their digest becomes the seal, if this machine is still host and nobody else sealed meanwhile. */
export function sealWith(state: CoreState, batchId: string, digest: string, outcome: SealBody["outcome"]): Step {
	const epoch = actingEpoch(state);
	const batch = state.batches.get(batchId);
	if (epoch === null || batch === undefined || batch.seals.length > 0 || state.duties.get(batchId) !== "build") {
		return quiet(endDuty(state, batchId));
	}
	return doing(state, { kind: "append-seal", batchId, seal: { digest, epoch, outcome } });
}

/** What was under way for a batch is over, for good or ill. */
export function endDuty(state: CoreState, batchId: string): CoreState {
	return state.duties.has(batchId) ? { ...state, duties: withoutEntry(state.duties, batchId) } : state;
}

function seeToBatch(state: CoreState, batch: Batch): Step {
	if (isEnded(batch) || state.duties.has(batch.batchId)) return quiet(state);
	return batch.seals.length > 0 ? publishSeal(state, batch) : buildOutput(state, batch);
}

function buildOutput(state: CoreState, batch: Batch): Step {
	const outcome = dueOutcome(state, batch);
	if (outcome === null) return quiet(state);
	const duties = withEntry(state.duties, batch.batchId, "build" as const);
	return doing({ ...state, duties }, { kind: "build-output", batchId: batch.batchId, outcome });
}

/** How a batch that is to be sealed now ends; null: it is not. All lines done counts as completed, cancelled or not. */
function dueOutcome(state: CoreState, { total, doneCount, isCancelled }: Batch): SealBody["outcome"] | null {
	if (total === null) return null;
	if (doneCount >= (state.rules.waitsForAllLines ? total : total - 1)) return "completed";
	return isCancelled ? "cancelled" : null;
}

function publishSeal(state: CoreState, batch: Batch): Step {
	const seal = canonicalSeal(batch);
	if (seal === null) return quiet(state);
	const isOwn = state.tenure !== null && compareEpochs(seal.epoch, state.tenure.epoch) === 0;
	if (!isOwn && !state.rules.adoptsSeals) return quiet(state);
	const durability = durabilityOf(state, seal.place);
	if (durability === null || !maySee(state, durability)) return quiet(state);
	const duties = withEntry(state.duties, batch.batchId, "publish" as const);
	const { batchId } = batch;
	return doing(
		{ ...state, duties },
		{ kind: "append-published", batchId, digest: seal.digest, seal: seal.place, durability },
	);
}

function maySee({ publishAt }: CoreState, { level }: Durability): boolean {
	return publishAt === "available" || level === 2;
}
