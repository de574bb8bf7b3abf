import type { SegmentReader } from "./fold-results.ts";
import { decodeOp, type OperationLog } from "./log.ts";

/**
 * Reads segments for folding a whole log anew. Those of batches whose results were removed later are gone and must not be
 * missed: they count as empty, and the operation that removed them says which figures stay.
 */
export function createReplayReader(log: OperationLog, readSegment: SegmentReader): SegmentReader {
	const dropped = new Set<string>();
	for (const stored of log.ofKind("results-dropped")) {
		const { content } = decodeOp(stored);
		if (content.kind === "results-dropped") dropped.add(content.body.batchId);
	}
	return (body) => (dropped.has(body.batchId) ? [] : readSegment(body));
}
