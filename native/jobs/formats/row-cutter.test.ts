import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FileLine } from "./line-reader.ts";
import { createRowCutter } from "./row-cutter.ts";
import { parseRow } from "./table-header.ts";

const COMMA = ",".charCodeAt(0);

function cut(
	file: string | Uint8Array,
	{ chunkBytes = 64 * 1024, limitBytes = 1024 * 1024 } = {},
): readonly FileLine[] {
	const bytes = Buffer.from(file);
	const cutter = createRowCutter(COMMA, limitBytes);
	const rows: FileLine[] = [];
	for (let at = 0; at < bytes.length && !cutter.isHopeless(); at += chunkBytes) {
		rows.push(...cutter.push(bytes.subarray(at, at + chunkBytes)));
	}
	return [...rows, ...cutter.end()];
}

/** Line and text of each row, or what is wrong with it. */
const seen = (rows: readonly FileLine[]) => rows.map(({ number, text, trouble }) => [number, text ?? trouble?.kind]);

describe("a row", () => {
	test("is what was written, however it was quoted and however the bytes are cut", () => {
		const cell = fc.string({ unit: fc.constantFrom(...'ab,;\t"\n\r é😀') });
		const tables = fc
			.integer({ min: 2, max: 4 })
			.chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width })));
		fc.assert(
			fc.property(
				tables,
				fc.constantFrom("\n", "\r\n"),
				fc.integer({ min: 1, max: 9 }),
				fc.boolean(),
				(table, end, size, isMarked) => {
					const printed = stringify(table, { record_delimiter: end, quoted_match: /[\r\n]/ });
					const file = Buffer.from(`${isMarked ? "\uFEFF" : ""}${printed}`);
					const rows = cut(file, { chunkBytes: size });
					expect(rows.map(({ text }) => parseRow(text ?? "", ","))).toEqual(table);
					for (const { number, offset, length, text } of rows) {
						expect(file.toString("utf8", offset, offset + length)).toBe(text);
						expect(file.toString("utf8", 0, offset).split("\n")).toHaveLength(number);
					}
				},
			),
			{ numRuns: 300 },
		);
	});

	test("may have quotes within a field that did not begin with one", () => {
		expect(seen(cut('5" pipe,b\nc,d "e"\n'))).toEqual([
			[1, '5" pipe,b'],
			[2, 'c,d "e"'],
		]);
		expect(parseRow('5" pipe,d "e"', ",")).toEqual(['5" pipe', 'd "e"']);
	});
});

describe("a quote that is not closed", () => {
	test("costs its own row only, where a quote that follows gives it away", () => {
		const file = 'a,b\n1,"open\n2,"fine"\n3,"also, fine"\n';
		expect(seen(cut(file))).toEqual([
			[1, "a,b"],
			[2, "open-quote"],
			[3, '2,"fine"'],
			[4, '3,"also, fine"'],
		]);
		expect(cut(file)[1]?.trouble).toEqual({ kind: "open-quote", from: 2, to: 3 });
	});

	test("costs its own row only, where the file ends", () => {
		expect(seen(cut('1,"open\n2,b\n3,"open too\n4,d'))).toEqual([
			[1, "open-quote"],
			[2, "2,b"],
			[3, "open-quote"],
			[4, "4,d"],
		]);
	});

	test("costs its own row only, where the row gets longer than any", () => {
		const rest = Array.from({ length: 50 }, (_, n) => `${n},${"x".repeat(20)}`);
		const rows = cut(`1,"open\n${rest.join("\n")}\n`, { limitBytes: 100, chunkBytes: 10 });
		expect(rows).toHaveLength(51);
		expect(seen(rows).slice(0, 2)).toEqual([
			[1, "open-quote"],
			[2, rest[0]],
		]);
	});

	test("is told with the line it opens on, where text follows its end", () => {
		expect(cut('1,2\n"a\nb",c\n"d\ne"f,g\n')).toMatchObject([
			{ number: 1, text: "1,2" },
			{ number: 2, text: '"a\nb",c' },
			{ number: 4, trouble: { kind: "open-quote", from: 4, to: 5 } },
			{ number: 5, text: 'e"f,g' },
		]);
		expect(seen(cut('"a"b,c\n1,2\n'))).toEqual([
			[1, "open-quote"],
			[2, "1,2"],
		]);
	});

	test("ends the reading where a file is made of nothing else, after a bounded time", () => {
		const limitBytes = 10_000;
		const rows = cut('x","\n'.repeat(100_000), { limitBytes });
		expect(rows.at(-1)?.trouble).toEqual({ kind: "too-many-quotes" });
		expect(rows.length).toBeLessThan(100);
	});
});

describe("a row too long", () => {
	test("is let go while it comes in, and does not disturb its neighbours", () => {
		const rows = cut(`a,b\n${"x".repeat(5_000)}\nc,d\n`, { limitBytes: 100, chunkBytes: 64 });
		expect(seen(rows)).toEqual([
			[1, "a,b"],
			[2, "too-long"],
			[3, "c,d"],
		]);
		expect(rows[1]).toMatchObject({ offset: 4, length: 5_000 });
		expect(rows[2]).toMatchObject({ offset: 5_005 });
	});

	test("is one byte longer than the longest that is read", () => {
		expect(seen(cut("x".repeat(100), { limitBytes: 100 }))).toEqual([[1, "x".repeat(100)]]);
		expect(seen(cut(`${"x".repeat(101)}\n`, { limitBytes: 100 }))).toEqual([[1, "too-long"]]);
	});
});

test("a file of another kind is told once and not read any further", () => {
	const cutter = createRowCutter(COMMA, 1_000);
	expect(seen([...cutter.push(Buffer.from("PK\x03\x04 a workbook\n"))])).toEqual([[1, "foreign"]]);
	expect(cutter.isHopeless()).toBe(true);
	expect([...cutter.push(Buffer.from("a\nb\n")), ...cutter.end()]).toEqual([]);
});

test("finds the same however the bytes are cut, whatever they are", () => {
	const files = fc
		.array(fc.constantFrom('"', ",", "\n", "\r\n", "a", "é", "\0", '""', '","'))
		.map((parts) => parts.join(""));
	fc.assert(
		fc.property(files, fc.integer({ min: 1, max: 5 }), (file, chunkBytes) => {
			expect(cut(file, { chunkBytes, limitBytes: 12 })).toEqual(cut(file, { limitBytes: 12 }));
		}),
		{ numRuns: 1_000 },
	);
});
