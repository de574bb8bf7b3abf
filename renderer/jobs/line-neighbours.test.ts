import { expect, test } from "vitest";
import { neighboursIn, neighboursOf } from "./line-neighbours.ts";

test("in a file the neighbours are the lines beside it, and its ends have one only", () => {
	expect(neighboursOf(5, 10)).toEqual({ previous: 4, next: 6 });
	expect(neighboursOf(0, 10)).toEqual({ previous: null, next: 1 });
	expect(neighboursOf(9, 10)).toEqual({ previous: 8, next: null });
});

test("among found lines the neighbours are those found before and after it", () => {
	expect(neighboursIn([2, 7, 30], 7)).toEqual({ previous: 2, next: 30 });
	expect(neighboursIn([2, 7, 30], 2)).toEqual({ previous: null, next: 7 });
	expect(neighboursIn([2, 7, 30], 30)).toEqual({ previous: 7, next: null });
	expect(neighboursIn([], 3)).toEqual({ previous: null, next: null });
});
