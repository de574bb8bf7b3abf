import fc from "fast-check";
import { expect, test } from "vitest";
import { createSseReader, LONGEST_EVENT_LENGTH } from "./sse.ts";

function read(pieces: readonly string[]): readonly string[] {
	const reader = createSseReader();
	return pieces.flatMap((piece) => reader.push(piece));
}

test("reads the data of events, and nothing else of them", () => {
	expect(read(["event: x\nid: 1\n: a comment\ndata: one\n\ndata:two\n\n"])).toEqual(["one", "two"]);
});

test("joins the lines of an event's data, also empty ones", () => {
	expect(read(["data: one\ndata\ndata:  two\n\n"])).toEqual(["one\n\n two"]);
});

test("gives no event before its empty line, and none for an empty line alone", () => {
	expect(read(["data: one\n"])).toEqual([]);
	expect(read(["\n\n\n", "data: one\n", "\n"])).toEqual(["one"]);
});

test("reads the same events wherever the text is cut and however its lines end", () => {
	const texts = fc.array(fc.stringMatching(/^[^\r\n]{0,20}$/), { minLength: 1, maxLength: 6 });
	const ends = fc.constantFrom("\n", "\r\n", "\r");
	fc.assert(
		fc.property(texts, ends, fc.array(fc.nat({ max: 200 }), { maxLength: 12 }), (data, end, cuts) => {
			const text = data.map((one) => `data: ${one}${end}${end}`).join("");
			const places = [...new Set([0, ...cuts.map((cut) => cut % (text.length + 1)), text.length])].sort(
				(a, b) => a - b,
			);
			const pieces = places.slice(1).map((place, index) => text.slice(places[index], place));
			// A CR at the very end may be half of CR LF; the next piece tells.
			expect(read([...pieces, ": over\n"])).toEqual(data);
		}),
	);
});

test("refuses an event without end", () => {
	const reader = createSseReader();
	reader.push("data: ");
	expect(() => reader.push("x".repeat(LONGEST_EVENT_LENGTH))).toThrow("no end");
});
