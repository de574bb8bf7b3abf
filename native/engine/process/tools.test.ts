import { describe, expect, it } from "vitest";
import { createToolReader, detectToolStyle } from "./tools.ts";

const HERMES = detectToolStyle("... <tool_call> ...");
const LLAMA = detectToolStyle("... <|python_tag|> ...");
const MISTRAL = detectToolStyle("... [TOOL_CALLS] ...");

function read(style: typeof HERMES, pieces: readonly string[]) {
	const reader = createToolReader(style);
	const shown = pieces.map((piece) => reader.push(piece)).join("");
	return { shown, text: shown + reader.flush(), calls: reader.calls };
}

describe("tool calls", () => {
	it("are read in the Hermes style, letter by letter, with text before them", () => {
		const output = 'Let me look.\n<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>';
		expect(read(HERMES, [...output])).toEqual({
			shown: "Let me look.",
			text: "Let me look.",
			calls: [{ name: "f", argumentsJson: '{"a":1}' }],
		});
	});

	it("may be several", () => {
		const call = '<tool_call>{"name": "f", "arguments": {}}</tool_call>';
		expect(read(HERMES, [`${call}\n${call}\n`])).toMatchObject({ text: "", calls: [{ name: "f" }, { name: "f" }] });
	});

	it("stay text when malformed", () => {
		const output = 'x <tool_call>{"name": </tool_call> y';
		expect(read(HERMES, [...output])).toMatchObject({ text: output, calls: [] });
		expect(read(HERMES, ["<tool_call>{"])).toMatchObject({ text: "<tool_call>{", calls: [] });
	});

	it("are read in the Llama style, bare or after its tag", () => {
		const call = '{"name": "f", "parameters": {"a": "b"}}';
		for (const output of [call, `<|python_tag|>${call}`]) {
			expect(read(LLAMA, [...output])).toMatchObject({ text: "", calls: [{ name: "f", argumentsJson: '{"a":"b"}' }] });
		}
		expect(read(LLAMA, [`${call}; ${call}`]).calls).toHaveLength(2);
		expect(read(LLAMA, ["{not json"])).toMatchObject({ text: "{not json", calls: [] });
		expect(read(LLAMA, ["Hello {world}"])).toMatchObject({ text: "Hello {world}", calls: [] });
	});

	it("are read in both Mistral styles", () => {
		expect(read(MISTRAL, ['[TOOL_CALLS] [{"name": "f", "arguments": {"a": 1}}]']).calls).toEqual([
			{ name: "f", argumentsJson: '{"a":1}' },
		]);
		expect(read(MISTRAL, ['[TOOL_CALLS]f[ARGS]{"a": 1}']).calls).toEqual([{ name: "f", argumentsJson: '{"a": 1}' }]);
	});
});
