import type { Database } from "better-sqlite3";
import { LedgerMisuseError } from "./errors.ts";
import { createLineOrders, type LineOrders } from "./line-orders.ts";
import type { IndexedLine } from "./records.ts";
import { LINES_PER_BATCH, lineKey } from "./schema.ts";

/** Lines one call may bring: some 50 ms of work, so that a request on the same thread does not wait longer. */
export const MAX_LINES_PER_CALL = 25_000;

/** Rows of one INSERT. Measured: one row a statement inserts half as fast, 64 hardly faster. */
const ROWS_PER_INSERT = 32;

/** Columns of the index. */
const COLUMNS = 6;

/** Length of a line's content key. */
const CONTENT_KEY_BYTES = 16;

/** A line's row in the index. */
export interface LineRow {
	readonly line: number;
	readonly customId: string;
	readonly offset: number;
	readonly length: number;
	readonly key: Uint8Array;
}

/** The index of the lines of all batches: derived from the input, made by validation. */
export interface Lines extends LineOrders {
	insert(batch: number, lines: readonly IndexedLine[]): void;
	clear(batch: number): void;
	/** Checks that lines 0 to `total` - 1 are there, each once. Throws `LedgerMisuseError` if not. */
	check(batch: number, total: number): void;
	get(batch: number, line: number): LineRow | null;
	/** Family of a line; 0 where there is no such line. */
	family(batch: number, line: number): number;
	/** Rows of lines from `first` to before `end`, ascending. */
	range(batch: number, first: number, end: number): readonly LineRow[];
	byCustomId(batch: number, customId: string): LineRow | null;
	/** All that the index has of lines from `first` to before `end`, ascending. */
	indexed(batch: number, first: number, end: number): readonly IndexedLine[];
}

/** The line index in `database`. */
export function createLines(database: Database): Lines {
	const orders = createLineOrders(database);
	const row = "(?, ?, ?, ?, ?, ?)";
	const insertInto = "INSERT INTO line (key, custom_id, offset, length, content_key, family) VALUES";
	const insertOne = database.prepare(`${insertInto} ${row}`);
	const insertMany = database.prepare(`${insertInto} ${Array(ROWS_PER_INSERT).fill(row).join(", ")}`);
	const clearLines = database.prepare("DELETE FROM line WHERE key >= ? AND key < ?");
	const extent = database.prepare<[number, number], { count: number; last: number | null }>(
		"SELECT count(*) AS count, max(key) AS last FROM line WHERE key >= ? AND key < ?",
	);
	const columns = `key - ? AS line, custom_id AS customId, offset, length, content_key AS key`;
	const byKey = database.prepare<[number, number], LineRow>(`SELECT ${columns} FROM line WHERE key = ?`);
	const indexed = database.prepare<[number, number, number], IndexedLine>(
		`SELECT ${columns}, family FROM line WHERE line.key >= ? AND line.key < ? ORDER BY line.key`,
	);
	const family = database.prepare<[number], number>("SELECT family FROM line WHERE key = ?").pluck();
	const range = database.prepare<[number, number, number], LineRow>(
		`SELECT ${columns} FROM line WHERE line.key >= ? AND line.key < ? ORDER BY line.key`,
	);
	const byCustomId = database.prepare<[number, number, number, string], LineRow>(
		`SELECT ${columns} FROM line WHERE key >= ? AND key < ? AND custom_id = ? LIMIT 1`,
	);
	const start = (batch: number): number => lineKey(batch, 0);
	const end = (batch: number): number => lineKey(batch + 1, 0);

	return {
		...orders,
		insert(batch, lines) {
			if (lines.length > MAX_LINES_PER_CALL) {
				throw new LedgerMisuseError(`${lines.length} lines at once; index at most ${MAX_LINES_PER_CALL} a call.`);
			}
			const odd = lines.find((line) => line.key.length !== CONTENT_KEY_BYTES);
			if (odd !== undefined)
				throw new LedgerMisuseError(`The key of line ${odd.line} is not of ${CONTENT_KEY_BYTES} bytes.`);
			const whole = lines.length - (lines.length % ROWS_PER_INSERT);
			let values: (number | string | Uint8Array)[] = [];
			for (const line of lines.slice(0, whole)) {
				values.push(lineKey(batch, line.line), line.customId, line.offset, line.length, line.key, line.family);
				if (values.length < ROWS_PER_INSERT * COLUMNS) continue;
				insertMany.run(values);
				values = [];
			}
			for (const line of lines.slice(whole)) insertOne.run(lineValues(batch, line));
		},
		clear(batch) {
			clearLines.run(start(batch), end(batch));
			orders.drop(batch);
		},
		check(batch, total) {
			const found = extent.get(start(batch), end(batch));
			const last = found?.last ?? null;
			const isWhole = found?.count === total && (total === 0 || last === lineKey(batch, total - 1));
			if (isWhole && total < LINES_PER_BATCH) return;
			throw new LedgerMisuseError(`${total} lines were announced, ${found?.count ?? 0} are in the index.`);
		},
		indexed: (batch, first, last) => indexed.all(start(batch), lineKey(batch, first), lineKey(batch, last)),
		family: (batch, line) => family.get(lineKey(batch, line)) ?? 0,
		get: (batch, line) => byKey.get(start(batch), lineKey(batch, line)) ?? null,
		range: (batch, first, last) => range.all(start(batch), lineKey(batch, first), lineKey(batch, last)),
		byCustomId: (batch, customId) => byCustomId.get(start(batch), start(batch), end(batch), customId) ?? null,
	};
}

function lineValues(batch: number, line: IndexedLine): (number | string | Uint8Array)[] {
	return [lineKey(batch, line.line), line.customId, line.offset, line.length, line.key, line.family];
}
