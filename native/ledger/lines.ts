import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import { LedgerMisuseError } from "./errors.ts";
import type { IndexedLine } from "./ledger.ts";
import { LINES_PER_BATCH, lineKey } from "./schema.ts";

/** Lines one call may bring: some 50 ms of work, so that a request on the same thread does not wait longer. */
export const MAX_LINES_PER_CALL = 25_000;

/** Rows of one INSERT. Measured: one row a statement inserts half as fast, 64 hardly faster. */
const ROWS_PER_INSERT = 32;

/** Length of a line's content key. */
const CONTENT_KEY_BYTES = 16;

/** Lines in one row of the order in which they are handed out: 16 KiB. */
export const ORDER_PAGE_LINES = 4096;

/** Families read at a time while the order is made. */
const ORDER_READ_LINES = 50_000;

/** A line's row in the index. */
export interface LineRow {
	readonly line: number;
	readonly customId: string;
	readonly offset: number;
	readonly length: number;
	readonly key: Uint8Array;
}

/** The index of the lines of all batches: derived from the input, made by validation. */
export interface Lines {
	insert(batch: number, lines: readonly IndexedLine[]): void;
	clear(batch: number): void;
	/** Checks that lines 0 to `total` - 1 are there, each once. Throws `LedgerMisuseError` if not. */
	check(batch: number, total: number): void;
	/** Sorts the lines by family and answers the pages of the order. Yields to other work in between. */
	makeOrder(batch: number, total: number): Promise<readonly Uint32Array[]>;
	/** Stores the order and marks the index as whole. */
	settle(batch: number, order: readonly Uint32Array[]): void;
	/** Lines at the positions of one page of the order. */
	orderPage(batch: number, page: number): Uint32Array | null;
	get(batch: number, line: number): LineRow | null;
	/** Rows of lines from `first` to before `end`, ascending. */
	range(batch: number, first: number, end: number): readonly LineRow[];
	byCustomId(batch: number, customId: string): LineRow | null;
	/** Position before which all lines have a result; a hint that spares a new process from looking for the first open line. */
	floor(batch: number): number;
	raiseFloor(batch: number, position: number): void;
}

/** The line index in `database`. */
export function createLines(database: Database): Lines {
	const row = "(?, ?, ?, ?, ?, ?)";
	const insertInto = "INSERT INTO line (key, custom_id, offset, length, content_key, family) VALUES";
	const insertOne = database.prepare(`${insertInto} ${row}`);
	const insertMany = database.prepare(`${insertInto} ${Array(ROWS_PER_INSERT).fill(row).join(", ")}`);
	const clearLines = database.prepare("DELETE FROM line WHERE key >= ? AND key < ?");
	const clearOrder = database.prepare("DELETE FROM line_order WHERE batch = ?");
	const clearIndex = database.prepare("DELETE FROM line_index WHERE batch = ?");
	const extent = database.prepare<[number, number], { count: number; last: number | null }>(
		"SELECT count(*) AS count, max(key) AS last FROM line WHERE key >= ? AND key < ?",
	);
	const families = database
		.prepare<[number, number, number], number>(
			"SELECT family FROM line WHERE key >= ? AND key < ? ORDER BY key LIMIT ?",
		)
		.pluck();
	const insertOrder = database.prepare("INSERT INTO line_order (batch, page, lines) VALUES (?, ?, ?)");
	const insertIndex = database.prepare("INSERT INTO line_index (batch, floor) VALUES (?, 0)");
	const orderPage = database
		.prepare<[number, number], Uint8Array>("SELECT lines FROM line_order WHERE batch = ? AND page = ?")
		.pluck();
	const columns = `key - ? AS line, custom_id AS customId, offset, length, content_key AS key`;
	const byKey = database.prepare<[number, number], LineRow>(`SELECT ${columns} FROM line WHERE key = ?`);
	const range = database.prepare<[number, number, number], LineRow>(
		`SELECT ${columns} FROM line WHERE line.key >= ? AND line.key < ? ORDER BY line.key`,
	);
	const byCustomId = database.prepare<[number, number, number, string], LineRow>(
		`SELECT ${columns} FROM line WHERE key >= ? AND key < ? AND custom_id = ? LIMIT 1`,
	);
	const floor = database.prepare<[number], number>("SELECT floor FROM line_index WHERE batch = ?").pluck();
	const raiseFloor = database.prepare("UPDATE line_index SET floor = ? WHERE batch = ? AND floor < ?");
	const start = (batch: number): number => lineKey(batch, 0);
	const end = (batch: number): number => lineKey(batch + 1, 0);

	return {
		insert(batch, lines) {
			if (lines.length > MAX_LINES_PER_CALL) {
				throw new LedgerMisuseError(`${lines.length} lines at once; index at most ${MAX_LINES_PER_CALL} a call.`);
			}
			const odd = lines.find((line) => line.key.length !== CONTENT_KEY_BYTES);
			if (odd !== undefined)
				throw new LedgerMisuseError(`The key of line ${odd.line} is not of ${CONTENT_KEY_BYTES} bytes.`);
			const whole = lines.length - (lines.length % ROWS_PER_INSERT);
			for (let first = 0; first < whole; first += ROWS_PER_INSERT) {
				insertMany.run(lines.slice(first, first + ROWS_PER_INSERT).flatMap((line) => lineValues(batch, line)));
			}
			for (const line of lines.slice(whole)) insertOne.run(lineValues(batch, line));
		},
		clear(batch) {
			clearLines.run(start(batch), end(batch));
			clearOrder.run(batch);
			clearIndex.run(batch);
		},
		check(batch, total) {
			const found = extent.get(start(batch), end(batch));
			const last = found?.last ?? null;
			const isWhole = found?.count === total && (total === 0 || last === lineKey(batch, total - 1));
			if (isWhole && total < LINES_PER_BATCH) return;
			throw new LedgerMisuseError(`${total} lines were announced, ${found?.count ?? 0} are in the index.`);
		},
		async makeOrder(batch, total) {
			const read: number[][] = [];
			for (let first = 0; first < total; first += ORDER_READ_LINES) {
				read.push(families.all(lineKey(batch, first), end(batch), ORDER_READ_LINES));
				await nextTurn();
			}
			return pagesOf(sortByFamily(read, total));
		},
		settle(batch, order) {
			for (const [page, lines] of order.entries()) {
				insertOrder.run(batch, page, Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength));
			}
			insertIndex.run(batch);
		},
		orderPage(batch, page) {
			const bytes = orderPage.get(batch, page);
			// Copied, since a blob may start at any address and numbers of four bytes may not.
			return bytes === undefined ? null : new Uint32Array(Uint8Array.from(bytes).buffer);
		},
		get: (batch, line) => byKey.get(start(batch), lineKey(batch, line)) ?? null,
		range: (batch, first, last) => range.all(start(batch), lineKey(batch, first), lineKey(batch, last)),
		byCustomId: (batch, customId) => byCustomId.get(start(batch), start(batch), end(batch), customId) ?? null,
		floor: (batch) => floor.get(batch) ?? 0,
		raiseFloor: (batch, position) => void raiseFloor.run(position, batch, position),
	};
}

function lineValues(batch: number, line: IndexedLine): (number | string | Uint8Array)[] {
	return [lineKey(batch, line.line), line.customId, line.offset, line.length, line.key, line.family];
}

/** Lines sorted by (family, line). Families are ranked first, so that family and line fit one exact number. */
function sortByFamily(families: readonly (readonly number[])[], total: number): Uint32Array {
	const distinct = new Set<number>();
	for (const part of families) for (const family of part) distinct.add(family);
	const ranks = new Map([...distinct].sort((left, right) => left - right).map((family, rank) => [family, rank]));
	const keys = new Float64Array(total);
	let line = 0;
	for (const part of families) {
		for (const family of part) {
			keys[line] = (ranks.get(family) ?? 0) * total + line;
			line += 1;
		}
	}
	keys.sort();
	return Uint32Array.from(keys, (key) => key % total);
}

function pagesOf(order: Uint32Array): Uint32Array[] {
	const pages: Uint32Array[] = [];
	for (let first = 0; first < order.length; first += ORDER_PAGE_LINES) {
		pages.push(order.subarray(first, first + ORDER_PAGE_LINES));
	}
	return pages;
}
