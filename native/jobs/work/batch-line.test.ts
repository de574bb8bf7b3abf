import { expect, test } from "vitest";
import { promptText } from "./batch-line.ts";

const text = (body: { readonly [key: string]: unknown }) => promptText({ url: "/v1/x", body });

test("lines with the same start of their prompts stand together, in every dialect", () => {
	const chat = (system: string, user: string) => ({
		messages: [
			{ role: "system", content: system },
			{ role: "user", content: user },
		],
	});
	const anthropic = (system: string, user: string) => ({ system, messages: [{ role: "user", content: user }] });
	const gemini = (system: string, user: string) => ({
		contents: [{ parts: [{ text: user }] }],
		systemInstruction: { parts: [{ text: system }] },
	});
	for (const make of [chat, anthropic, gemini]) {
		const [a, b, c] = [text(make("A", "z")), text(make("B", "y")), text(make("A", "x"))].toSorted();
		expect([a, b, c]).toEqual([text(make("A", "x")), text(make("A", "z")), text(make("B", "y"))]);
	}
});

test("settings beside the prompt make no difference", () => {
	expect(text({ prompt: "a", seed: 1 })).toBe(text({ seed: 2, prompt: "a" }));
	expect(text({ input: ["a"] })).not.toBe(text({ input: ["b"] }));
});
