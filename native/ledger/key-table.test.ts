import fc from "fast-check";
import { expect, it } from "vitest";
import { createKeyTable } from "./key-table.ts";

it("gives out each line once, to its own key, though beginnings of keys collide", () => {
	// Few different beginnings, so that slots run into each other; the last byte tells keys of one beginning apart.
	const key = fc
		.tuple(fc.nat(3), fc.nat(2), fc.nat(1))
		.map(([high, low, end]) => Uint8Array.of(0, 0, 0, high, 0, 0, 0, low, end));
	fc.assert(
		fc.property(fc.array(key, { maxLength: 20 }), fc.array(key, { maxLength: 20 }), (keys, wanted) => {
			const table = createKeyTable(keys.length);
			for (const [line, one] of keys.entries()) table.add(one, line);
			const left = new Set(keys.keys());
			for (const one of wanted) {
				const isSame = (line: number) => Buffer.compare(keys[line] ?? Buffer.of(), one) === 0;
				const expected = [...left].filter(isSame);
				expect(table.take(one, isSame).toSorted()).toEqual(expected.toSorted());
				for (const line of expected) left.delete(line);
				expect(table.size).toBe(left.size);
			}
		}),
	);
});

it("touches each of many lines of one key once", () => {
	const lines = 200_000;
	const key = new Uint8Array(32).fill(7);
	const table = createKeyTable(lines);
	for (let line = 0; line < lines; line++) table.add(key, line);
	let asked = 0;
	const taken = table.take(key, () => {
		asked += 1;
		return true;
	});
	expect([taken.length, asked, table.size]).toEqual([lines, lines, 0]);
	expect(table.take(key, () => true)).toEqual([]);
});
