/**
 * A list of a million lines in parts. Browsers hold no box much higher than 16 million pixels, and a scroll bar over more than this is
 * one that nobody can aim with. Pure.
 */

/** Lines of one part of the list. */
export const SECTION_LINES = 100_000;

/** A part of the list: `count` lines from `first` on, counted from 0. */
export interface Section {
	readonly first: number;
	readonly count: number;
}

/** The part that a line stands in. */
export function sectionOf(line: number, total: number): Section {
	const first = Math.floor(Math.max(0, Math.min(line, total - 1)) / SECTION_LINES) * SECTION_LINES;
	return { first, count: Math.max(0, Math.min(SECTION_LINES, total - first)) };
}

/** The line that somebody typed, counted from 0, brought into the list; null: that is no number. */
export function lineTyped(text: string, total: number): number | null {
	const digits = text.replace(/[\s.,'’_]/g, "");
	if (!/^\d{1,15}$/.test(digits) || total === 0) return null;
	return Math.min(Math.max(Number(digits), 1), total) - 1;
}
