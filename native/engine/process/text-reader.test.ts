import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTextReader } from "./text-reader.ts";

/** Reads bytes in pieces of the lengths given, over and over. */
function read(bytes: Uint8Array, lengths: readonly number[]): string {
	const reader = createTextReader();
	let text = "";
	for (let start = 0, piece = 0; start < bytes.length; piece++) {
		const end = start + Math.max(1, lengths[piece % lengths.length] ?? 1);
		text += reader.push(bytes.subarray(start, end));
		start = end;
	}
	return text + reader.end();
}

const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 });

describe("text read from bytes", () => {
	it("is the text that was written, however it is cut", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), cuts, (text, lengths) => {
				const bytes = new TextEncoder().encode(text);
				expect(read(bytes, lengths)).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
			}),
		);
	});

	it("does not depend on where it is cut, whatever the bytes", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 24 }), cuts, (bytes, lengths) => {
				expect(read(bytes, lengths)).toBe(read(bytes, [bytes.length]));
			}),
		);
	});

	it.each([
		["beyond the last character", [0xf5, 0x80, 0x80, 0x80]],
		["with a lead byte that never was one", [0xff, 0x90, 0x80, 0x80]],
		["a surrogate", [0xed, 0xa0, 0x80]],
		["an overlong form of two bytes", [0xc1, 0xbf]],
		["an overlong form of three", [0xe0, 0x82, 0x80]],
		["an overlong form of four", [0xf0, 0x80, 0x80, 0xaf]],
	])("has one replacement for a whole sequence: %s", (_, sequence) => {
		expect(read(Uint8Array.of(0x61, ...sequence, 0x62), [1])).toBe("a\uFFFDb");
	});

	it("goes on behind a sequence that breaks off", () => {
		expect(read(Uint8Array.of(0xe2, 0x82, 0x61, 0x80, 0xc3, 0xa9), [2])).toBe("\uFFFDa\uFFFDé");
		expect(read(Uint8Array.of(0x61, 0xe2, 0x82), [1])).toBe("a\uFFFD");
	});
});
