import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { completionObjectSchema } from "../../contract/contract.ts";
import type { GenerateRequest, GenerateResult } from "../request.ts";
import { renderCompletionLogprobs } from "./completions-render.ts";
import { parseCompletion } from "./openai-completions.ts";

const options = { allowStream: false, defaultModel: null };
const context = { id: "cmpl-1", createdSeconds: 7, model: "m", systemFingerprint: null, includeCachedTokens: false };

function translate(fields: object) {
	const parsed = parseCompletion({ model: "m", prompt: "Once", ...fields }, options);
	if (!parsed.ok) throw new Error(parsed.error.map((fault) => fault.message).join("\n"));
	return parsed.value;
}

function requestsOf(fields: object): readonly GenerateRequest[] {
	return translate(fields).requests.map((request) => {
		if (request.kind !== "generate") throw new Error("Not a generate request.");
		return request;
	});
}

function faultsOf(fields: object) {
	const parsed = parseCompletion({ model: "m", ...fields }, options);
	return parsed.ok ? [] : parsed.error.map((fault) => [fault.param, fault.code]);
}

function answers(texts: readonly string[]): GenerateResult {
	return {
		kind: "generate",
		choices: texts.map((text) => ({
			text,
			reasoning: null,
			toolCalls: [],
			finishReason: "length",
			stopText: null,
			logprobs: null,
		})),
		promptTokens: 3,
		cachedTokens: 0,
		completionTokens: texts.length,
		reasoningTokens: 0,
		timings: { queuedMs: 0, prefillMs: 0, decodeMs: 0 },
	};
}

describe("a completions request", () => {
	test("is one request a prompt, whatever form the prompts have", () => {
		const prompts = (fields: object) => requestsOf(fields).map((request) => request.prompt);
		expect(prompts({})).toEqual([{ kind: "text", text: "Once" }]);
		expect(prompts({ prompt: null })).toEqual([{ kind: "text", text: "" }]);
		expect(prompts({ prompt: ["a", "b"] })).toEqual([
			{ kind: "text", text: "a" },
			{ kind: "text", text: "b" },
		]);
		expect(prompts({ prompt: [1, 2] })).toEqual([{ kind: "tokens", tokens: [1, 2] }]);
		expect(prompts({ prompt: [[1], [2, 3]] })).toEqual([
			{ kind: "tokens", tokens: [1] },
			{ kind: "tokens", tokens: [2, 3] },
		]);
		expect(prompts({ suffix: "end" })).toEqual([{ kind: "fill", prefix: "Once", suffix: "end" }]);
	});

	test("produces 16 tokens unless it says otherwise, as at OpenAI", () => {
		expect(requestsOf({})[0]?.maxTokens).toBe(16);
		expect(requestsOf({ max_tokens: 5 })[0]?.maxTokens).toBe(5);
	});

	test("carries echo, logprobs and n over", () => {
		expect(requestsOf({ echo: true, n: 3, best_of: 3 })[0]).toMatchObject({ echo: true, choices: 3 });
		expect(requestsOf({ logprobs: 0 })[0]?.topLogprobs).toBe(0);
	});

	test.each<[string, object, (string | null)[]]>([
		["best_of above n", { prompt: "a", best_of: 2 }, ["best_of", "unsupported_value"]],
		["too many logprobs", { prompt: "a", logprobs: 6 }, ["logprobs", "integer_above_max_value"]],
		["logprobs of the prompt", { prompt: "a", echo: true, logprobs: 1 }, ["echo", "unsupported_value"]],
		["a suffix to token ids", { prompt: [1], suffix: "x" }, ["suffix", "unsupported_value"]],
		["no prompts", { prompt: [] }, ["prompt", "empty_array"]],
		["a prompt of mixed kinds", { prompt: ["a", 1] }, ["prompt[1]", "invalid_type"]],
		["a token id below zero", { prompt: [-1] }, ["prompt[0]", "integer_below_min_value"]],
		["a stream", { prompt: "a", stream: true }, ["stream", "invalid_value"]],
	])("is refused for %s", (_, fields, fault) => {
		expect(faultsOf(fields)).toEqual([fault]);
	});
});

describe("a completion", () => {
	test("numbers the answers promptIndex * n + k", () => {
		const body = translate({ prompt: ["a", "b"], n: 2 }).render(
			[answers(["a0", "a1"]), answers(["b0", "b1"])],
			context,
		);
		const reply = completionObjectSchema.parse(body);
		expect(reply.choices.map(({ index, text, finish_reason }) => [index, text, finish_reason])).toEqual([
			[0, "a0", "length"],
			[1, "a1", "length"],
			[2, "b0", "length"],
			[3, "b1", "length"],
		]);
		expect(reply.usage).toMatchObject({ prompt_tokens: 6, completion_tokens: 4, total_tokens: 10 });
	});

	test("gives log probabilities whose offsets find the tokens in the text", () => {
		fc.assert(
			fc.property(fc.array(fc.string({ unit: "grapheme-composite", minLength: 1 })), (tokens) => {
				const given = tokens.map((token) => ({ token, bytes: [...Buffer.from(token)], logprob: -1, top: [] }));
				const rendered = renderCompletionLogprobs(given);
				const characters = [...tokens.join("")];
				for (const [index, offset] of (rendered?.text_offset ?? []).entries()) {
					const length = [...(tokens[index] ?? "")].length;
					expect(characters.slice(offset, offset + length).join("")).toBe(tokens[index]);
				}
				expect(rendered?.tokens).toHaveLength(tokens.length);
			}),
		);
	});

	test("names parts of characters by their bytes and keeps the token drawn among the alternatives", () => {
		const part = (byte: number, logprob: number) => ({ token: "\uFFFD", bytes: [byte], logprob });
		const rendered = renderCompletionLogprobs([{ ...part(0xe2, -3), top: [part(0xe3, -1), part(0xe4, -2)] }]);
		expect(rendered?.tokens).toEqual(["bytes:\\xe2"]);
		expect(rendered?.top_logprobs).toEqual([{ "bytes:\\xe3": -1, "bytes:\\xe4": -2, "bytes:\\xe2": -3 }]);
	});
});
