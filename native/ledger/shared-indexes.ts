import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import { isEnded } from "./batch-status.ts";
import type { Batches, BatchFacts } from "./batches.ts";
import type { Blobs } from "./blobs.ts";
import { LedgerDamageError, LedgerMisuseError } from "./errors.ts";
import type { Files } from "./files.ts";
import { indexBytes, indexedLines, PORTION_ROWS } from "./index-rows.ts";
import type { Journal } from "./journal.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { Lines } from "./lines.ts";
import type { Digest, IndexedLine, LedgerChange } from "./records.ts";

interface SharedIndex {
	readonly digest: Digest;
	readonly sizeBytes: number;
}

/** What sharing indexes needs. */
export interface SharedIndexDeps {
	readonly database: Database;
	readonly journal: Journal;
	readonly batches: Batches;
	readonly files: Files;
	readonly lines: Lines;
	readonly leases: Leases;
	readonly blobs: Blobs;
	readonly unsynced: <Value>(body: () => Value) => Value;
	readonly announce: (changes: readonly LedgerChange[]) => void;
}

/** Lets other machines know where the lines of a batch lie without reading its input. */
export function createSharedIndexes(deps: SharedIndexDeps): Pick<Ledger, "shareIndex" | "isIndexShared" | "loadIndex"> {
	const { database, journal, batches, lines, blobs } = deps;
	const known = database.prepare<[number], SharedIndex>(
		"SELECT digest, size_bytes AS sizeBytes FROM shared_index WHERE batch = ? ORDER BY number",
	);
	/** Loads under way: two callers of one batch wait for the same. */
	const underWay = new Map<string, Promise<boolean>>();

	async function* portions({ number, total }: BatchFacts): AsyncGenerator<readonly IndexedLine[]> {
		for (let first = 0; first < total; first += PORTION_ROWS) {
			const found = lines.indexed(number, first, Math.min(first + PORTION_ROWS, total));
			if (found.length === 0) throw new LedgerMisuseError("The lines were removed while their index was being shared.");
			yield found;
			await nextTurn();
		}
	}

	async function load(batchId: string): Promise<boolean> {
		const facts = batches.facts(batchId);
		if (facts.isIndexed) return true;
		const shared = known.all(facts.number);
		if (shared.length === 0 || facts.modelDigest === null || isEnded(facts.status)) return false;
		let failure: unknown = null;
		for (const index of shared) {
			try {
				return await fill(deps, facts, index);
			} catch (error) {
				if (!(error instanceof LedgerDamageError)) throw error;
				failure = error;
			}
		}
		throw failure;
	}

	return {
		async shareIndex(batchId) {
			const facts = batches.facts(batchId);
			if (known.get(facts.number) !== undefined) return;
			if (!facts.isIndexed || facts.modelDigest === null) {
				throw new LedgerMisuseError(`Batch ${batchId} has no index to share.`);
			}
			const { digest, sizeBytes } = await blobs.putStream(indexBytes(portions(facts)));
			await journal.record((append) => {
				const { total, modelDigest: model } = batches.facts(batchId);
				if (known.get(facts.number) !== undefined || model === null) return;
				append({ kind: "indexed", body: { batchId, digest, sizeBytes, total, model } });
			});
		},
		isIndexShared(batchId) {
			const number = batches.numberEver(batchId);
			return number !== null && known.get(number) !== undefined;
		},
		loadIndex(batchId) {
			const loading = underWay.get(batchId) ?? load(batchId).finally(() => underWay.delete(batchId));
			underWay.set(batchId, loading);
			return loading;
		},
	};
}

/** Fills the index of a batch in portions, others in between. False: it was ended or indexed otherwise meanwhile. */
async function fill(deps: SharedIndexDeps, before: BatchFacts, index: SharedIndex): Promise<boolean> {
	const { journal, batches, files, lines, leases, blobs, unsynced, announce } = deps;
	const { id, number, total, inputFileId } = before;
	const file = files.evenIfDropped(inputFileId);
	if (file === null) return false;
	const isWanted = (): boolean => {
		const facts = batches.facts(id);
		return !facts.isIndexed && !isEnded(facts.status);
	};
	const change = (body: () => void): Promise<boolean> =>
		journal.exclusive(async () => {
			if (!isWanted()) return false;
			unsynced(() => journal.derive(body));
			return true;
		});
	if (!(await change(() => lines.clear(number)))) return batches.facts(id).isIndexed;
	try {
		const bytes = blobs.stream(index.digest, 0, index.sizeBytes);
		for await (const portion of indexedLines(bytes, { total, inputBytes: file.sizeBytes })) {
			if (!(await change(() => lines.insert(number, portion)))) return batches.facts(id).isIndexed;
			await nextTurn();
		}
	} catch (error) {
		await change(() => lines.clear(number));
		throw error;
	}
	return journal.exclusive(async () => {
		if (!isWanted()) return batches.facts(id).isIndexed;
		lines.check(number, total);
		const order = await lines.makeOrder(number, total);
		unsynced(() => journal.derive(() => lines.settle(number, order)));
		leases.forget(number);
		announce([{ kind: "batch", batchId: id }]);
		return true;
	});
}
