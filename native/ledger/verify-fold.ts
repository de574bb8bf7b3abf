import { rmSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import SqliteDatabase, { type Database } from "better-sqlite3";
import { createFold, FOLDED_TABLES } from "./fold.ts";
import type { FoldingDeps } from "./folding.ts";
import type { LedgerProblem } from "./records.ts";
import { createReplay, createReplayReader } from "./replay.ts";
import { SCHEMA } from "./schema.ts";

/** Operations or rows handled between two turns of the event loop. */
const PAGE_ROWS = 1_000;

/** Findings kept of the tables; beyond that the tables are simply wrong and `rebuild` is the answer. */
const MAX_FOLD_PROBLEMS = 100;

/** Makes the tables anew from the log in a database of its own and compares. Nothing must be written meanwhile. */
export async function checkFold(
	deps: FoldingDeps & {
		/** Where the tables are made anew; removed afterwards. */
		shadowPath: string;
	},
): Promise<LedgerProblem[]> {
	const { database, log, readSegment, odd, shadowPath } = deps;
	removeShadow(shadowPath);
	const shadow = new SqliteDatabase(shadowPath);
	try {
		shadow.pragma("journal_mode = OFF");
		shadow.pragma("synchronous = OFF");
		shadow.exec(SCHEMA);
		const problems: LedgerProblem[] = [];
		let isWhole = true;
		const reader = createReplayReader(log, (body) => {
			const rows = readSegment(body);
			if (rows.length === 0) isWhole = false;
			return rows;
		});
		const fold = createFold(shadow, reader, log.origin);
		const replay = createReplay({ database: shadow, fold, origin: log.origin, odd });
		for (let after = 0; ; ) {
			const page = log.read(after, PAGE_ROWS);
			const last = page.at(-1);
			if (last === undefined) break;
			after = last.arrival;
			shadow.transaction(() => {
				for (const logged of page) replay(logged);
			})();
			await nextTurn();
		}
		for (const { table, key } of FOLDED_TABLES) {
			// Where a segment is gone, which was named already, its results and their counts can't be told.
			if (!isWhole && (table === "result" || table === "batch")) continue;
			problems.push(...(await compareTable(database, shadow, table, key)));
		}
		return problems.slice(0, MAX_FOLD_PROBLEMS);
	} finally {
		shadow.close();
		removeShadow(shadowPath);
	}
}

/** Names the first rows in which a table differs from the one made anew from the log. */
async function compareTable(
	database: Database,
	shadow: Database,
	table: string,
	key: string,
): Promise<LedgerProblem[]> {
	const sql = `SELECT * FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ${PAGE_ROWS}`;
	const actual = database.prepare<[number], Record<string, unknown>>(sql);
	const expected = shadow.prepare<[number], Record<string, unknown>>(sql);
	const problems: LedgerProblem[] = [];
	for (let after = -1; problems.length < MAX_FOLD_PROBLEMS; ) {
		const found = actual.all(after);
		const wanted = expected.all(after);
		if (found.length === 0 && wanted.length === 0) break;
		const rows = new Map(wanted.map((row) => [row[key], JSON.stringify(row)]));
		// Pages of unequal tables may end at different keys; only what both cover is compared.
		const ends = [found, wanted].filter((page) => page.length === PAGE_ROWS).map((page) => Number(page.at(-1)?.[key]));
		const end = Math.min(...ends, Number.MAX_SAFE_INTEGER);
		for (const row of found) {
			if (Number(row[key]) > end) continue;
			const twin = rows.get(row[key]);
			rows.delete(row[key]);
			if (twin === undefined) problems.push(extra(table, key, row));
			else if (twin !== JSON.stringify(row)) problems.push(differs(table, key, row));
		}
		for (const [missing] of rows) {
			if (Number(missing) > end) continue;
			problems.push({
				kind: "fold-differs",
				message: `Table ${table} lacks row ${String(missing)} that the log asks for.`,
			});
		}
		after = end;
		await nextTurn();
	}
	return problems;
}

function extra(table: string, key: string, row: Record<string, unknown>): LedgerProblem {
	const kind = table === "result" ? "stray-result" : "fold-differs";
	return { kind, message: `Table ${table} has row ${String(row[key])} that the log knows nothing of.` };
}

function differs(table: string, key: string, row: Record<string, unknown>): LedgerProblem {
	return { kind: "fold-differs", message: `Row ${String(row[key])} of table ${table} differs from what the log says.` };
}

function removeShadow(path: string): void {
	for (const suffix of ["", "-journal", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
}
