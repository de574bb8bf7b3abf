import fc from "fast-check";
import { expect, it } from "vitest";
import { createKeyTable } from "./key-table.ts";

it("finds what was added and not removed, though beginnings of keys collide", () => {
	// Few different beginnings, so that slots run into each other.
	const key = fc.tuple(fc.nat(3), fc.nat(2)).map(([high, low]) => Uint8Array.of(0, 0, 0, high, 0, 0, 0, low, 9, 9));
	fc.assert(
		fc.property(fc.array(fc.record({ key, remove: fc.boolean() }), { maxLength: 20 }), (entries) => {
			const table = createKeyTable(entries.length);
			for (const [line, entry] of entries.entries()) table.add(entry.key, line);
			for (const [line, entry] of entries.entries()) if (entry.remove) table.remove(entry.key, line);
			const rest = [...entries.entries()].filter(([, entry]) => !entry.remove);
			expect(table.size).toBe(rest.length);
			for (const { key: wanted } of entries) {
				const lines = rest.filter(([, entry]) => Buffer.compare(entry.key, wanted) === 0).map(([line]) => line);
				expect([...table.find(wanted)].sort()).toEqual(lines.sort());
			}
		}),
	);
});
