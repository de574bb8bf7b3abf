import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Batch, canonicalSeal, foldOperation, isCancelled, isEnded } from "./batches.ts";
import type { Fact } from "./operations.ts";
import { answersTo, epochOf, operationOf } from "./testing.ts";

const batchId = "x";
const line = fc.nat(9).map((first) => [[first, 1]] as const);
const round = fc.nat(3);

/** Whatever machines may have written about one batch. */
const anyFact: fc.Arbitrary<Fact> = fc.oneof(
	fc.constant<Fact>({ kind: "batch", batchId, total: 10, model: "m" }),
	fc.record({ lines: line, round, isError: fc.boolean() }).map(({ lines, round: made, isError }): Fact => {
		return { kind: "segment", batchId, lines, errors: isError ? lines : [], round: made };
	}),
	fc.record({ kind: fc.constant("cancel" as const), batchId: fc.constant(batchId), round }),
	fc
		.record({ round: round.map((before) => before + 1), lines: fc.option(line) })
		.map((retry): Fact => ({ kind: "retried", batchId, ...retry })),
	fc
		.record({ term: fc.nat(3), digest: fc.constantFrom("d", "e", "f"), round })
		.map(({ term, digest, round: ended }): Fact => {
			return { kind: "seal", batchId, digest, epoch: epochOf(term, "a"), outcome: "completed", round: ended };
		}),
	fc.constantFrom("d", "e", "f").map((digest): Fact => ({ kind: "published", batchId, digest })),
);

function fold(facts: readonly Fact[]): Batch | undefined {
	let batches: ReadonlyMap<string, Batch> = new Map();
	facts.forEach((fact, at) => {
		batches = foldOperation(batches, operationOf("a/1", at + 1, fact));
	});
	return batches.get(batchId);
}

/** What others go by. */
function seen(facts: readonly Fact[]): object {
	const batch = fold(facts);
	if (batch === undefined) return {};
	const { total, done, round: current } = batch;
	const seal = canonicalSeal(batch);
	return {
		total,
		done,
		round: current,
		isCancelled: isCancelled(batch),
		isEnded: isEnded(batch),
		seal: seal && [seal.digest, seal.epoch],
	};
}

describe("a batch", () => {
	test("looks the same whatever the order in which operations arrived, and however often", () => {
		fc.assert(
			fc.property(
				fc
					.array(anyFact, { minLength: 1, maxLength: 14 })
					.chain((facts) =>
						fc.tuple(fc.constant(facts), fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 })),
					),
				([facts, shuffled]) => {
					expect(seen(shuffled)).toEqual(seen(facts));
				},
			),
			{ numRuns: 500 },
		);
	});

	test("keeps an answer through every retry, and loses an error to those of its line only", () => {
		const errors: Fact = { kind: "segment", batchId, lines: [[2, 2]], errors: [[2, 2]], round: 0 };
		const retried: Fact = { kind: "retried", batchId, round: 1, lines: [[2, 1]] };
		expect(fold([answersTo(batchId, [[0, 1]]), errors, retried])?.done).toEqual([
			[0, 1],
			[3, 1],
		]);
	});

	test("is not cancelled any more once it was retried", () => {
		const cancel: Fact = { kind: "cancel", batchId, round: 0 };
		const retried: Fact = { kind: "retried", batchId, round: 1, lines: null };
		const batches = [[cancel], [cancel, retried], [retried, cancel]].map(fold);
		expect(batches.map((batch) => batch !== undefined && isCancelled(batch))).toEqual([true, false, false]);
	});
});
