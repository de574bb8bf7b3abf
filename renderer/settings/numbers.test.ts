import fc from "fast-check";
import { expect, test } from "vitest";
import { readNumber, writeNumber } from "./numbers.ts";

test("numbers are read as people type them", () => {
	expect(readNumber("0,31")).toEqual({ kind: "number", value: 0.31 });
	expect(readNumber(" 1 000 ")).toEqual({ kind: "number", value: 1_000 });
	expect(readNumber(".5", 1_000)).toEqual({ kind: "number", value: 500 });
	expect(readNumber("0.3", 1_000)).toEqual({ kind: "number", value: 300 });
});

test("nothing and nonsense are told apart", () => {
	expect(readNumber("  ")).toEqual({ kind: "empty" });
	for (const typed of ["abc", "1,000,000", "1e9", "0x10", "5 %", "--1", "."]) {
		expect(readNumber(typed)).toEqual({ kind: "unreadable" });
	}
});

test("what is shown is read back as it was kept", () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.constantFrom(1, 1_000), (value, perUnit) => {
			expect(readNumber(writeNumber(value, perUnit), perUnit)).toEqual({ kind: "number", value });
		}),
	);
	expect(writeNumber(null)).toBe("");
});
