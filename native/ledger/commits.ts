import type { BatchFacts } from "./batches.ts";
import { acceptResults, type RoundDeps, type Share, writeShares } from "./commit-round.ts";
import { LedgerMisuseError } from "./errors.ts";
import type { Ledger } from "./ledger.ts";
import type { LineResult } from "./records.ts";
import type { HashedResult } from "./segments.ts";
import { payloadHash } from "./winner.ts";

/** Results written in one round at most: about a quarter second of work, and memory that stays small. */
const MAX_ROUND_RESULTS = 10_000;

/** Payload characters written in one round at most. */
const MAX_ROUND_CHARACTERS = 32 * 1024 * 1024;

/** One call that waits for its results to be on disk. */
interface Waiting {
	readonly batchId: string;
	readonly results: readonly HashedResult[];
	/** The results come from equal lines of another batch. */
	readonly isAdopted: boolean;
	readonly characters: number;
	readonly resolve: (counts: { accepted: number; duplicate: number }) => void;
	readonly reject: (error: unknown) => void;
}

/** The door for results, and the one for those of other batches. */
export interface Commits extends Pick<Ledger, "commit"> {
	/** As `commit`, of results taken over from equal lines of other batches: nobody worked for them. */
	adopt: Ledger["commit"];
}

/**
 * Takes results. Calls that arrive while a round is being written are written together in the next: one segment a batch, one
 * fsync of it and one transaction, whoever called (group commit). `settled` hears which lines have results now.
 */
export function createCommits(
	deps: RoundDeps & { settled: (batch: number, lines: Iterable<number>) => void },
): Commits {
	const { journal, batches, settled } = deps;
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

	async function writeRound(): Promise<void> {
		isScheduled = false;
		const round = takeRound();
		if (waiting.length > 0) schedule();
		try {
			const shares = new Map<string, Share>();
			const accepted = round.map((call) => acceptResults(deps, shares, call));
			await writeShares(deps, [...shares.values()]);
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

	async function take(batchId: string, lineResults: readonly LineResult[], isAdopted: boolean) {
		checkLines(batches.facts(batchId), lineResults);
		if (lineResults.length === 0) return { accepted: 0, duplicate: 0 };
		const hashed = lineResults.map((result) => ({ result, hash: payloadHash(result.payload) }));
		const characters = lineResults.reduce((sum, result) => sum + result.payload.length, 0);
		return new Promise<{ accepted: number; duplicate: number }>((resolve, reject) => {
			waiting.push({ batchId, results: hashed, isAdopted, characters, resolve, reject });
			schedule();
		});
	}

	return {
		commit: (batchId, lineResults) => take(batchId, lineResults, false),
		adopt: (batchId, lineResults) => take(batchId, lineResults, true),
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
