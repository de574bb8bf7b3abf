import { describe, expect, it } from "vitest";
import { callId, detectToolStyle, parseCalls } from "./tools.ts";

const HERMES = detectToolStyle("... <tool_call> ...");
const LLAMA = detectToolStyle("... <|python_tag|> ...");
const MISTRAL = detectToolStyle("... [TOOL_CALLS] ...");

describe("the style of calls", () => {
	it("is told from the template, and is Hermes where the template has no word of its own", () => {
		expect([HERMES.name, LLAMA.name, MISTRAL.name]).toEqual(["hermes", "llama", "mistral"]);
		expect(detectToolStyle('{"parameters": dictionary of argument name and its value}').name).toBe("llama");
		expect(detectToolStyle("{{ messages }}").name).toBe("hermes");
	});

	it("decides the shape of ids", () => {
		expect(callId(HERMES, () => "0123456789abcdef")).toBe("call_0123456789abcdef");
		expect(callId(MISTRAL, () => "0123456789abcdef")).toBe("012345678");
	});
});

describe("a whole call", () => {
	it("may have its arguments before its name, as text, under either key, or not at all", () => {
		const whole = (object: string) => parseCalls(HERMES, `<tool_call>${object}</tool_call>`);
		expect(whole('{"arguments": {"a": 1}, "name": "f"}')).toEqual([{ name: "f", argumentsJson: '{"a":1}' }]);
		expect(whole('{"name": "f", "arguments": "{\\"a\\": 1}"}')).toEqual([{ name: "f", argumentsJson: '{"a": 1}' }]);
		expect(whole('{"parameters": {}, "name": "f"}')).toEqual([{ name: "f", argumentsJson: "{}" }]);
		expect(whole('{"name": "f"}')).toEqual([{ name: "f", argumentsJson: "{}" }]);
	});

	it("may be one of a list", () => {
		expect(parseCalls(LLAMA, '{"name": "f"}; {"name": "g"}').map((call) => call.name)).toEqual(["f", "g"]);
		expect(parseCalls(MISTRAL, '[TOOL_CALLS] [{"name": "f"}, {"name": "g"}]').map((call) => call.name)).toEqual([
			"f",
			"g",
		]);
	});

	it("is none when it has no name or is no JSON", () => {
		expect(parseCalls(HERMES, '<tool_call>{"arguments": {}}</tool_call>')).toEqual([]);
		expect(parseCalls(HERMES, "<tool_call>f()</tool_call>")).toEqual([]);
		expect(parseCalls(MISTRAL, '[TOOL_CALLS][{"name": "f"}, 7]')).toEqual([]);
	});
});
