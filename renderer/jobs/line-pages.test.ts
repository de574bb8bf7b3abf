import fc from "fast-check";
import { expect, test } from "vitest";
import type { BatchLine } from "../../native/contract/contract.ts";
import {
	askPages,
	failPage,
	type LinePages,
	lineIn,
	MOST_PAGES,
	noPages,
	outdatePages,
	PAGE_LINES,
	pagesWanted,
	retryPages,
	takePage,
} from "./line-pages.ts";

const line = (number: number, answered: string | null = null): BatchLine => ({
	line: number,
	custom_id: `line-${number}`,
	state: answered === null ? "open" : "answered",
	asked: "?",
	answered,
	error_code: null,
});
const linesOf = (page: number, answered: string | null = null): BatchLine[] =>
	Array.from({ length: PAGE_LINES }, (_, index) => line(page * PAGE_LINES + index, answered));

test("lines in sight are asked for once, and are there when they have come", () => {
	expect(pagesWanted(noPages, 95, 105)).toEqual([0, 1]);
	const asked = askPages(noPages, [0, 1]);
	expect(pagesWanted(asked, 95, 105)).toEqual([]);
	expect(lineIn(asked, 95)).toBe("waiting");
	const there = takePage(asked, 0, linesOf(0));
	expect(lineIn(there, 95)).toMatchObject({ line: 95 });
	expect(lineIn(there, 105)).toBe("waiting");
	expect(pagesWanted(there, 0, 99)).toEqual([]);
});

test("who drags the scroll bar past thousands of lines has no more than three pages on their way", () => {
	let pages: LinePages = noPages;
	for (let first = 0; first < 100_000; first += 1_000) {
		pages = askPages(pages, pagesWanted(pages, first, first + 40));
	}
	expect([...pages.values()].filter((page) => page.isAsked)).toHaveLength(3);
});

test("a change has lines told anew, which are shown as they were until then", () => {
	const changed = outdatePages(takePage(noPages, 0, linesOf(0)));
	expect(lineIn(changed, 5)).toMatchObject({ answered: null });
	expect(pagesWanted(changed, 0, 20)).toEqual([0]);
	const told = takePage(askPages(changed, [0]), 0, linesOf(0, "yes"));
	expect(lineIn(told, 5)).toMatchObject({ answered: "yes" });
	expect(pagesWanted(told, 0, 20)).toEqual([]);
});

test("a change while a page is on its way outdates what arrives then", () => {
	const arrived = takePage(outdatePages(askPages(noPages, [0])), 0, linesOf(0));
	expect(pagesWanted(arrived, 0, 20)).toEqual([0]);
});

test("a page that could not be had is not asked for again until somebody wants that", () => {
	const failed = failPage(askPages(noPages, [4]), 4);
	expect(lineIn(failed, 400)).toBe("failed");
	expect(pagesWanted(failed, 400, 420)).toEqual([]);
	expect(pagesWanted(retryPages(failed), 400, 420)).toEqual([4]);
});

test("however somebody scrolls, no more pages are held than the limit, and the one that came last is among them", () => {
	fc.assert(
		fc.property(fc.array(fc.nat(5_000), { minLength: 1, maxLength: 200 }), (numbers) => {
			let pages: LinePages = noPages;
			for (const number of numbers) {
				pages = takePage(askPages(pages, [number]), number, linesOf(number));
				expect(pages.size).toBeLessThanOrEqual(MOST_PAGES);
				expect(lineIn(pages, number * PAGE_LINES)).toMatchObject({ line: number * PAGE_LINES });
			}
		}),
		{ numRuns: 30 },
	);
});
