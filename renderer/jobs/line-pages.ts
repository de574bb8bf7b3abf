/**
 * The lines of a job that the page holds while somebody scrolls through all of them: pages of a hundred, asked for when they come in
 * sight, the ones seen longest ago let go. Pure.
 */
import type { BatchLine } from "../../native/contract/contract.ts";

/** Lines of one page. */
export const PAGE_LINES = 100;
/** Pages held: 5,000 lines, some megabytes of shortened text. */
export const MOST_PAGES = 50;
/** Pages asked for at a time. Who drags the scroll bar passes hundreds; only where they come to rest is asked for. */
const MOST_ASKED = 3;

/** A page of lines. */
export interface LinePage {
	/** Null: not there yet. */
	readonly lines: readonly BatchLine[] | null;
	/** On its way. */
	readonly isAsked: boolean;
	/** Something has changed since; what is there is shown until it is told anew. */
	readonly isOutdated: boolean;
	/** The last asking came to nothing; it is asked for again on `retryPages` only. */
	readonly hasFailed: boolean;
}

/** The pages held, by number, the ones used longest ago first. */
export type LinePages = ReadonlyMap<number, LinePage>;

/** None yet. */
export const noPages: LinePages = new Map();

const unknownPage: LinePage = { lines: null, isAsked: false, isOutdated: false, hasFailed: false };

/** Number of a line's page. */
export function pageOf(line: number): number {
	return Math.floor(line / PAGE_LINES);
}

/** A line if it is there; `waiting` or `failed` where it is not. */
export function lineIn(pages: LinePages, line: number): BatchLine | "waiting" | "failed" {
	const page = pages.get(pageOf(line));
	return page?.lines?.[line % PAGE_LINES] ?? (page?.hasFailed === true ? "failed" : "waiting");
}

/** Pages to ask for so that all lines of a range are there and true; no more at a time than is fair. */
export function pagesWanted(pages: LinePages, firstLine: number, lastLine: number): readonly number[] {
	const asked = [...pages.values()].filter((page) => page.isAsked).length;
	const wanted: number[] = [];
	for (let number = pageOf(firstLine); number <= pageOf(lastLine); number++) {
		const page = pages.get(number) ?? unknownPage;
		if (!page.isAsked && !page.hasFailed && (page.lines === null || page.isOutdated)) wanted.push(number);
	}
	return wanted.slice(0, Math.max(0, MOST_ASKED - asked));
}

/** Notes that pages are on their way. What changes from now on outdates them again. */
export function askPages(pages: LinePages, numbers: readonly number[]): LinePages {
	return numbers.reduce(
		(next, number) => put(next, number, { ...(next.get(number) ?? unknownPage), isAsked: true, isOutdated: false }),
		pages,
	);
}

/** Takes in a page; beyond what is held, those used longest ago go, never one on its way. */
export function takePage(pages: LinePages, number: number, lines: readonly BatchLine[]): LinePages {
	const isOutdated = pages.get(number)?.isOutdated ?? false;
	const next = new Map(put(pages, number, { lines, isAsked: false, isOutdated, hasFailed: false }));
	for (const [old, page] of next) {
		if (next.size <= MOST_PAGES) break;
		if (!page.isAsked && old !== number) next.delete(old);
	}
	return next;
}

/** Notes that a page could not be had; lines of it that are there stay. */
export function failPage(pages: LinePages, number: number): LinePages {
	return put(pages, number, { ...(pages.get(number) ?? unknownPage), isAsked: false, hasFailed: true });
}

/** Has pages that could not be had asked for again. */
export function retryPages(pages: LinePages): LinePages {
	return new Map([...pages].map(([number, page]) => [number, { ...page, hasFailed: false }]));
}

/** Notes that lines have changed: everything is to be told anew once it is in sight. */
export function outdatePages(pages: LinePages): LinePages {
	return new Map([...pages].map(([number, page]) => [number, { ...page, isOutdated: true }]));
}

/** Puts a page last, as the one used just now. */
function put(pages: LinePages, number: number, page: LinePage): LinePages {
	const next = new Map(pages);
	next.delete(number);
	return next.set(number, page);
}
