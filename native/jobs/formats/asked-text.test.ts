import { expect, test } from "vitest";
import { askedText } from "./asked-text.ts";

test.each([
	[
		"chat",
		{
			messages: [
				{ role: "system", content: "Be kind." },
				{ role: "user", content: "Why?" },
			],
		},
		"Why?",
	],
	[
		"a chat that ends with the model's words",
		{
			messages: [
				{ role: "user", content: "Why?" },
				{ role: "assistant", content: "Because" },
			],
		},
		"Why?",
	],
	["a chat without a user", { messages: [{ role: "system", content: "Say hello." }] }, "Say hello."],
	[
		"Anthropic's blocks",
		{
			messages: [
				{ role: "user", content: [{ type: "text", text: "One" }, { type: "image" }, { type: "text", text: "two" }] },
			],
		},
		"One\ntwo",
	],
	[
		"Gemini's contents",
		{ contents: [{ parts: [{ text: "Hello" }] }, { role: "model", parts: [{ text: "Hi" }] }] },
		"Hello",
	],
	["an answer's text input", { input: "Sum it up" }, "Sum it up"],
	[
		"an answer's items",
		{
			input: [
				{ role: "user", content: [{ type: "input_text", text: "Sum" }] },
				{ type: "function_call_output", output: "1" },
			],
		},
		"Sum",
	],
	["an embedding of several texts", { input: ["one", "two"] }, "one\ntwo"],
	["a completion", { prompt: "Once upon" }, "Once upon"],
	["tokens", { prompt: [1, 2, 3] }, ""],
	["nothing", {}, ""],
	["nonsense", { messages: "x", contents: [null, 3], input: { a: 1 }, prompt: null }, ""],
])("finds what is asked in %s", (_, body, asked) => expect(askedText(body)).toBe(asked));
