import { expect, test } from "vitest";
import { createEventParser, type ServerSentEvent } from "./event-parser.ts";

/** All events of a stream that comes in pieces of so many characters. */
function parse(text: string, pieceLength = text.length): readonly ServerSentEvent[] {
	const parser = createEventParser();
	const events: ServerSentEvent[] = [];
	for (let start = 0; start < text.length; start += pieceLength) {
		const taken = parser.take(text.slice(start, start + pieceLength));
		if (taken === null) throw new Error("too long");
		events.push(...taken);
	}
	return events;
}

const stream =
	'id: 4\nevent: notice\ndata: {"number":4}\n\n: keep-alive\n\nevent: machine\r\ndata: a\r\ndata:b\r\n\r\ndata\rdata: \r\rid: 9\n\ndata: x\n\n';
const events: readonly ServerSentEvent[] = [
	{ name: "notice", id: "4", data: '{"number":4}' },
	{ name: "machine", id: "4", data: "a\nb" },
	{ name: "message", id: "4", data: "\n" },
	{ name: "message", id: "9", data: "x" },
];

test("reads names, ids and data with every kind of line break, and passes over comments", () => {
	expect(parse(stream)).toEqual(events);
});

test("reads the same wherever the stream is cut", () => {
	for (let length = 1; length < 20; length++) expect(parse(stream, length)).toEqual(events);
});

test("an event that was not completed is none", () => {
	expect(parse("data: 1\n\ndata: 2\n")).toEqual([{ name: "message", id: "", data: "1" }]);
});

test("a line or an event that is too long ends it, however it comes", () => {
	const line = createEventParser(100);
	expect(line.take(`data: ${"x".repeat(50)}`)).toEqual([]);
	expect(line.take("x".repeat(60))).toBeNull();
	const many = createEventParser(100);
	expect(many.take(`data: ${"x".repeat(60)}\n`)).toEqual([]);
	expect(many.take(`data: ${"x".repeat(60)}\n\n`)).toBeNull();
	const fine = createEventParser(100);
	for (let count = 0; count < 10; count++) expect(fine.take(`data: ${"x".repeat(90)}\n\n`)).toHaveLength(1);
});
