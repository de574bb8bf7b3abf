import { assertNever } from "../../base/assert-never.ts";
import { compareEpochs } from "./epochs.ts";
import type { Choice, Fact, Operation, Place, Retry, SealBody, Segment } from "./operations.ts";
import { countLines, type LineRanges, NO_LINES, unite, without } from "./ranges.ts";

/**
 * A batch as far as the mesh must know it: which lines are left, and how it ended. Machines with the same operations see the same,
 * whatever the order in which they arrived.
 */
export interface Batch {
	readonly batchId: string;
	/** Number of lines; null: results or a seal arrived before the batch itself. */
	readonly total: number | null;
	readonly model: string | null;
	/** Counts retries, from 0. */
	readonly round: number;
	/** Lines with a result that counts. */
	readonly done: LineRanges;
	readonly doneCount: number;
	/** Lines with an answer; one counts for good. */
	readonly answered: LineRanges;
	/** Lines with an error, by the round it was made in. */
	readonly failed: ReadonlyMap<number, LineRanges>;
	/** Lines put back, by the round that began with it; null: all. */
	readonly retries: ReadonlyMap<number, LineRanges | null>;
	/** The latest round that was cancelled; null: none was. */
	readonly cancelledRound: number | null;
	/** Which machines may work on it, and whose word that is; null: all. */
	readonly choice: (Choice & { readonly origin: string }) | null;
	readonly seals: readonly Seal[];
	/** Digests of seals whose files may be shown. */
	readonly published: readonly string[];
}

/** A seal and where it stands in the logs. */
export interface Seal extends SealBody {
	readonly place: Place;
}

type BatchFact = Exclude<Fact, { kind: "other" }>;

/** The batches with what an operation says. */
export function foldOperation(batches: ReadonlyMap<string, Batch>, operation: Operation): ReadonlyMap<string, Batch> {
	const { fact } = operation;
	if (fact.kind === "other") return batches;
	const before = batches.get(fact.batchId) ?? emptyBatch(fact.batchId);
	const after = foldFact(before, fact, { origin: operation.origin, sequence: operation.sequence });
	return new Map(batches).set(fact.batchId, after);
}

/** The seal that counts: of the round, a published one, of the earliest epoch, with the least digest. Null: there is none. */
export function canonicalSeal(batch: Batch): Seal | null {
	let least: Seal | null = null;
	for (const seal of batch.seals) {
		if (seal.round === batch.round && (least === null || compareSeals(batch, seal, least) < 0)) least = seal;
	}
	return least;
}

/** Whether there is nothing left to do: the seal that counts is published. */
export function isEnded(batch: Batch): boolean {
	const { seals, round, published } = batch;
	return seals.some((seal) => seal.round === round && published.includes(seal.digest));
}

/** Whether nothing more of it is to be run. */
export function isCancelled({ cancelledRound, round }: Batch): boolean {
	return cancelledRound === round;
}

/** Whether a machine may work on a batch. */
export function isAllowed({ choice }: Batch, device: string): boolean {
	if (choice === null) return true;
	return !choice.never.includes(device) && (choice.only === null || choice.only.includes(device));
}

function foldFact(batch: Batch, fact: BatchFact, place: Place): Batch {
	switch (fact.kind) {
		case "batch":
			return { ...batch, total: fact.total, model: fact.model };
		case "segment":
			return withSegment(batch, fact);
		case "retried":
			return withRetry(batch, fact);
		case "chosen":
			return withChoice(batch, fact, place.origin);
		case "cancel":
			return { ...batch, cancelledRound: Math.max(batch.cancelledRound ?? fact.round, fact.round) };
		case "seal": {
			const { digest, epoch, outcome, round } = fact;
			return { ...batch, seals: [...batch.seals, { digest, epoch, outcome, round, place }] };
		}
		case "published":
			return { ...batch, published: [...new Set([...batch.published, fact.digest])] };
		default:
			return assertNever(fact);
	}
}

function compareSeals(batch: Batch, left: Seal, right: Seal): number {
	const leftIsShown = batch.published.includes(left.digest);
	if (leftIsShown !== batch.published.includes(right.digest)) return leftIsShown ? -1 : 1;
	return compareEpochs(left.epoch, right.epoch) || (left.digest < right.digest ? -1 : 1);
}

function withSegment(batch: Batch, { lines, errors, round }: Segment): Batch {
	const answered = unite(batch.answered, without(lines, errors));
	const known = batch.failed.get(round) ?? NO_LINES;
	const failed = errors.length === 0 ? batch.failed : new Map(batch.failed).set(round, unite(known, errors));
	return counted({ ...batch, answered, failed });
}

/** Two machines may begin the same round, each with other lines: all of them are put back. */
function withRetry(batch: Batch, { round, lines }: Retry): Batch {
	const known = batch.retries.has(round) ? (batch.retries.get(round) ?? null) : NO_LINES;
	const all = known === null || lines === null ? null : unite(known, lines);
	const retries = new Map(batch.retries).set(round, all);
	return counted({ ...batch, retries, round: Math.max(batch.round, round) });
}

function withChoice(batch: Batch, choice: Choice, origin: string): Batch {
	const { choice: known } = batch;
	const order = known === null ? 1 : choice.revision - known.revision || (origin > known.origin ? 1 : -1);
	return order > 0 ? { ...batch, choice: { ...choice, origin } } : batch;
}

/** With the lines whose result counts: an answer always does, an error unless a later round put it back. */
function counted(batch: Batch): Batch {
	let done = batch.answered;
	for (const [round, lines] of batch.failed) done = unite(done, notPutBack(batch, round, lines));
	return { ...batch, done, doneCount: countLines(done) };
}

function notPutBack({ retries }: Batch, round: number, lines: LineRanges): LineRanges {
	let left = lines;
	for (const [later, putBack] of retries) {
		if (later > round) left = putBack === null ? NO_LINES : without(left, putBack);
	}
	return left;
}

function emptyBatch(batchId: string): Batch {
	return {
		batchId,
		total: null,
		model: null,
		round: 0,
		done: NO_LINES,
		doneCount: 0,
		answered: NO_LINES,
		failed: new Map(),
		retries: new Map(),
		cancelledRound: null,
		choice: null,
		seals: [],
		published: [],
	};
}
