import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findJsonFault } from "./json-fault.ts";

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch (error) {
		if (error instanceof SyntaxError) return false;
		throw error;
	}
}

describe("a JSON fault", () => {
	test("is found exactly where JSON.parse refuses the text", () => {
		const soup = fc.string({ unit: fc.constantFrom(..."{}[]:,\"\\'0-1.e+tfn u\t\n\0", "true", "null", '"a"', '":') });
		const valid = fc.json();
		const damaged = fc
			.tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", '"', "\\", "\0", "0"))
			.map(([text, at, by]) => {
				const place = at % (text.length + 1);
				return text.slice(0, place) + by + text.slice(place + 1);
			});
		fc.assert(
			fc.property(fc.oneof(soup, valid, damaged, fc.string()), (text) => {
				const fault = findJsonFault(text);
				expect(fault === null).toBe(isJson(text));
				if (fault !== null) expect(fault.position).toBeLessThanOrEqual(text.length);
			}),
			{ numRuns: 3_000 },
		);
	});

	test.each([
		['{"a": 1,}', 8, /comma stands before/],
		["[1, ]", 4, /comma stands before/],
		["{'a': 1}", 1, /single/],
		['{"a": NaN}', 6, /JSON has no NaN/],
		['{"a": None}', 6, /Python's; JSON writes null/],
		['{"a" 1}', 5, /colon is missing/],
		['{"a": 1 "b": 2}', 8, /comma or '}' is missing/],
		['{"a": "b}', 6, /does not end on this line/],
		['{"a": [1', 8, /ends too soon: 2 opened/],
		['{"a": 1} {"b": 2}', 9, /one object on a line/],
		['{"a": "\t"}', 7, /write it as '\\t'/],
		['{"a": "\\x"}', 7, /no such escape/],
		["hello", 0, /'hello' is not a JSON value/],
		["\uFEFF{}", 0, /byte order mark/],
	])("of %j is at %d and says what to do", (text, position, reason) => {
		expect(findJsonFault(text)).toEqual({ position, reason: expect.stringMatching(reason) });
	});

	test("is found at any depth", () => {
		const fault = findJsonFault("[".repeat(1_000_000));
		expect(fault?.position).toBe(1_000_000);
		expect(fault?.reason).toContain(`1000000 opened with '${"[".repeat(20)}…'`);
	});
});
