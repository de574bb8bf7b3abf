import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import { pagesOf, sortByFamily } from "./family-order.ts";
import { lineKey } from "./schema.ts";

/** Families read at a time while the order is made. */
const ORDER_READ_LINES = 50_000;

/** The order in which the lines of each batch are handed out, and how far that has come. */
export interface LineOrders {
	/** Sorts the lines by family and answers the pages of the order. Yields to other work in between. */
	makeOrder(batch: number, total: number): Promise<readonly Uint32Array[]>;
	/** Stores the order and marks the index as whole. */
	settle(batch: number, order: readonly Uint32Array[]): void;
	/** Lines at the positions of one page of the order. */
	orderPage(batch: number, page: number): Uint32Array | null;
	/** Position before which all lines have a result; a hint that spares a new process from looking for the first open line. */
	floor(batch: number): number;
	raiseFloor(batch: number, position: number): void;
	/** Lines anywhere may be open again. */
	resetFloor(batch: number): void;
	/** Drops the order of a batch: its index is no longer whole. */
	drop(batch: number): void;
}

/** The orders in `database`. */
export function createLineOrders(database: Database): LineOrders {
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
	const floor = database.prepare<[number], number>("SELECT floor FROM line_index WHERE batch = ?").pluck();
	const raiseFloor = database.prepare("UPDATE line_index SET floor = ? WHERE batch = ? AND floor < ?");
	const resetFloor = database.prepare("UPDATE line_index SET floor = 0 WHERE batch = ?");
	const clearOrder = database.prepare("DELETE FROM line_order WHERE batch = ?");
	const clearIndex = database.prepare("DELETE FROM line_index WHERE batch = ?");

	return {
		async makeOrder(batch, total) {
			const found = new Float64Array(total);
			for (let first = 0; first < total; first += ORDER_READ_LINES) {
				found.set(families.all(lineKey(batch, first), lineKey(batch, total), ORDER_READ_LINES), first);
				await nextTurn();
			}
			return pagesOf(sortByFamily(found));
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
		floor: (batch) => floor.get(batch) ?? 0,
		raiseFloor: (batch, position) => void raiseFloor.run(position, batch, position),
		resetFloor: (batch) => void resetFloor.run(batch),
		drop(batch) {
			clearOrder.run(batch);
			clearIndex.run(batch);
		},
	};
}
