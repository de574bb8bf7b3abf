import fc from "fast-check";
import { expect, test } from "vitest";
import { lineTyped, SECTION_LINES, sectionOf } from "./sections.ts";

test("every line of a file stands in its section, and sections leave no line out", () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 3_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (total, part) => {
			const line = Math.min(total - 1, Math.floor(part * total));
			const { first, count } = sectionOf(line, total);
			expect(line).toBeGreaterThanOrEqual(first);
			expect(line).toBeLessThan(first + count);
			expect(count).toBeLessThanOrEqual(SECTION_LINES);
			expect(first + count === total || count === SECTION_LINES).toBe(true);
		}),
	);
});

test("a file without lines has one empty section", () => {
	expect(sectionOf(0, 0)).toEqual({ first: 0, count: 0 });
});

test("a typed line may have the marks that people put into large numbers, and is brought into the file", () => {
	expect(lineTyped("12,345", 1_000_000)).toBe(12_344);
	expect(lineTyped(" 12 345 ", 1_000_000)).toBe(12_344);
	expect(lineTyped("12.345", 1_000_000)).toBe(12_344);
	expect(lineTyped("0", 10)).toBe(0);
	expect(lineTyped("99", 10)).toBe(9);
});

test("what is no number jumps nowhere", () => {
	for (const text of ["", "abc", "-4", "1e9"]) expect(lineTyped(text, 10)).toBeNull();
	expect(lineTyped("1", 0)).toBeNull();
});
