import { isEnded } from "./batch-status.ts";
import type { Batches, BatchFacts } from "./batches.ts";
import type { Blobs } from "./blobs.ts";
import { asWriteError } from "./errors.ts";
import type { Journal } from "./journal.ts";
import { toRanges } from "./ops.ts";
import type { Digest } from "./records.ts";
import type { Results } from "./results.ts";
import { type EncodedSegment, encodeSegments, type HashedResult } from "./segments.ts";
import { beats } from "./winner.ts";

/** What a round of commits works on. */
export interface RoundDeps {
	readonly journal: Journal;
	readonly batches: Batches;
	readonly results: Results;
	readonly blobs: Blobs;
}

/** The results of a round that count for one batch. */
export interface Share {
	readonly facts: BatchFacts;
	readonly winners: Map<number, HashedResult>;
}

/** Sorts the results of one call into its batch's share; answers how many are better than what is known. */
export function acceptResults(
	{ batches, results }: RoundDeps,
	shares: Map<string, Share>,
	batchId: string,
	offered: readonly HashedResult[],
): number {
	const share = shares.get(batchId) ?? { facts: batches.facts(batchId), winners: new Map() };
	shares.set(batchId, share);
	if (isEnded(share.facts.status)) return 0;
	let accepted = 0;
	for (const hashed of offered) {
		const { line, isError } = hashed.result;
		const rival = share.winners.get(line);
		const held =
			rival === undefined
				? results.holder(share.facts.number, line)
				: { isError: rival.result.isError, hash: rival.hash };
		if (held !== null && !beats({ isError, hash: hashed.hash }, held)) continue;
		share.winners.set(line, hashed);
		accepted += 1;
	}
	return accepted;
}

/** Writes the shares of a round: segments first, then one transaction. On failure nothing of them remains. */
export async function writeShares({ journal, blobs }: RoundDeps, shares: readonly Share[]): Promise<void> {
	const created: Digest[] = [];
	try {
		const written: { batchId: string; segment: EncodedSegment; digest: Digest }[] = [];
		for (const { facts, winners } of shares) {
			const sorted = [...winners.values()].sort((left, right) => left.result.line - right.result.line);
			for (const segment of encodeSegments(sorted)) {
				const put = await blobs.put(segment.bytes);
				if (put.created) created.push(put.digest);
				written.push({ batchId: facts.id, segment, digest: put.digest });
			}
		}
		if (written.length === 0) return;
		journal.recordNow((append) => {
			for (const { batchId, segment, digest } of written) {
				const lines = toRanges(segment.rows.map((row) => row.line));
				const errors = toRanges(segment.rows.filter((row) => row.isError).map((row) => row.line));
				const body = { batchId, digest, sizeBytes: segment.bytes.length, lines, errors };
				append({ kind: "segment", body }, segment.rows);
			}
		});
	} catch (error) {
		for (const digest of created) blobs.remove(digest);
		throw asWriteError(error);
	}
}
