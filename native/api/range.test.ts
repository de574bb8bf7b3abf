import { assert, integer, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseRange } from "./range.ts";

describe("chooseRange", () => {
	it("sends everything when nothing is asked, or something the RFC lets a server ignore", () => {
		for (const header of [undefined, "", "bytes=", "bytes=-", "bytes=5-2", "lines=0-1", "bytes=0-1,4-5", "bytes=a-b"]) {
			expect(chooseRange(header, 10)).toEqual({ kind: "whole" });
		}
	});

	it("sends a part from the front, the middle and the back", () => {
		expect(chooseRange("bytes=0-0", 10)).toEqual({ kind: "part", start: 0, end: 1 });
		expect(chooseRange("bytes=4-", 10)).toEqual({ kind: "part", start: 4, end: 10 });
		expect(chooseRange("bytes=-3", 10)).toEqual({ kind: "part", start: 7, end: 10 });
	});

	it("cuts a range that reaches past the end to what is there", () => {
		expect(chooseRange("bytes=4-99", 10)).toEqual({ kind: "part", start: 4, end: 10 });
		expect(chooseRange("bytes=-99", 10)).toEqual({ kind: "part", start: 0, end: 10 });
	});

	it("refuses a range that begins past the end, and any range of an empty file", () => {
		expect(chooseRange("bytes=10-", 10)).toEqual({ kind: "unsatisfiable" });
		expect(chooseRange("bytes=-0", 10)).toEqual({ kind: "unsatisfiable" });
		expect(chooseRange("bytes=0-", 0)).toEqual({ kind: "unsatisfiable" });
		expect(chooseRange("bytes=-1", 0)).toEqual({ kind: "unsatisfiable" });
	});

	it("never chooses bytes that aren't there, whatever the header", () => {
		void assert(
			property(string(), integer({ min: -5, max: 50 }), integer({ min: 0, max: 30 }), (noise, first, sizeBytes) => {
				for (const header of [noise, `bytes=${noise}`, `bytes=${first}-${noise}`, `bytes=${first}-${first + 3}`]) {
					const range = chooseRange(header, sizeBytes);
					if (range.kind !== "part") continue;
					expect(range.start).toBeGreaterThanOrEqual(0);
					expect(range.end).toBeGreaterThan(range.start);
					expect(range.end).toBeLessThanOrEqual(sizeBytes);
				}
			}),
		);
	});
});
