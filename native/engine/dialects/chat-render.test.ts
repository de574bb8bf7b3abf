import { describe, expect, test } from "vitest";
import { chatCompletionSchema } from "../../contract/contract.ts";
import { renderChat } from "./chat-render.ts";
import { CONTEXT, grow } from "./openai-testing.ts";

const BATCH = { ...CONTEXT, includeCachedTokens: false };
const BILLING = grow(1, [
	{ choice: 0, text: "bill" },
	{ choice: 0, text: "ing" },
]);

describe("a chat completion", () => {
	test("is what OpenAI's schema describes, without anything that depends on luck", () => {
		const body = renderChat([BILLING], BATCH, false);
		expect(chatCompletionSchema.parse(body)).toEqual({
			id: "chatcmpl-1",
			object: "chat.completion",
			created: 7,
			model: "demo",
			choices: [
				{
					index: 0,
					message: { role: "assistant", content: "billing", refusal: null },
					logprobs: null,
					finish_reason: "stop",
				},
			],
			usage: {
				prompt_tokens: 10,
				completion_tokens: 2,
				total_tokens: 12,
				completion_tokens_details: { reasoning_tokens: 1 },
			},
			system_fingerprint: "fp_1",
		});
		const lucky = { ...BILLING, cachedTokens: 9, timings: { queuedMs: 9, prefillMs: 9, decodeMs: 9 } };
		expect(renderChat([lucky], BATCH, false)).toEqual(body);
		const live = renderChat([lucky], CONTEXT, false);
		expect(live.usage).toMatchObject({ prompt_tokens_details: { cached_tokens: 9 } });
	});

	test("carries tool calls, in the words of the request", () => {
		const called = grow(1, [{ choice: 0, toolCalls: [{ index: 0, id: "c1", name: "f", argumentsJson: "{}" }] }]);
		const modern = chatCompletionSchema.parse(renderChat([called], BATCH, false)).choices[0];
		expect(modern?.finish_reason).toBe("tool_calls");
		expect(modern?.message).toEqual({
			role: "assistant",
			content: null,
			refusal: null,
			tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }],
		});
		const legacy = chatCompletionSchema.parse(renderChat([called], BATCH, true)).choices[0];
		expect(legacy?.finish_reason).toBe("function_call");
		expect(legacy?.message.function_call).toEqual({ name: "f", arguments: "{}" });
	});

	test("carries thoughts and log probabilities", () => {
		const token = { token: "b", bytes: [98], logprob: -0.5 };
		const result = grow(1, [
			{ choice: 0, reasoning: "hm", logprobs: [{ ...token, top: [token, { ...token, logprob: -Infinity }] }] },
		]);
		const choice = chatCompletionSchema.parse(renderChat([result], BATCH, false)).choices[0];
		expect(choice?.message.reasoning_content).toBe("hm");
		expect(choice?.logprobs?.content).toEqual([{ ...token, top_logprobs: [token, { ...token, logprob: -9999 }] }]);
	});
});
