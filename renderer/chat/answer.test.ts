import { expect, test } from "vitest";
import type { ChatChunk, ChatDelta } from "../../native/contract/contract.ts";
import { createAnswerReader, figuresOf } from "./answer.ts";

function chunk(delta: ChatDelta, changes: Partial<ChatChunk> = {}, finish: "stop" | "length" | null = null): string {
	const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
	return JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 0, model: "demo", choices, ...changes });
}

const usage = { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 };

test("reads text, thoughts, the reason of the end and the usage", () => {
	const reader = createAnswerReader();
	expect(reader.take(chunk({ role: "assistant", content: "" }))).toEqual({ kind: "piece", text: "", thinking: "" });
	expect(reader.take(chunk({ reasoning_content: "Hm" }))).toEqual({ kind: "piece", text: "", thinking: "Hm" });
	expect(reader.take(chunk({ content: "Yes" }))).toEqual({ kind: "piece", text: "Yes", thinking: "" });
	reader.take(chunk({}, {}, "length"));
	reader.take(chunk({}, { choices: [], usage }));
	expect(reader.take("[DONE]")).toEqual({ kind: "done" });
	expect(reader.facts).toEqual({ model: "demo", usage, finishReason: "length" });
});

test("shows calls of tools as blocks of text", () => {
	const reader = createAnswerReader();
	const call = (index: number, part: object) => JSON.parse(JSON.stringify({ tool_calls: [{ index, function: part }] }));
	const steps = [
		chunk(call(0, { name: "weather", arguments: "" })),
		chunk(call(0, { arguments: '{"city":' })),
		chunk(call(0, { arguments: '"Oslo"}' })),
		chunk(call(1, { name: "time", arguments: "{}" })),
		chunk({}, {}, "stop"),
	].map((data) => reader.take(data));
	const text = steps.map((step) => (step.kind === "piece" ? step.text : "")).join("");
	expect(text).toBe('\n\n```json\n// weather\n{"city":"Oslo"}\n```\n\n\n```json\n// time\n{}\n```\n');
});

test("tells why an answer broke off", () => {
	const error = { message: "too long", type: "invalid_request_error", param: null, code: "context_length_exceeded" };
	const step = createAnswerReader().take(JSON.stringify({ error }));
	expect(step).toEqual({ kind: "failed", failure: { kind: "context", message: "too long" } });
});

test("counts the first token to reading and the others to writing", () => {
	const facts = { model: "demo", usage, finishReason: "stop" };
	const figures = figuresOf(facts, { askedMs: 1_000, firstMs: 1_500, lastMs: 3_500 });
	expect(figures).toEqual({
		model: "demo",
		input_tokens: 12,
		output_tokens: 5,
		first_token_ms: 500,
		tokens_per_second: 2,
		finish_reason: "stop",
	});
});

test("has a rate for answers of one token and of one moment, and none where no time has passed", () => {
	const facts = { model: "demo", usage: { ...usage, completion_tokens: 1 }, finishReason: null };
	expect(figuresOf(facts, { askedMs: 0, firstMs: 250, lastMs: 250 })?.tokens_per_second).toBe(4);
	expect(figuresOf(facts, { askedMs: 0, firstMs: null, lastMs: 0 })?.tokens_per_second).toBe(0);
	expect(figuresOf({ ...facts, usage: null }, { askedMs: 0, firstMs: 1, lastMs: 2 })).toBeNull();
});
