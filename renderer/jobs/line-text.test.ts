import { expect, test } from "vitest";
import { textOf, turnsOf } from "./line-text.ts";

test("a chat request is its turns, with the system message first", () => {
	const body = {
		model: "demo",
		messages: [
			{ role: "system", content: "Be short." },
			{
				role: "user",
				content: [
					{ type: "text", text: "Hello" },
					{ type: "image_url", image_url: { url: "x" } },
				],
			},
		],
	};
	expect(turnsOf({ custom_id: "a", method: "POST", url: "/v1/chat/completions", body })).toEqual([
		{ who: "System", text: "Be short." },
		{ who: "User", text: "Hello" },
	]);
});

test("every dialect's request can be read", () => {
	const hello = [{ who: "User", text: "Hello" }];
	expect(turnsOf({ messages: [{ role: "user", content: "Hello" }] })).toEqual(hello);
	expect(turnsOf({ custom_id: "a", body: { model: "m", input: "Hello" } })).toEqual(hello);
	expect(
		turnsOf({ custom_id: "a", body: { input: [{ role: "user", content: [{ type: "input_text", text: "Hello" }] }] } }),
	).toEqual(hello);
	expect(turnsOf({ custom_id: "a", body: { prompt: ["Hello"] } })).toEqual(hello);
	const anthropic = { custom_id: "a", params: { system: "Be short.", messages: [{ role: "user", content: "Hello" }] } };
	expect(turnsOf(anthropic)).toEqual([{ who: "System", text: "Be short." }, ...hello]);
	const gemini = {
		key: "a",
		request: {
			system_instruction: { parts: [{ text: "Be short." }] },
			contents: [{ role: "user", parts: [{ text: "Hello" }] }],
		},
	};
	expect(turnsOf(gemini)).toEqual([{ who: "System", text: "Be short." }, ...hello]);
});

test("a row of a table is its columns", () => {
	expect(turnsOf({ subject: "Refund", text: "Money back", empty: "" })).toEqual([
		{ who: "subject", text: "Refund" },
		{ who: "text", text: "Money back" },
	]);
});

test("every dialect's answer can be read, and so can what went wrong", () => {
	const openai = (body: object) => ({ custom_id: "a", response: { status_code: 200, body }, error: null });
	expect(textOf(openai({ choices: [{ message: { content: "Hi" } }] }))).toBe("Hi");
	expect(textOf(openai({ choices: [{ text: "Hi" }] }))).toBe("Hi");
	expect(textOf(openai({ output: [{ type: "message", content: [{ type: "output_text", text: "Hi" }] }] }))).toBe("Hi");
	expect(textOf(openai({ data: [{ embedding: [1, 2, 3] }] }))).toBe("A vector of 3 numbers.");
	expect(textOf(openai({ error: { message: "Too long", code: "x" } }))).toBe("Too long");
	expect(textOf({ custom_id: "a", response: null, error: { code: "batch_cancelled", message: "Never ran" } })).toBe(
		"Never ran",
	);
	expect(
		textOf({ custom_id: "a", result: { type: "succeeded", message: { content: [{ type: "text", text: "Hi" }] } } }),
	).toBe("Hi");
	const errored = { type: "errored", error: { type: "error", error: { type: "x", message: "Too long" } } };
	expect(textOf({ custom_id: "a", result: errored })).toBe("Too long");
	expect(textOf({ key: "a", response: { candidates: [{ content: { parts: [{ text: "Hi" }] } }] } })).toBe("Hi");
	expect(textOf({ key: "a", error: { code: 400, message: "Too long" } })).toBe("Too long");
});

test("calls of tools are told with what they were given, thoughts are left to the JSON", () => {
	const call = { id: "1", type: "function", function: { name: "look", arguments: '{"at":1}' } };
	const body = { choices: [{ message: { content: null, tool_calls: [call] } }] };
	expect(textOf({ response: { status_code: 200, body } })).toBe('Calls look: {"at":1}');
	const parts = [{ text: "hm", thought: true }, { text: "Hi" }];
	expect(textOf({ response: { candidates: [{ content: { parts } }] } })).toBe("Hi");
});

test("what nobody knows has no text and breaks nothing", () => {
	expect(textOf({})).toBeNull();
	expect(textOf({ response: 5, result: [], choices: null })).toBeNull();
	expect(turnsOf({ body: null, messages: [null, 3, { content: 5 }] })).toEqual([]);
});
