import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allLines, countLines, eachLine, firstLines, type LineRanges, lastLines, unite, without } from "./ranges.ts";

const someLines = fc.uniqueArray(fc.nat(40), { maxLength: 30 });

/** Runs of these lines, made one by one. */
function rangesOf(lines: readonly number[]): LineRanges {
	return lines.reduce<LineRanges>((ranges, line) => unite(ranges, [[line, 1]]), []);
}

function ascending(lines: Iterable<number>): readonly number[] {
	return [...lines].sort((left, right) => left - right);
}

describe("runs of lines", () => {
	test("hold what was put in, in whatever order, in as few runs as can be", () => {
		fc.assert(
			fc.property(someLines, (lines) => {
				const ranges = rangesOf(lines);
				expect([...eachLine(ranges)]).toEqual(ascending(lines));
				expect(countLines(ranges)).toBe(lines.length);
				ranges.slice(1).forEach(([first], at) => {
					const [before, count] = ranges[at] ?? [0, 0];
					expect(first).toBeGreaterThan(before + count);
				});
			}),
		);
	});

	test("unite and take away as sets do", () => {
		fc.assert(
			fc.property(someLines, someLines, (left, right) => {
				const gone = new Set(right);
				expect([...eachLine(unite(rangesOf(left), rangesOf(right)))]).toEqual(ascending(new Set([...left, ...right])));
				expect([...eachLine(without(rangesOf(left), rangesOf(right)))]).toEqual(
					ascending(left.filter((line) => !gone.has(line))),
				);
			}),
		);
	});

	test("are cut at the front and at the back", () => {
		fc.assert(
			fc.property(someLines, fc.nat(50), (lines, count) => {
				const all = ascending(lines);
				expect([...eachLine(firstLines(rangesOf(lines), count))]).toEqual(all.slice(0, count));
				expect([...eachLine(lastLines(rangesOf(lines), count))]).toEqual(all.slice(Math.max(all.length - count, 0)));
			}),
		);
	});

	test("are the same however they were put together", () => {
		fc.assert(
			fc.property(fc.array(someLines, { maxLength: 4 }), (parts) => {
				const forth = parts.map(rangesOf).reduce(unite, []);
				const back = parts.map(rangesOf).reduceRight(unite, []);
				expect(forth).toEqual(back);
			}),
		);
	});

	test("of a whole batch are one run, and of an empty one none", () => {
		expect(allLines(1_000_000)).toEqual([[0, 1_000_000]]);
		expect(allLines(0)).toEqual([]);
	});
});
