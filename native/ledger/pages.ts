import type { Page, PageQuery } from "./records.ts";

/** Reads rows of a list in the order asked for, from after a place; one more than asked for tells whether more follow. */
export interface ListSource<Row> {
	/** Place of a row by its id; undefined: unknown. */
	placeOf(id: string): number | undefined;
	/** Rows from after `place` (null: from the start), ascending or descending, at most `limit`. */
	rows(place: number | null, order: "asc" | "desc", limit: number): readonly Row[];
}

/** One page of a list. An unknown `after` gives an empty page. */
export function readPage<Row>(source: ListSource<Row>, query: PageQuery): Page<Row> {
	let place: number | null = null;
	if (query.after !== null) {
		const known = source.placeOf(query.after);
		if (known === undefined) return { rows: [], hasMore: false };
		place = known;
	}
	const rows = source.rows(place, query.order, query.limit + 1);
	return { rows: rows.slice(0, query.limit), hasMore: rows.length > query.limit };
}

/** `after` as a bound for SQL: everything lies beyond it. */
export function boundOf(place: number | null, order: "asc" | "desc"): number {
	return place ?? (order === "asc" ? -1 : Number.MAX_SAFE_INTEGER);
}
