/**
 * Sets of lines as ascending runs of (first, count) that neither overlap nor touch, the form in which the ledger's operations name
 * lines. Slices are neighbours, so that a million lines stay a handful of runs.
 */

/** Runs of lines; see above. */
export type LineRanges = readonly (readonly [first: number, count: number])[];

/** No lines. */
export const NO_LINES: LineRanges = [];

/** The lines from 0 up to `total`, exclusive. */
export function allLines(total: number): LineRanges {
	return total > 0 ? [[0, total]] : NO_LINES;
}

/** How many lines there are. */
export function countLines(lines: LineRanges): number {
	let count = 0;
	for (const run of lines) count += run[1];
	return count;
}

/** Lines in either. */
export function unite(left: LineRanges, right: LineRanges): LineRanges {
	if (left.length === 0) return right;
	if (right.length === 0) return left;
	const united: [number, number][] = [];
	for (let leftAt = 0, rightAt = 0; leftAt < left.length || rightAt < right.length; ) {
		const fromLeft = left[leftAt];
		const fromRight = right[rightAt];
		const isLeft = fromRight === undefined || (fromLeft !== undefined && fromLeft[0] <= fromRight[0]);
		const run = isLeft ? fromLeft : fromRight;
		if (isLeft) leftAt += 1;
		else rightAt += 1;
		if (run !== undefined) addRun(united, run[0], run[1]);
	}
	return united;
}

/** Lines of `left` that are not in `right`. */
export function without(left: LineRanges, right: LineRanges): LineRanges {
	if (left.length === 0 || right.length === 0) return left;
	const rest: [number, number][] = [];
	let at = 0;
	for (const [first, count] of left) {
		const end = first + count;
		let from = first;
		while (at < right.length && endOf(right, at) <= from) at += 1;
		for (let ahead = at; ahead < right.length && from < end; ahead += 1) {
			const cut = right[ahead];
			if (cut === undefined || cut[0] >= end) break;
			if (cut[0] > from) rest.push([from, cut[0] - from]);
			from = Math.max(from, cut[0] + cut[1]);
		}
		if (from < end) rest.push([from, end - from]);
	}
	return rest;
}

/** The first `count` lines, or all if there are fewer. */
export function firstLines(lines: LineRanges, count: number): LineRanges {
	const taken: [number, number][] = [];
	let wanted = count;
	for (const [first, length] of lines) {
		if (wanted <= 0) break;
		taken.push([first, Math.min(length, wanted)]);
		wanted -= length;
	}
	return taken;
}

/** The last `count` lines, or all if there are fewer. */
export function lastLines(lines: LineRanges, count: number): LineRanges {
	const spare = countLines(lines) - count;
	return spare <= 0 ? lines : without(lines, firstLines(lines, spare));
}

/** Each line, ascending. */
export function* eachLine(lines: LineRanges): Generator<number> {
	for (const [first, count] of lines) {
		for (let line = first; line < first + count; line += 1) yield line;
	}
}

function endOf(lines: LineRanges, at: number): number {
	const run = lines[at];
	return run === undefined ? Number.POSITIVE_INFINITY : run[0] + run[1];
}

function addRun(runs: [number, number][], first: number, count: number): void {
	const last = runs.at(-1);
	if (last !== undefined && first <= last[0] + last[1]) last[1] = Math.max(last[1], first + count - last[0]);
	else runs.push([first, count]);
}
