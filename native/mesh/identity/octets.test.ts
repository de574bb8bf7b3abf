import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBase64Url, joinWithLengths, manyOctetsSchema, octetsSchema, toBase64Url } from "./octets.ts";

test("no two lists of values make the same octets", () => {
	const lists = fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 4 });
	fc.assert(
		fc.property(lists, lists, (one, other) => {
			const isSame = JSON.stringify(one.map(toBase64Url)) === JSON.stringify(other.map(toBase64Url));
			expect(toBase64Url(joinWithLengths(...one)) === toBase64Url(joinWithLengths(...other))).toBe(isSame);
		}),
	);
});

test("octets have one way of being written", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
			const text = toBase64Url(octets);
			expect(fromBase64Url(text)).toEqual(octets);
			for (const schema of [octetsSchema(octets.length), manyOctetsSchema(40)]) {
				expect(schema.safeParse(text).success).toBe(true);
				for (const other of [`${text}=`, `${text} `, `${text}\n`]) expect(schema.safeParse(other).success).toBe(false);
			}
		}),
	);
	// All of these are the same one octet to a reader that does not mind.
	for (const text of ["AR", "AS", "Af", "A+", "A/"]) expect(octetsSchema(1).safeParse(text).success, text).toBe(false);
	expect(octetsSchema(1).safeParse("AQ").success).toBe(true);
});

test("too many octets, or too few, are refused", () => {
	for (const size of [15, 17])
		expect(octetsSchema(16).safeParse(toBase64Url(new Uint8Array(size))).success).toBe(false);
	expect(manyOctetsSchema(16).safeParse(toBase64Url(new Uint8Array(17))).success).toBe(false);
});
