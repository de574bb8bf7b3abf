import { assertNever } from "../../base/assert-never.ts";
import { compareEpochs } from "./epochs.ts";
import type { Fact, Operation, Place, SealBody } from "./operations.ts";
import { countLines, type LineRanges, NO_LINES, unite } from "./ranges.ts";

/**
 * A batch as far as the mesh must know it: which lines are left, and how it ended. Every part only grows, whatever the order in
 * which operations arrive, so that machines with the same operations see the same.
 */
export interface Batch {
	readonly batchId: string;
	/** Number of lines; null: results or a seal arrived before the batch itself. */
	readonly total: number | null;
	readonly model: string | null;
	/** Lines with a result. */
	readonly done: LineRanges;
	readonly doneCount: number;
	readonly isCancelled: boolean;
	readonly seals: readonly Seal[];
	/** Digests of seals whose files may be shown. */
	readonly published: readonly string[];
}

/** A seal and where it stands in the logs. */
export interface Seal extends SealBody {
	readonly place: Place;
}

/** The batches with what an operation says. */
export function foldOperation(batches: ReadonlyMap<string, Batch>, operation: Operation): ReadonlyMap<string, Batch> {
	const { fact } = operation;
	if (fact.kind === "other") return batches;
	const before = batches.get(fact.batchId) ?? emptyBatch(fact.batchId);
	const after = foldFact(before, fact, { origin: operation.origin, sequence: operation.sequence });
	return after === before ? batches : new Map(batches).set(fact.batchId, after);
}

function foldFact(batch: Batch, fact: Exclude<Fact, { kind: "other" }>, place: Place): Batch {
	switch (fact.kind) {
		case "batch":
			return { ...batch, total: fact.total, model: fact.model };
		case "segment":
			return withDone(batch, fact.lines);
		case "cancel":
			return { ...batch, isCancelled: true };
		case "seal": {
			const { digest, epoch, outcome } = fact;
			return { ...batch, seals: [...batch.seals, { digest, epoch, outcome, place }] };
		}
		case "published":
			return batch.published.includes(fact.digest) ? batch : { ...batch, published: [...batch.published, fact.digest] };
		default:
			return assertNever(fact);
	}
}

/** The seal that counts: a published one, of the earliest epoch, with the least digest. Null: there is none. */
export function canonicalSeal(batch: Batch): Seal | null {
	let least: Seal | null = null;
	for (const seal of batch.seals) if (least === null || compareSeals(batch, seal, least) < 0) least = seal;
	return least;
}

/** Whether there is nothing left to do: the seal that counts is published. */
export function isEnded(batch: Batch): boolean {
	return batch.seals.some(({ digest }) => batch.published.includes(digest));
}

function compareSeals(batch: Batch, left: Seal, right: Seal): number {
	const leftIsShown = batch.published.includes(left.digest);
	if (leftIsShown !== batch.published.includes(right.digest)) return leftIsShown ? -1 : 1;
	return compareEpochs(left.epoch, right.epoch) || (left.digest < right.digest ? -1 : 1);
}

function withDone(batch: Batch, lines: LineRanges): Batch {
	const done = unite(batch.done, lines);
	const doneCount = countLines(done);
	return doneCount === batch.doneCount ? batch : { ...batch, done, doneCount };
}

function emptyBatch(batchId: string): Batch {
	return {
		batchId,
		total: null,
		model: null,
		done: NO_LINES,
		doneCount: 0,
		isCancelled: false,
		seals: [],
		published: [],
	};
}
