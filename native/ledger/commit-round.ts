import { isEnded } from "./batch-status.ts";
import type { Batches, BatchFacts } from "./batches.ts";
import type { Blobs } from "./blobs.ts";
import { asWriteError } from "./errors.ts";
import type { Journal } from "./journal.ts";
import { type OpBody, toRanges } from "./ops.ts";
import type { Digest } from "./records.ts";
import type { Results } from "./results.ts";
import { type EncodedSegment, encodeSegments, type HashedResult } from "./segments.ts";
import { beats } from "./winner.ts";
import { NO_WORK, workFigures } from "./work-figures.ts";

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
	readonly winners: Map<number, Winner>;
}

interface Winner extends HashedResult {
	readonly isAdopted: boolean;
}

/** Results of one call. */
interface Offer {
	readonly batchId: string;
	readonly results: readonly HashedResult[];
	readonly isAdopted: boolean;
}

/** Sorts the results of one call into its batch's share; answers how many are better than what is known. */
export function acceptResults(
	{ batches, results }: RoundDeps,
	shares: Map<string, Share>,
	{ batchId, results: offered, isAdopted }: Offer,
): number {
	const share = shares.get(batchId) ?? { facts: batches.facts(batchId), winners: new Map() };
	shares.set(batchId, share);
	if (isEnded(share.facts.status)) return 0;
	const { round } = share.facts;
	let accepted = 0;
	for (const hashed of offered) {
		const { line, isError } = hashed.result;
		const rival = share.winners.get(line);
		const held =
			rival === undefined
				? results.holder(share.facts.number, line)
				: { isError: rival.result.isError, round, hash: rival.hash };
		if (held !== null && !beats({ isError, round, hash: hashed.hash }, held)) continue;
		share.winners.set(line, { ...hashed, isAdopted });
		accepted += 1;
	}
	return accepted;
}

/** Writes the shares of a round: segments first, then one transaction. On failure nothing of them remains. */
export async function writeShares({ journal, blobs }: RoundDeps, shares: readonly Share[]): Promise<void> {
	const created: Digest[] = [];
	try {
		const written: { facts: BatchFacts; isAdopted: boolean; segment: EncodedSegment; digest: Digest }[] = [];
		for (const { facts, winners } of shares) {
			const sorted = [...winners.values()].sort((left, right) => left.result.line - right.result.line);
			for (const isAdopted of [false, true]) {
				for (const segment of encodeSegments(sorted.filter((winner) => winner.isAdopted === isAdopted))) {
					const put = await blobs.put(segment.bytes);
					if (put.created) created.push(put.digest);
					written.push({ facts, isAdopted, segment, digest: put.digest });
				}
			}
		}
		if (written.length === 0) return;
		journal.recordNow((append) => {
			for (const { facts, isAdopted, segment, digest } of written) {
				append({ kind: "segment", body: segmentBody(facts, isAdopted, segment, digest) }, segment.rows);
			}
		});
	} catch (error) {
		for (const digest of created) blobs.remove(digest);
		throw asWriteError(error);
	}
}

function segmentBody(
	facts: BatchFacts,
	isAdopted: boolean,
	segment: EncodedSegment,
	digest: Digest,
): OpBody<"segment"> {
	return {
		batchId: facts.id,
		digest,
		sizeBytes: segment.bytes.length,
		lines: toRanges(segment.rows.map((row) => row.line)),
		errors: toRanges(segment.rows.filter((row) => row.isError).map((row) => row.line)),
		round: facts.round,
		adopted: isAdopted,
		...(isAdopted ? NO_WORK : workFigures(segment.results)),
	};
}
