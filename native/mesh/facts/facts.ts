/**
 * What the ledger's operations mean to the mesh. Pure: from the operation as stored to the core's view of it. Must agree with the
 * ledger's own fold, which the test beside it checks, and must never refuse an operation: what makes no sense is `other`.
 */

import type { StoredOp } from "../../ledger/ledger.ts";
import { decodeContent } from "../../ledger/log.ts";
import type { OpBody, OpContent } from "../../ledger/ops.ts";
import { isKnown } from "../../ledger/replay.ts";
import { digestOfSealed } from "../../ledger/seal-digest.ts";
import type { Epoch } from "../core/epochs.ts";
import type { Fact, Operation } from "../core/operations.ts";
import { type LineRanges, NO_LINES, unite } from "../core/ranges.ts";

/** What a machine alone seals under: before all hosts. */
const ALONE: Epoch = { term: 0, rank: 0, device: "" };

const OTHER: Fact = { kind: "other" };

/**
 * What an operation means. `roundThen`: the round that its own log had come to for this batch; operations from before there were
 * several machines do not name theirs.
 */
export function factOf(op: StoredOp, roundThen = 0): Fact {
	const content = contentOf(op);
	if (content === null) return OTHER;
	switch (content.kind) {
		case "indexed": {
			const { batchId, total, model } = content.body;
			return { kind: "batch", batchId, total, model };
		}
		case "segment":
			return segmentFact(content.body);
		case "cancel":
			return { kind: "cancel", batchId: content.body.batchId, round: content.body.round ?? roundThen };
		case "retried": {
			const { batchId, round, lines } = content.body;
			return { kind: "retried", batchId, round, lines: lines === null ? null : tidy(lines) };
		}
		case "chosen":
			return { kind: "chosen", ...content.body };
		case "seal": {
			const { batchId, epoch, status, round } = content.body;
			const digest = digestOfSealed(content);
			return { kind: "seal", batchId, digest, epoch: epoch ?? ALONE, outcome: status, round: round ?? roundThen };
		}
		case "published":
			return { kind: "published", batchId: content.body.batchId, digest: digestOfSealed(content) };
		default:
			return OTHER;
	}
}

/** An operation as the core takes it. */
export function operationOf(op: StoredOp, roundThen = 0): Operation {
	const { origin, sequence, previous, hash } = op;
	return { origin, sequence, previous, hash, fact: factOf(op, roundThen) };
}

/** Reads whole logs, each in its own order, in between each other: knows the rounds that old operations do not name. */
export function createFactReader(): (op: StoredOp) => Operation {
	const rounds = new Map<string, number>();
	return (op) => {
		const content = contentOf(op);
		const batchId = content !== null && "batchId" in content.body ? content.body.batchId : null;
		const place = `${op.origin} ${batchId}`;
		const roundThen = rounds.get(place) ?? 0;
		if (content?.kind === "retried") rounds.set(place, Math.max(roundThen, content.body.round));
		return operationOf(op, roundThen);
	};
}

function segmentFact({ batchId, lines, errors, round }: OpBody<"segment">): Fact {
	return { kind: "segment", batchId, lines: tidy(lines), errors: tidy(errors), round };
}

/** Runs as the core wants them, ascending and apart, whatever another machine wrote. */
function tidy(runs: LineRanges): LineRanges {
	const isTidy = runs.every(([first, count], at) => {
		const before = runs[at - 1];
		return count > 0 && (before === undefined || before[0] + before[1] < first);
	});
	if (isTidy) return runs;
	const sorted = runs.filter(([, count]) => count > 0).toSorted((left, right) => left[0] - right[0]);
	return sorted.reduce<LineRanges>((all, run) => unite(all, [run]), NO_LINES);
}

function contentOf(op: StoredOp): OpContent | null {
	if (!isKnown(op)) return null;
	try {
		return decodeContent(op);
	} catch {
		// The ledger keeps it and makes nothing of it either.
		return null;
	}
}
