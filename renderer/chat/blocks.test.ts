import fc from "fast-check";
import { expect, test } from "vitest";
import { splitBlocks } from "./blocks.ts";

test("cuts between paragraphs, headings and blocks of code", () => {
	expect(splitBlocks("One\ntwo\n\n# Three\n\n```js\na\n\nb\n```\n\nFour")).toEqual([
		"One\ntwo\n\n",
		"# Three\n\n",
		"```js\na\n\nb\n```\n\n",
		"Four",
	]);
});

test("leaves lists, quotes and code in one piece", () => {
	for (const text of [
		"1. one\n\n2. two",
		"- one\n\n  more\n\n- two",
		"> one\n\n> two",
		"~~~\n\n```\n\nx\n\n~~~",
		"````\n\n```\n\nx",
	]) {
		expect(splitBlocks(text)).toEqual([text]);
	}
});

test("leaves a text in one piece that defines what is used elsewhere", () => {
	const text = "See [it].\n\nMore.\n\n[it]: https://example.com";
	expect(splitBlocks(text)).toEqual([text]);
});

test("loses nothing, and changes only its last block while a text grows at a line's end", () => {
	const lines = fc.array(fc.constantFrom("", "a", "- b", "```", "~~~", "  c", "# d", "> e", "1. f", "````js"), {
		maxLength: 30,
	});
	fc.assert(
		fc.property(lines, fc.constantFrom("", "g", "- h", "```"), (some, next) => {
			const text = some.join("\n");
			const blocks = splitBlocks(text);
			expect(blocks.join("")).toBe(text);
			expect(splitBlocks(`${text}\n${next}`).slice(0, blocks.length - 1)).toEqual(blocks.slice(0, -1));
		}),
	);
});
