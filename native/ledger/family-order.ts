/** Lines in one row of the order in which they are handed out: 16 KiB. */
export const ORDER_PAGE_LINES = 4096;

/** Lines sorted by (family, line), given the family of each. Overwrites `families`: a million lines need 12 MB and no more. */
export function sortByFamily(families: Float64Array): Uint32Array {
	const total = families.length;
	let isExact = true;
	for (const family of families) if (!isExactWith(family, total)) isExact = false;
	if (!isExact) rank(families);
	// Family and line as one number, whose order is that of the pair.
	for (let line = 0; line < total; line += 1) families[line] = (families[line] ?? 0) * total + line;
	families.sort();
	const order = new Uint32Array(total);
	for (let position = 0; position < total; position += 1) order[position] = (families[position] ?? 0) % total;
	return order;
}

/** Cuts an order into the pages in which it is stored. */
export function pagesOf(order: Uint32Array): Uint32Array[] {
	const pages: Uint32Array[] = [];
	for (let first = 0; first < order.length; first += ORDER_PAGE_LINES) {
		pages.push(order.subarray(first, first + ORDER_PAGE_LINES));
	}
	return pages;
}

/** True: family and line fit one number without rounding. */
function isExactWith(family: number, total: number): boolean {
	return family >= 0 && family * total + total <= Number.MAX_SAFE_INTEGER;
}

/** Replaces families by their rank among all: the same order in small numbers. */
function rank(families: Float64Array): void {
	const distinct = new Float64Array(new Set(families)).sort();
	const ranks = new Map<number, number>();
	for (const [place, family] of distinct.entries()) ranks.set(family, place);
	for (const [line, family] of families.entries()) families[line] = ranks.get(family) ?? 0;
}
