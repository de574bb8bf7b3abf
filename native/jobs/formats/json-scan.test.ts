import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findOddities, isNestedDeeper, leadingKeys } from "./json-scan.ts";

const odd = (text: string) => findOddities(text, JSON.parse(text));

/** Writes JSON with an object's first key written twice wherever `doubled` says so, and with some odd but sound spacing. */
function print(value: unknown, isDoubled: () => boolean): string {
	if (Array.isArray(value)) return `[ ${value.map((one) => print(one, isDoubled)).join(" ,")}]`;
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	const fields = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}\t: ${print(one, isDoubled)}`);
	const [first] = fields;
	return `{${[...fields, ...(first !== undefined && isDoubled() ? [first] : [])].join(", ")} }`;
}

describe("what JSON.parse passes over", () => {
	test.each([
		['{"a":1,"a":1}', ["a"]],
		['{"a":1,"\\u0061":2}', ["a"]],
		['{"body":{"messages":[{"role":"user"},{"role":"user", "role" :"system"}]}}', ["body.messages[1].role"]],
		['{"a":{"x":1,"x":2},"b":[{"x":1},{"x":1}],"a":0}', ["a.x", "a"]],
		['{"__proto__":1,"__proto__":2}', ["__proto__"]],
		['{"":1,"":2}', [""]],
		[`{${'"a":1,'.repeat(9)}"b":2}`, ["a"]],
		[`{${[..."abcdefgh"].map((key) => `"${key}":1,"${key}":2`).join(",")}}`, [..."abcde"]],
	])("is a key that stands twice: %s", (text, doubledKeys) => {
		expect(odd(text)).toEqual({ doubledKeys, brokenText: null });
	});

	test.each([
		['{"a":"\\ud800"}', "a"],
		['{"a":["x","\\uDC00\\ud800"]}', "a[1]"],
		['{"body":{"messages":[{"content":"a\\ud83dz"}]}}', "body.messages[0].content"],
		['{"a":{"\\udfff":1}}', "a.\uFFFD"],
	])("is half of a surrogate pair: %s", (text, brokenText) => {
		expect(odd(text)).toEqual({ doubledKeys: [], brokenText });
	});

	test.each([
		'{"a":"\\ud83d\\ude00"}',
		'{"a":"\\ud55c\\uad6d"}',
		'{"a":"\\\\ud800"}',
		'{"a":"\\":","b":"{\\"a\\":1,\\"a\\":1}"}',
		'{"a":{"a":{"a":[{"a":1},{"a":1}]}}}',
		"{}",
		'{"a":"\\\\"}',
	])("is not found in %s", (text) => {
		expect(odd(text)).toBeNull();
	});

	test("is found exactly where it is, whatever else stands there", () => {
		const values = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }));
		fc.assert(
			fc.property(values, fc.array(fc.boolean(), { maxLength: 12 }), (value, choices) => {
				let asked = 0;
				let doubled = 0;
				const text = print(value, () => {
					const isDoubled = choices[asked] ?? false;
					asked += 1;
					if (isDoubled) doubled += 1;
					return isDoubled;
				});
				const found = odd(text);
				expect(found === null).toBe(doubled === 0);
				if (found !== null) expect(found.doubledKeys.length).toBeGreaterThan(0);
			}),
			{ numRuns: 500 },
		);
	});

	test("is looked for at any depth and in texts of any length", () => {
		const deep = 50_000;
		const text = `${'{"a":['.repeat(deep)}{"b":1,"b":2}${"]}".repeat(deep)}`;
		expect(odd(text)?.doubledKeys).toHaveLength(1);
		expect(odd(`{"a":"${"\\\\".repeat(1_000_000)}","a":"${'\\"'.repeat(100_000)}"}`)?.doubledKeys).toEqual(["a"]);
	});
});

describe("nesting", () => {
	test("is told of any text, without reading further than it must", () => {
		expect(isNestedDeeper("[[{}]]", 2)).toBe(true);
		expect(isNestedDeeper("[[{}]]", 3)).toBe(false);
		expect(isNestedDeeper('["[[[[", "\\"]', 1)).toBe(false);
		expect(isNestedDeeper('["[[[[', 1)).toBe(false);
		expect(isNestedDeeper("{}{}[][]", 1)).toBe(false);
	});
});

describe("the keys a text begins with", () => {
	test("are those of its outermost object, as far as it goes", () => {
		expect([...leadingKeys(' {"a": {"b": [1]}, "c" : "d", "e')]).toEqual(["a", "c"]);
		expect([...leadingKeys('{"a":1} {"b":2}')]).toEqual(["a"]);
		expect([...leadingKeys('"a":1')]).toEqual([]);
	});

	test("never take long or fail", () => {
		fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'{}[]:,"\\a ') }), (text) => void leadingKeys(text)));
	});
});
