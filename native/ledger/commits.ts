import { type Batches, type BatchFacts, isEnded } from "./batches.ts";
import type { Blobs } from "./blobs.ts";
import { asWriteError, LedgerMisuseError } from "./errors.ts";
import type { Journal } from "./journal.ts";
import type { Digest, Ledger, LineResult } from "./ledger.ts";
import { toRanges } from "./ops.ts";
import type { Results } from "./results.ts";
import { type EncodedSegment, encodeSegments, type HashedResult } from "./segments.ts";
import { beats, payloadHash } from "./winner.ts";

/** Results written in one round at most: about a quarter second of work, and memory that stays small. */
const MAX_ROUND_RESULTS = 10_000;

/** Payload characters written in one round at most. */
const MAX_ROUND_CHARACTERS = 32 * 1024 * 1024;

/** One call that waits for its results to be on disk. */
interface Waiting {
	readonly batchId: string;
	readonly results: readonly HashedResult[];
	readonly characters: number;
	readonly resolve: (counts: { accepted: number; duplicate: number }) => void;
	readonly reject: (error: unknown) => void;
}

/** The results of a round that count for one batch. */
interface Share {
	readonly facts: BatchFacts;
	readonly winners: Map<number, HashedResult>;
}

/**
 * Takes results. Calls that arrive while a round is being written are written together in the next: one segment a batch, one
 * fsync of it and one transaction, whoever called (group commit). `settled` hears which lines have results now.
 */
export function createCommits(deps: {
	journal: Journal;
	batches: Batches;
	results: Results;
	blobs: Blobs;
	settled: (batch: number, lines: Iterable<number>) => void;
}): Pick<Ledger, "commit"> {
	const { journal, batches, results, blobs, settled } = deps;
	const waiting: Waiting[] = [];
	let isScheduled = false;

	function takeRound(): Waiting[] {
		let count = 0;
		let characters = 0;
		const fits = waiting.findIndex((call, index) => {
			count += call.results.length;
			characters += call.characters;
			return index > 0 && (count > MAX_ROUND_RESULTS || characters > MAX_ROUND_CHARACTERS);
		});
		return waiting.splice(0, fits < 0 ? waiting.length : fits);
	}

	/** Sorts a call's results into its batch's share; answers how many are better than what is known. */
	function accept(shares: Map<string, Share>, call: Waiting): number {
		const share = shares.get(call.batchId) ?? { facts: batches.facts(call.batchId), winners: new Map() };
		shares.set(call.batchId, share);
		if (isEnded(share.facts.status)) return 0;
		let accepted = 0;
		for (const hashed of call.results) {
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

	async function writeShares(shares: readonly Share[]): Promise<void> {
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

	async function writeRound(): Promise<void> {
		isScheduled = false;
		const round = takeRound();
		if (waiting.length > 0) schedule();
		try {
			const shares = new Map<string, Share>();
			const accepted = round.map((call) => accept(shares, call));
			await writeShares([...shares.values()]);
			for (const [index, call] of round.entries()) {
				const facts = shares.get(call.batchId)?.facts;
				if (facts !== undefined) settled(facts.number, linesOf(call.results));
				const count = accepted[index] ?? 0;
				call.resolve({ accepted: count, duplicate: call.results.length - count });
			}
		} catch (error) {
			for (const call of round) call.reject(error);
		}
	}

	function schedule(): void {
		if (isScheduled) return;
		isScheduled = true;
		journal.exclusive(writeRound).catch((error: unknown) => {
			isScheduled = false;
			for (const call of waiting.splice(0)) call.reject(error);
		});
	}

	return {
		async commit(batchId, lineResults) {
			checkLines(batches.facts(batchId), lineResults);
			if (lineResults.length === 0) return { accepted: 0, duplicate: 0 };
			const hashed = lineResults.map((result) => ({ result, hash: payloadHash(result.payload) }));
			const characters = lineResults.reduce((sum, result) => sum + result.payload.length, 0);
			return new Promise((resolve, reject) => {
				waiting.push({ batchId, results: hashed, characters, resolve, reject });
				schedule();
			});
		},
	};
}

function checkLines(facts: BatchFacts, results: readonly LineResult[]): void {
	for (const { line } of results) {
		if (Number.isInteger(line) && line >= 0 && line < facts.total) continue;
		throw new LedgerMisuseError(`Batch ${facts.id} has ${facts.total} lines; there is no line ${line}.`);
	}
}

function* linesOf(results: readonly HashedResult[]): Generator<number> {
	for (const { result } of results) yield result.line;
}
