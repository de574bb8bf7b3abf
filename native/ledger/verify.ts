import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import type { Blobs } from "./blobs.ts";
import type { FoldingDeps } from "./folding.ts";
import type { Journal } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import { decodeContent, GENESIS, type LogHead, type OperationLog, opHash, type StoredOp } from "./log.ts";
import type { Digest, LedgerProblem } from "./records.ts";
import { isKnown } from "./replay.ts";
import type { References } from "./sweep.ts";
import { checkFold } from "./verify-fold.ts";

/** Operations or rows handled between two turns of the event loop. */
const PAGE_ROWS = 1_000;

/** Findings asked of SQLite; one is enough to know. */
const MAX_PAGE_PROBLEMS = 10;

/** Checks the ledger without changing it. */
export function createVerify(
	deps: FoldingDeps & {
		journal: Journal;
		blobs: Blobs;
		references: References;
		/** Where the tables are made anew for comparison; removed afterwards. */
		shadowPath: string;
	},
): Pick<Ledger, "verify"> {
	const { database, journal, log, blobs, references } = deps;
	const segments = database.prepare<[number, number], { number: number; digest: Digest }>(
		"SELECT number, digest FROM segment WHERE number > ? ORDER BY number LIMIT ?",
	);

	async function checkBlob(digest: Digest): Promise<LedgerProblem | null> {
		const found = await blobs.digestOnDisk(digest);
		if (found === digest) return null;
		return found === null
			? { kind: "missing-blob", message: `Blob ${digest} is missing.` }
			: {
					kind: "damaged-blob",
					message: `Blob ${digest} holds other bytes than were stored; their digest is ${found}.`,
				};
	}

	async function* checkBlobs(): AsyncGenerator<LedgerProblem> {
		const held = references.held();
		for (const digest of held.keys()) {
			const problem = await checkBlob(digest);
			// Inputs that other machines took in are fetched where they are worked on.
			if (problem !== null && (problem.kind !== "missing-blob" || !references.maybeElsewhere(digest))) yield problem;
		}
		let after = 0;
		for (;;) {
			const page = segments.all(after, PAGE_ROWS);
			for (const { number, digest } of page) {
				const problem = await checkBlob(digest);
				if (problem !== null) yield problem;
				after = number;
			}
			if (page.length === 0) return;
		}
	}

	return {
		async *verify() {
			const damage = checkDatabase(database);
			yield* damage;
			if (damage.length > 0) return;
			const chain = await checkChain(log);
			yield* chain;
			yield* checkBlobs();
			// A log that can't be trusted can't be folded.
			if (chain.length === 0) yield* await journal.exclusive(() => checkFold(deps));
		},
	};
}

/** SQLite's own check of its pages. What it finds leaves nothing to be trusted, least of all the log. */
function checkDatabase(database: Database): LedgerProblem[] {
	const found = database.prepare<[], string>(`PRAGMA quick_check(${MAX_PAGE_PROBLEMS})`).pluck().all();
	return found.filter((text) => text !== "ok").map((text) => broken(`The database is damaged: ${text}`));
}

/** Checks every log against its own hashes: none is missing an operation, none was changed. */
async function checkChain(log: OperationLog): Promise<LedgerProblem[]> {
	for (const origin of log.origins()) {
		const problem = await checkLog(log, origin);
		if (problem !== null) return [broken(problem)];
	}
	return [];
}

async function checkLog(log: OperationLog, origin: string): Promise<string | null> {
	let head: LogHead = { sequence: 0, hash: GENESIS };
	for (;;) {
		const page = log.range(origin, head.sequence + 1, head.sequence + PAGE_ROWS);
		if (page.length === 0) return log.head(origin).sequence === head.sequence ? null : missing(head.sequence + 1);
		for (const stored of page) {
			const place = `Operation ${stored.sequence} (${stored.kind})`;
			if (stored.sequence !== head.sequence + 1) return missing(head.sequence + 1);
			if (stored.previous !== head.hash) return `${place} does not follow from the one before it.`;
			if (opHash(stored) !== stored.hash) return `${place} was changed after it was written.`;
			const fault = origin === log.origin && isKnown(stored) ? unreadable(stored) : null;
			if (fault !== null) return `${place} can't be read: ${fault}`;
			head = stored;
		}
		await nextTurn();
	}
}

function missing(sequence: number): string {
	return `Operation ${sequence} is missing from the log.`;
}

/** Why an operation of the own log can't be read; null: it can. Of others' what makes no sense counts for nothing. */
function unreadable(stored: StoredOp): string | null {
	try {
		decodeContent(stored);
		return null;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}

function broken(message: string): LedgerProblem {
	return { kind: "broken-chain", message };
}
