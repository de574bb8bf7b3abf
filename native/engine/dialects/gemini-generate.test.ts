import { describe, expect, test } from "vitest";
import { GEMINI_GENERATE_URL } from "../../contract/contract.ts";
import { dialects } from "./dialect.ts";
import { parseGenerateContent } from "./gemini-generate.ts";
import { chatOf, faultsOf, generateOf, translate } from "./gemini-testing.ts";

const weather = {
	name: "get_weather",
	description: "Weather",
	parameters: { type: "OBJECT", properties: { city: { type: "STRING" } } },
};
const weatherTool = {
	name: "get_weather",
	description: "Weather",
	parameters: { type: "object", properties: { city: { type: "string" } } },
};

describe("a generateContent request", () => {
	test("is found at its url, and has Google's defaults where it says nothing", () => {
		expect(dialects[GEMINI_GENERATE_URL].parse).toBe(parseGenerateContent);
		expect(translate({})).toMatchObject({ model: "demo", stream: null });
		expect(generateOf({})).toEqual({
			kind: "generate",
			prompt: {
				kind: "chat",
				messages: [{ role: "user", content: "Hello" }],
				tools: [],
				toolChoice: { kind: "none" },
				parallelToolCalls: true,
			},
			maxTokens: null,
			sampling: {
				temperature: 1,
				topP: 1,
				topK: 0,
				minP: 0,
				seed: null,
				presencePenalty: 0,
				frequencyPenalty: 0,
				repeatPenalty: 1,
				logitBias: [],
			},
			stop: [],
			choices: 1,
			topLogprobs: null,
			format: { kind: "text" },
			echo: false,
		});
	});

	test("steers drawing, stops, length and log probabilities", () => {
		const generationConfig = {
			...{ temperature: 0.5, topP: 0.9, topK: 40, candidateCount: 2, maxOutputTokens: 9, stopSequences: ["END"] },
			...{ seed: 5, presencePenalty: 0.25, frequencyPenalty: -0.5, responseLogprobs: true, logprobs: 3 },
			responseModalities: ["TEXT"],
		};
		const safetySettings = [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }];
		expect(generateOf({ generationConfig, safetySettings, labels: { a: "b" } })).toMatchObject({
			sampling: { temperature: 0.5, topP: 0.9, topK: 40, seed: 5, presencePenalty: 0.25, frequencyPenalty: -0.5 },
			maxTokens: 9,
			stop: ["END"],
			choices: 2,
			topLogprobs: 3,
		});
		expect(generateOf({ generationConfig: { responseLogprobs: true } }).topLogprobs).toBe(0);
	});

	test.each([
		["models/gemini-2.5-flash", "gemini-2.5-flash"],
		["gemini-2.5-flash", "gemini-2.5-flash"],
		["publishers/google/models/gemini-2.5-flash", "gemini-2.5-flash"],
		["projects/p/locations/l/publishers/google/models/x", "x"],
		["tunedModels/mine", "tunedModels/mine"],
		[null, "demo"],
	])("names the model %j as %j", (model, name) => {
		expect(translate({ model }).model).toBe(name);
	});

	test.each<[object, object | undefined]>([
		[{ thinkingBudget: 0 }, { enable_thinking: false }],
		[{ thinkingBudget: 1024, includeThoughts: true }, { enable_thinking: true }],
		[{ thinkingBudget: -1 }, undefined],
		[{ thinkingLevel: "LOW" }, { enable_thinking: true, reasoning_effort: "low" }],
		[{ thinkingLevel: "high" }, { enable_thinking: true, reasoning_effort: "high" }],
		[{ includeThoughts: true }, undefined],
	])("says thinkingConfig %j to the chat template", (thinkingConfig, variables) => {
		expect(generateOf({ generationConfig: { thinkingConfig } }).templateVariables).toEqual(variables);
	});

	test.each<[object, object]>([
		[{ responseMimeType: "text/plain" }, { kind: "text" }],
		[
			{ responseMimeType: "application/json" },
			{ kind: "json-schema", schema: { anyOf: [{ type: "object" }, { type: "array" }] } },
		],
		[
			{ responseMimeType: "application/json", responseSchema: { type: "ARRAY", items: { type: "STRING" } } },
			{ kind: "json-schema", schema: { type: "array", items: { type: "string" } } },
		],
		[{ responseSchema: { type: "BOOLEAN" } }, { kind: "json-schema", schema: { type: "boolean" } }],
		[
			{ responseMimeType: "application/json", responseJsonSchema: { type: ["string", "null"] } },
			{ kind: "json-schema", schema: { type: ["string", "null"] } },
		],
		[
			{ responseMimeType: "text/x.enum", responseSchema: { type: "STRING", format: "enum", enum: ["A", "B"] } },
			{ kind: "json-schema", schema: { type: "string", enum: ["A", "B"] } },
		],
	])("with %j is answered in the shape %j", (generationConfig, format) => {
		expect(generateOf({ generationConfig }).format).toEqual(format);
	});
});

describe("a conversation", () => {
	test("is cut into the engine's messages: responses of functions, then words", () => {
		const contents = [
			{ role: "user", parts: [{ text: "Weather in Oslo" }, { text: "and Bergen?" }] },
			{
				role: "model",
				parts: [
					{ text: "Hm.", thought: true },
					{ text: "Let me " },
					{ text: "see." },
					{ functionCall: { name: "get_weather", args: { city: "Oslo" } }, thoughtSignature: "sig" },
					{ functionCall: { name: "get_weather", args: { city: "Bergen" } } },
					{ functionCall: { id: "own", name: "get_time" } },
				],
			},
			{
				role: "function",
				parts: [
					{ text: "Go on." },
					{ functionResponse: { name: "get_weather", response: { output: "Rain" } } },
					{ functionResponse: { name: "get_weather", response: { output: "More rain" } } },
					{ functionResponse: { id: "own", name: "get_time" } },
				],
			},
		];
		const systemInstruction = { role: "user", parts: [{ text: "Be brief." }, { text: "Be kind." }] };
		expect(chatOf({ systemInstruction, contents }).messages).toEqual([
			{ role: "system", content: "Be brief.\nBe kind." },
			{ role: "user", content: "Weather in Oslo\nand Bergen?" },
			{
				role: "assistant",
				content: "Let me see.",
				reasoning: "Hm.",
				toolCalls: [
					{ id: "call00000", name: "get_weather", argumentsJson: '{"city":"Oslo"}' },
					{ id: "call00001", name: "get_weather", argumentsJson: '{"city":"Bergen"}' },
					{ id: "own", name: "get_time", argumentsJson: "{}" },
				],
			},
			{ role: "tool", content: '{"output":"Rain"}', toolCallId: "call00000", name: "get_weather" },
			{ role: "tool", content: '{"output":"More rain"}', toolCallId: "call00001", name: "get_weather" },
			{ role: "tool", content: "{}", toolCallId: "own", name: "get_time" },
			{ role: "user", content: "Go on." },
		]);
	});

	test("pairs responses that came in another order by the function's name", () => {
		const contents = [
			{ parts: [{ text: "?" }] },
			{ role: "model", parts: [{ functionCall: { name: "a" } }, { functionCall: { name: "b" } }] },
			{ parts: [{ functionResponse: { name: "b" } }, { functionResponse: { name: "a" } }] },
			{ role: "model", parts: [{ functionCall: { name: "a" } }] },
			{ parts: [{ functionResponse: { name: "a" } }, { functionResponse: { name: "never called" } }] },
		];
		const ids = chatOf({ contents }).messages.flatMap((message) =>
			message.role === "tool" ? [message.toolCallId] : [],
		);
		expect(ids).toEqual(["call00001", "call00000", "call00002", "call00003"]);
	});

	test("joins what one speaker says in a row, and passes over a signature alone", () => {
		const contents = [
			{ parts: [{ text: "One" }] },
			{ role: "user", parts: [{ text: "Two" }] },
			{ role: "model", parts: [{ text: "Three" }] },
			{ role: "model", parts: [{ text: "", thoughtSignature: "x" }, { thoughtSignature: "y" }] },
			{ role: "model", parts: [{ functionCall: { id: "i", name: "n" } }] },
			{ parts: [{ text: "Four" }] },
		];
		expect(chatOf({ contents }).messages).toEqual([
			{ role: "user", content: "One\nTwo" },
			{ role: "assistant", content: "Three", toolCalls: [{ id: "i", name: "n", argumentsJson: "{}" }] },
			{ role: "user", content: "Four" },
		]);
	});

	test("may have one object where a list of one is meant, as in Google's own examples", () => {
		const body = {
			system_instruction: { parts: { text: "You are a cat." } },
			contents: { parts: { text: "Hello" } },
			tools: { function_declarations: weather },
		};
		expect(chatOf(body)).toMatchObject({
			messages: [
				{ role: "system", content: "You are a cat." },
				{ role: "user", content: "Hello" },
			],
			tools: [weatherTool],
		});
		expect(faultsOf({ contents: { parts: { inline_data: {} } } })[0]?.param).toBe("contents.parts.inline_data");
	});
});

describe("functions", () => {
	const other = { name: "other", parametersJsonSchema: { type: "object", properties: {} } };
	const otherTool = { name: "other", parameters: { type: "object", properties: {} } };

	test.each<[object | undefined, object]>([
		[undefined, { tools: [weatherTool, otherTool], toolChoice: { kind: "auto" } }],
		[{ mode: "AUTO" }, { tools: [weatherTool, otherTool], toolChoice: { kind: "auto" } }],
		[{ mode: "any" }, { tools: [weatherTool, otherTool], toolChoice: { kind: "required" } }],
		[
			{ mode: "ANY", allowedFunctionNames: ["other"] },
			{ tools: [otherTool], toolChoice: { kind: "required" } },
		],
		[{ mode: "NONE" }, { tools: [weatherTool, otherTool], toolChoice: { kind: "none" } }],
	])("chosen by %j", (functionCallingConfig, chosen) => {
		const tools = [{ functionDeclarations: [weather] }, { functionDeclarations: [other] }];
		expect(chatOf({ tools, toolConfig: { functionCallingConfig } })).toMatchObject({
			...chosen,
			parallelToolCalls: true,
		});
	});

	test("without parameters or description have none", () => {
		expect(chatOf({ tools: [{ functionDeclarations: [{ name: "now" }] }] }).tools).toEqual([{ name: "now" }]);
	});
});
