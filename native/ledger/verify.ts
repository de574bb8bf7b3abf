import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import type { Blobs } from "./blobs.ts";
import type { SegmentReader } from "./fold-results.ts";
import type { Journal } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import { decodeOp, GENESIS, type OperationLog, opHash } from "./log.ts";
import type { Digest, LedgerProblem } from "./records.ts";
import type { References } from "./sweep.ts";
import { checkFold } from "./verify-fold.ts";

/** Operations or rows handled between two turns of the event loop. */
const PAGE_ROWS = 1_000;

/** Findings asked of SQLite; one is enough to know. */
const MAX_PAGE_PROBLEMS = 10;

/** Checks the ledger without changing it. */
export function createVerify(deps: {
	database: Database;
	journal: Journal;
	log: OperationLog;
	blobs: Blobs;
	references: References;
	readSegment: SegmentReader;
	/** Where the tables are made anew for comparison; removed afterwards. */
	shadowPath: string;
}): Pick<Ledger, "verify"> {
	const { database, journal, log, blobs, references, readSegment, shadowPath } = deps;
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
		for (const digest of references.held().keys()) {
			const problem = await checkBlob(digest);
			if (problem !== null) yield problem;
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
			if (chain.length === 0)
				yield* await journal.exclusive(() => checkFold({ database, log, readSegment, shadowPath }));
		},
	};
}

/** SQLite's own check of its pages. What it finds leaves nothing to be trusted, least of all the log. */
function checkDatabase(database: Database): LedgerProblem[] {
	const found = database.prepare<[], string>(`PRAGMA quick_check(${MAX_PAGE_PROBLEMS})`).pluck().all();
	return found.filter((text) => text !== "ok").map((text) => broken(`The database is damaged: ${text}`));
}

async function checkChain(log: OperationLog): Promise<LedgerProblem[]> {
	let previous = GENESIS;
	let sequence = 0;
	for (;;) {
		const page = log.read(sequence, PAGE_ROWS);
		if (page.length === 0) return [];
		for (const stored of page) {
			const place = `Operation ${stored.sequence} (${stored.kind})`;
			if (stored.sequence !== sequence + 1) return [broken(`Operation ${sequence + 1} is missing from the log.`)];
			if (stored.previous !== previous) return [broken(`${place} does not follow from the one before it.`)];
			if (opHash(stored) !== stored.hash) return [broken(`${place} was changed after it was written.`)];
			try {
				decodeOp(stored);
			} catch (error) {
				return [broken(`${place} can't be read: ${error instanceof Error ? error.message : String(error)}`)];
			}
			previous = stored.hash;
			sequence = stored.sequence;
		}
		await nextTurn();
	}
}

function broken(message: string): LedgerProblem {
	return { kind: "broken-chain", message };
}
