/** The lines before and after one, where somebody goes through them one by one. Pure. */

/** Line numbers, counted from 0; null: there is none. */
export interface LineNeighbours {
	readonly previous: number | null;
	readonly next: number | null;
}

/** In the whole file. */
export function neighboursOf(line: number, total: number): LineNeighbours {
	return { previous: line > 0 ? line - 1 : null, next: line + 1 < total ? line + 1 : null };
}

/** Among lines that were found, ascending. */
export function neighboursIn(lines: readonly number[], line: number): LineNeighbours {
	return {
		previous: lines.findLast((other) => other < line) ?? null,
		next: lines.find((other) => other > line) ?? null,
	};
}
