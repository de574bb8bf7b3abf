import { hash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import type { Clock } from "../base/base.ts";
import type { Batches, BatchFacts, Relative } from "./batches.ts";
import { createKeyTable, type KeyTable } from "./key-table.ts";
import type { Ledger } from "./ledger.ts";
import type { LineResult } from "./records.ts";
import type { ResultPlace, Results } from "./results.ts";
import { lineKey } from "./schema.ts";

/** Rows read at a time, some ten milliseconds of work. */
const PAGE_ROWS = 10_000;

/** Results committed at a time. */
const COMMIT_RESULTS = 1_000;

/** Batches whose last search is remembered: more than are open at a time. */
const MAX_REMEMBERED = 1_000;

interface KeyRow {
	readonly key: number;
	readonly contentKey: Uint8Array;
}

interface SourceRow extends KeyRow {
	readonly segment: string;
	readonly offset: number;
	readonly length: number;
}

/** A line of the batch that adopts, and where its result lies now. */
interface Match {
	readonly line: number;
	readonly place: ResultPlace;
}

/**
 * Gives a batch the results that equal lines of earlier batches have. Looks through each related batch once against a table
 * of the open lines' keys: no index over the keys of all lines there ever were, which would cost more than all else.
 */
export function createAdoption(deps: {
	database: Database;
	batches: Batches;
	results: Results;
	adopt: Ledger["commit"];
	clock: Clock;
	/** Hears that a batch may have many finished lines now. */
	adopted: (batch: number) => Promise<void>;
}): Pick<Ledger, "adoptResults"> {
	const { database, batches, clock } = deps;
	const searched = createSearchMemory();
	const openKeys = database.prepare<[number, number, number], KeyRow>(
		`SELECT key, content_key AS contentKey FROM line WHERE key >= ? AND key < ?
		 AND NOT EXISTS (SELECT 1 FROM result WHERE result.key = line.key) ORDER BY line.key LIMIT ?`,
	);
	const sources = database.prepare<[number, number, number], SourceRow>(
		`SELECT line.key AS key, content_key AS contentKey, segment.digest AS segment, result.offset, result.length
		 FROM line JOIN result ON result.key = line.key JOIN segment ON segment.number = result.segment
		 WHERE line.key >= ? AND line.key < ? AND is_error = 0 ORDER BY line.key LIMIT ?`,
	);
	const contentKey = database.prepare<[number], Uint8Array>("SELECT content_key FROM line WHERE key = ?").pluck();

	async function openLines(batch: number, total: number): Promise<KeyTable> {
		const table = createKeyTable(total);
		for await (const rows of pages(openKeys, batch)) {
			for (const row of rows) table.add(row.contentKey, row.key - lineKey(batch, 0));
		}
		return table;
	}

	function matchesOf(row: SourceRow, source: number, batch: number, table: KeyTable): Match[] {
		const { segment, offset, length } = row;
		const place = { line: row.key - lineKey(source, 0), segment, offset, length };
		const isSame = (line: number): boolean => {
			const whole = contentKey.get(lineKey(batch, line));
			return whole !== undefined && Buffer.compare(whole, row.contentKey) === 0;
		};
		return table.take(row.contentKey, isSame).map((line) => ({ line, place }));
	}

	return {
		async adoptResults(batchId) {
			const facts = batches.facts(batchId);
			const mayAdopt = facts.isIndexed && batches.record(batchId).manifest.reuseAnswers;
			const relatives = mayAdopt ? batches.relatives(facts, clock.nowMs()) : [];
			const state = stateOf(facts, relatives);
			if (relatives.length === 0 || searched.last(facts.number) === state) return 0;
			const table = await openLines(facts.number, facts.total);
			let adopted = 0;
			for (const { number: source } of relatives) {
				if (table.size === 0) break;
				for await (const rows of pages(sources, source)) {
					const matches = rows.flatMap((row) => matchesOf(row, source, facts.number, table));
					adopted += await take(deps, batchId, matches);
				}
			}
			searched.remember(facts.number, state);
			await deps.adopted(facts.number);
			return adopted;
		},
	};
}

/** Changes whenever a search may find more than the one before. */
function stateOf(facts: BatchFacts, relatives: readonly Relative[]): string {
	return hash("sha256", JSON.stringify([facts.round, relatives]), "base64");
}

/** What each batch's relatives had when it was last looked for equal lines. */
function createSearchMemory() {
	const states = new Map<number, string>();
	return {
		last: (batch: number): string | null => states.get(batch) ?? null,
		remember(batch: number, state: string): void {
			states.delete(batch);
			states.set(batch, state);
			for (const oldest of states.keys()) {
				if (states.size <= MAX_REMEMBERED) break;
				states.delete(oldest);
			}
		},
	};
}

/** Rows of one batch by pages, letting others work in between. */
async function* pages<Row extends KeyRow>(
	statement: { all(from: number, end: number, limit: number): readonly Row[] },
	batch: number,
): AsyncGenerator<readonly Row[]> {
	const end = lineKey(batch + 1, 0);
	let from = lineKey(batch, 0);
	for (;;) {
		const rows = statement.all(from, end, PAGE_ROWS);
		const last = rows.at(-1);
		if (last === undefined) return;
		yield rows;
		from = last.key + 1;
		await nextTurn();
	}
}

/** Commits what was found for a batch; answers how many results were new. */
async function take(
	{ results, adopt }: { readonly results: Results; readonly adopt: Ledger["commit"] },
	batchId: string,
	matches: readonly Match[],
): Promise<number> {
	let adopted = 0;
	for (let first = 0; first < matches.length; first += COMMIT_RESULTS) {
		const part = matches.slice(first, first + COMMIT_RESULTS);
		const found: LineResult[] = [];
		for await (const result of results.read(part.map((match) => match.place))) {
			const line = part[found.length]?.line;
			if (line !== undefined) found.push({ ...result, line });
		}
		adopted += (await adopt(batchId, found)).accepted;
	}
	return adopted;
}
