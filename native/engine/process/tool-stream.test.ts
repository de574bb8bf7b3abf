import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createToolReader } from "./tool-stream.ts";
import { detectToolStyle } from "./tools.ts";

const HERMES = detectToolStyle("... <tool_call> ...");
const LLAMA = detectToolStyle("... <|python_tag|> ...");
const MISTRAL = detectToolStyle("... [TOOL_CALLS] ...");

function read(style: typeof HERMES, pieces: readonly string[], callLimit = Number.POSITIVE_INFINITY) {
	let ids = 0;
	const reader = createToolReader({ style, callLimit, nextId: () => String(++ids) });
	const shown = pieces.map((piece) => reader.push(piece)).join("");
	const { isOpen } = reader;
	const text = shown + reader.flush();
	return { shown, text, isOpen, calls: reader.calls.map((call) => [call.name, call.argumentsJson]) };
}

/** Every way to write two calls that a style has, and the text around them. */
const OUTPUTS: readonly (readonly [typeof HERMES, string, string])[] = [
	[
		HERMES,
		'Hm.\n<tool_call>\n{"name": "f", "arguments": {"a": "}"}}\n</tool_call>\n<tool_call>{"name":"g"}</tool_call>',
		"Hm.",
	],
	[
		HERMES,
		'<tool_call>{"name": "f", "arguments": {"a": "}"}, "id": {"b": "}"}}</tool_call><tool_call>{"name":"g"}',
		"",
	],
	[
		HERMES,
		'<tool_call>{"name": "f", "arguments": {"a": "}"}</tool_call> and <tool_call>{"arguments":{},"name":"g"}',
		" and",
	],
	[HERMES, '<tool_call>{"name": "f", "arguments": {"a": "}"}}}\n<tool_call>{"name":"g","arguments":{}', ""],
	[LLAMA, '{"name": "f", "parameters": {"a": "}"}}; {"name": "g", "parameters": {}}', ""],
	[LLAMA, ' {"type": "function", "name": "f", "parameters": {"a": "}"}}\n{"name": "g"}', ""],
	[LLAMA, 'So: <|python_tag|>{"name": "f", "parameters": {"a": "}"}};{"parameters": {}, "name": "g"}', "So:"],
	[MISTRAL, '[TOOL_CALLS] [{"name": "f", "arguments": {"a": "}"}}, {"name": "g", "arguments": {}}]', ""],
	[MISTRAL, '[TOOL_CALLS][{"name": "f", "arguments": {"a": "}"}, "id": "1"}, {"arguments": {}, "name": "g"}]', ""],
	[MISTRAL, '[TOOL_CALLS]f[CALL_ID]c1[ARGS]{"a": "}"}[TOOL_CALLS]g[ARGS]{}', ""],
	[MISTRAL, '[TOOL_CALLS]f{"a": "}"}[TOOL_CALLS] [{"name": "g"}]', ""],
];

/** The text in pieces, cut at random places. */
function cut(text: string): fc.Arbitrary<readonly string[]> {
	return fc.uniqueArray(fc.nat(text.length)).map((places) => {
		const sorted = [0, ...places.sort((one, other) => one - other), text.length];
		return sorted.slice(1).map((place, index) => text.slice(sorted[index], place));
	});
}

describe("calls in growing text", () => {
	it("are read in every form a style has, however the text is cut, with arguments as the model wrote them", () => {
		for (const [style, output, text] of OUTPUTS) {
			const expected = {
				text,
				calls: [
					["f", '{"a": "}"}'],
					["g", "{}"],
				],
			};
			expect(read(style, [output])).toMatchObject(expected);
			expect(read(style, [...output])).toMatchObject(expected);
			fc.assert(
				fc.property(cut(output), (pieces) => {
					expect(read(style, pieces)).toMatchObject(expected);
				}),
				{ numRuns: 30 },
			);
		}
	});

	it("keep any arguments exactly, marks of calls inside them too", () => {
		const value = fc.oneof(fc.constantFrom("</tool_call>", "<tool_call>", '"}', "\\"), fc.string(), fc.jsonValue());
		const given = fc.dictionary(fc.string(), value).chain((object) => {
			const json = JSON.stringify(object, null, 1);
			return fc.tuple(fc.constant(json), cut(`<tool_call>{"name": "f", "arguments": ${json}}</tool_call>.`));
		});
		fc.assert(
			fc.property(given, ([json, pieces]) => {
				expect(read(HERMES, pieces)).toMatchObject({ text: ".", calls: [["f", json]] });
			}),
		);
	});

	it("show from the brace of their arguments on, and then as they grow", () => {
		const reader = createToolReader({ style: HERMES, callLimit: 9, nextId: () => "1" });
		reader.push('<tool_call>{"name": "f", "arguments":');
		expect(reader.calls).toEqual([]);
		reader.push(' {"path');
		expect(reader).toMatchObject({ calls: [{ id: "call_1", name: "f", argumentsJson: '{"path' }], isOpen: true });
		reader.push('": "a"}}</tool_c');
		expect(reader).toMatchObject({ calls: [{ argumentsJson: '{"path": "a"}' }], isOpen: false });
		expect(reader.flush()).toBe("");
	});

	it("are text when they are malformed before their arguments begin", () => {
		for (const output of [
			'x <tool_call>{"name": </tool_call> y',
			'<tool_call>{"name": "f", "arguments": 7',
			"<tool_call>{",
		]) {
			expect(read(HERMES, [...output])).toMatchObject({ text: output, calls: [] });
			expect(read(HERMES, [output])).toMatchObject({ text: output, calls: [] });
		}
		for (const output of ["{not json", "Hello {world}", '{"name": "f", "parameters": [']) {
			expect(read(LLAMA, [...output])).toMatchObject({ text: output, calls: [] });
		}
	});

	it("stay calls when they go wrong in their arguments", () => {
		const cutOff = '<tool_call>{"name": "f", "arguments": {"a": "x</tool_call>';
		expect(read(HERMES, [...cutOff])).toMatchObject({ text: "", calls: [["f", '{"a": "x</tool_call>']], isOpen: true });
		const broken = '<tool_call>{"name": "f", "arguments": {\'a\': 1}}</tool_call>';
		expect(read(HERMES, [...broken])).toMatchObject({ text: "", calls: [["f", "{'a': 1}"]], isOpen: false });
	});

	it("end with the last one that may be made", () => {
		for (const [style, output, text] of OUTPUTS) {
			const before = text.startsWith(" ") ? "" : text;
			expect(read(style, [...output], 1)).toMatchObject({ text: before, calls: [["f", '{"a": "}"}']] });
			expect(read(style, [output], 1)).toMatchObject({ text: before, calls: [["f", '{"a": "}"}']] });
		}
	});
});
