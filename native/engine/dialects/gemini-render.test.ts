import { describe, expect, test } from "vitest";
import { GEMINI_GENERATE_URL, geminiErrorSchema, generateContentResponseSchema } from "../../contract/contract.ts";
import type { Choice } from "../request.ts";
import { dialects, refusal, renderFailure } from "./dialect.ts";
import { geminiErrorStatus } from "./gemini-faults.ts";
import { CONTEXT, choiceOf, resultOf, translate } from "./gemini-testing.ts";
import { logprobOf } from "./openai-testing.ts";

/** The reply to a plain request with this configuration, checked against the wire's schema. */
function reply(choices: readonly Choice[], generationConfig: object = {}, more: Partial<typeof CONTEXT> = {}) {
	const reasoningTokens = choices.some((choice) => choice.reasoning !== null) ? 3 : 0;
	const rendered = translate({ generationConfig }).render([resultOf(choices, { reasoningTokens })], {
		...CONTEXT,
		...more,
	});
	return generateContentResponseSchema.parse(JSON.parse(JSON.stringify(rendered)));
}

describe("a generateContent reply", () => {
	test("is what Google's looks like, without anything that depends on luck or time", () => {
		expect(reply([choiceOf({ text: "billing" })])).toEqual({
			candidates: [{ content: { role: "model", parts: [{ text: "billing" }] }, finishReason: "STOP", index: 0 }],
			usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 7, totalTokenCount: 17 },
			modelVersion: "demo",
			responseId: "abc1",
		});
		const live = reply([choiceOf({ text: "x" })], {}, { includeCachedTokens: true });
		expect(live.usageMetadata.cachedContentTokenCount).toBe(4);
	});

	test("has every answer with its place, and why it ended", () => {
		const { candidates } = reply([choiceOf({ text: "a" }), choiceOf({ text: "b", finishReason: "length" })]);
		expect(candidates).toMatchObject([
			{ index: 0, finishReason: "STOP", content: { parts: [{ text: "a" }] } },
			{ index: 1, finishReason: "MAX_TOKENS", content: { parts: [{ text: "b" }] } },
		]);
	});

	test("has thoughts only where they were asked for, and counts them apart in any case", () => {
		const choice = choiceOf({ text: "Yes.", reasoning: "Hm." });
		const shown = reply([choice], { thinkingConfig: { includeThoughts: true } });
		expect(shown.candidates[0]?.content.parts).toEqual([{ text: "Hm.", thought: true }, { text: "Yes." }]);
		const hidden = reply([choice]);
		expect(hidden.candidates[0]?.content.parts).toEqual([{ text: "Yes." }]);
		const usage = { promptTokenCount: 10, candidatesTokenCount: 4, thoughtsTokenCount: 3, totalTokenCount: 17 };
		expect(hidden.usageMetadata).toEqual(usage);
	});

	test("has a part even where the model said nothing", () => {
		expect(reply([choiceOf({})]).candidates[0]?.content.parts).toEqual([{ text: "" }]);
	});

	test("carries calls as objects, after what was said", () => {
		const toolCalls = [
			{ id: "call_1", name: "f", argumentsJson: '{"city":"Oslo","__proto__":1}' },
			{ id: "call_2", name: "now", argumentsJson: "  " },
		];
		const { candidates } = reply([choiceOf({ text: "Well.", toolCalls, finishReason: "tool-calls" })]);
		expect(candidates[0]).toMatchObject({
			finishReason: "STOP",
			content: {
				parts: [
					{ text: "Well." },
					{ functionCall: { id: "call_1", name: "f", args: { city: "Oslo" } } },
					{ functionCall: { id: "call_2", name: "now", args: {} } },
				],
			},
		});
		expect(reply([choiceOf({ toolCalls: toolCalls.slice(1) })]).candidates[0]?.content.parts).toHaveLength(1);
	});

	test.each(["{broken", "[1]", '"text"', "null"])("says so where the arguments %s are no JSON object", (broken) => {
		const toolCalls = [
			{ id: "1", name: "f", argumentsJson: broken },
			{ id: "2", name: "g", argumentsJson: "{}" },
		];
		const call = choiceOf({ toolCalls, finishReason: "tool-calls" });
		expect(reply([call]).candidates[0]).toEqual({
			content: { role: "model", parts: [{ functionCall: { id: "2", name: "g", args: {} } }] },
			finishReason: "MALFORMED_FUNCTION_CALL",
			finishMessage: `Malformed function call: f(${broken})`,
			index: 0,
		});
		expect(reply([{ ...call, finishReason: "length" }]).candidates[0]?.finishReason).toBe("MAX_TOKENS");
	});

	test("tells log probabilities where they were asked for, and alternatives where those were", () => {
		const impossible = { ...logprobOf("b"), logprob: Number.NEGATIVE_INFINITY };
		const { candidates } = reply([choiceOf({ text: "ab", logprobs: [logprobOf("a"), impossible] })]);
		expect(candidates[0]).toMatchObject({
			avgLogprobs: (-0.5 - 9999) / 2,
			logprobsResult: {
				chosenCandidates: [
					{ token: "a", logProbability: -0.5 },
					{ token: "b", logProbability: -9999 },
				],
				topCandidates: [
					{ candidates: [{ token: "a", logProbability: -0.5 }] },
					{ candidates: [{ token: "b", logProbability: -0.5 }] },
				],
			},
		});
		const bare = reply([choiceOf({ text: "a", logprobs: [{ ...logprobOf("a"), top: [] }] })]);
		expect(bare.candidates[0]?.logprobsResult).toEqual({ chosenCandidates: [{ token: "a", logProbability: -0.5 }] });
		expect(reply([choiceOf({ logprobs: [] })]).candidates[0]?.avgLogprobs).toBeUndefined();
	});

	test.each([
		['"REFUND"', "REFUND"],
		['"a \\"b\\""', 'a "b"'],
		["5", "5"],
		['"REF', "REF"],
	])("of text/x.enum gives %s as %s", (text, bare) => {
		const config = { responseMimeType: "text/x.enum", responseSchema: { type: "STRING", enum: ["REFUND"] } };
		expect(reply([choiceOf({ text })], config).candidates[0]?.content.parts).toEqual([{ text: bare }]);
		const json = { ...config, responseMimeType: "application/json" };
		expect(reply([choiceOf({ text })], json).candidates[0]?.content.parts).toEqual([{ text }]);
	});
});

describe("a failure in Gemini's words", () => {
	test.each([
		[400, "INVALID_ARGUMENT"],
		[401, "UNAUTHENTICATED"],
		[403, "PERMISSION_DENIED"],
		[404, "NOT_FOUND"],
		[408, "DEADLINE_EXCEEDED"],
		[409, "ABORTED"],
		[422, "INVALID_ARGUMENT"],
		[429, "RESOURCE_EXHAUSTED"],
		[499, "CANCELLED"],
		[500, "INTERNAL"],
		[503, "UNAVAILABLE"],
		[504, "DEADLINE_EXCEEDED"],
	])("of status %d is called %s", (status, name) => {
		expect(geminiErrorStatus(status)).toBe(name);
	});

	test("has Google's envelope", () => {
		const fault = refusal({ message: "Wrong.", param: "contents", code: "invalid_value" });
		expect(geminiErrorSchema.parse(dialects[GEMINI_GENERATE_URL].renderFault(fault))).toEqual({
			error: { code: 400, message: "Wrong.", status: "INVALID_ARGUMENT" },
		});
	});

	test("says that a prompt is too long in the words Google's clients look for", () => {
		const failure = { kind: "context-exceeded", promptTokens: 9, contextTokens: 8 } as const;
		expect(renderFailure(failure, GEMINI_GENERATE_URL)).toMatchObject({
			status: 400,
			param: "contents",
			message: "The input token count (9) exceeds the maximum number of tokens allowed (8).",
		});
	});
});
