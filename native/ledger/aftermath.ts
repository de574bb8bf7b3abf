import { isEnded } from "./batch-status.ts";
import type { Batches } from "./batches.ts";
import type { Aftermath } from "./create-exchange.ts";
import type { Leases } from "./leases.ts";
import type { Lines } from "./lines.ts";
import { decodeContent, type StoredOp } from "./log.ts";
import type { OpContent } from "./ops.ts";
import { isKnown } from "./replay.ts";
import type { Results } from "./results.ts";

/** Lets leases and line orders follow what other machines did. */
export function createAftermath(deps: { batches: Batches; lines: Lines; leases: Leases; results: Results }): Aftermath {
	const { batches, lines, leases, results } = deps;

	/** Each operation on a batch that is here and not deleted. */
	function* onBatches(ops: readonly StoredOp[]) {
		for (const op of ops) {
			const content = contentOf(op);
			if (content === null || !("batchId" in content.body) || content.body.batchId === null) continue;
			if (batches.batch(content.body.batchId) === null) continue;
			yield { content, facts: batches.facts(content.body.batchId) };
		}
	}

	function* finished(number: number, total: number, runs: readonly (readonly [number, number])[]): Generator<number> {
		for (const [first, count] of runs) {
			for (let line = first; line < Math.min(first + count, total); line += 1)
				if (results.has(number, line)) yield line;
		}
	}

	return {
		within(ops) {
			for (const { content, facts } of onBatches(ops)) {
				// The cursor passed these lines long ago.
				if (content.kind === "retried") lines.resetFloor(facts.number);
			}
			for (const op of ops) {
				const content = contentOf(op);
				if (content?.kind !== "results-dropped") continue;
				const number = batches.numberEver(content.body.batchId);
				if (number !== null) lines.clear(number);
			}
		},
		after(ops) {
			for (const { content, facts } of onBatches(ops)) {
				if (content.kind === "segment") {
					leases.settled(facts.number, finished(facts.number, facts.total, content.body.lines));
				}
				if (content.kind === "retried" || isEnded(facts.status)) leases.forget(facts.number);
			}
		},
	};
}

function contentOf(op: StoredOp): OpContent | null {
	if (!isKnown(op)) return null;
	try {
		return decodeContent(op);
	} catch {
		// It counts for nothing, which the fold has said already.
		return null;
	}
}
