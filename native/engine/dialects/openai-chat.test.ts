import { describe, expect, test } from "vitest";
import type { GenerateRequest } from "../request.ts";
import { parseChat } from "./openai-chat.ts";

const options = { allowStream: false, defaultModel: null };
const plain = { model: "demo", messages: [{ role: "user", content: "Hello" }] };

function translate(fields: object) {
	const parsed = parseChat({ ...plain, ...fields }, options);
	if (!parsed.ok) throw new Error(parsed.error.map((fault) => fault.message).join("\n"));
	return parsed.value;
}

function generate(fields: object): GenerateRequest {
	const [request] = translate(fields).requests;
	if (request?.kind !== "generate") throw new Error("Not a generate request.");
	return request;
}

function chatOf(fields: object) {
	const { prompt } = generate(fields);
	if (prompt.kind !== "chat") throw new Error("Not a chat.");
	return prompt;
}

function faultsOf(body: unknown, parseOptions = options) {
	const parsed = parseChat(body, parseOptions);
	return parsed.ok ? [] : parsed.error.map((fault) => [fault.param, fault.code]);
}

describe("a chat request", () => {
	test("has OpenAI's defaults where it says nothing", () => {
		expect(generate({})).toEqual({
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

	test("carries every sampling field over", () => {
		const fields = {
			temperature: 0.5,
			top_p: 0.9,
			top_k: 40,
			min_p: 0.05,
			seed: 3,
			presence_penalty: 1,
			frequency_penalty: -1,
			repeat_penalty: 1.1,
			logit_bias: { "15": -100, "7": 2.5 },
		};
		expect(generate(fields).sampling).toEqual({
			temperature: 0.5,
			topP: 0.9,
			topK: 40,
			minP: 0.05,
			seed: 3,
			presencePenalty: 1,
			frequencyPenalty: -1,
			repeatPenalty: 1.1,
			logitBias: [
				[7, 2.5],
				[15, -100],
			],
		});
		expect(generate({ top_k: -1 }).sampling.topK).toBe(0);
	});

	test("takes max_completion_tokens before max_tokens", () => {
		expect(generate({ max_tokens: 5 }).maxTokens).toBe(5);
		expect(generate({ max_tokens: 5, max_completion_tokens: 9 }).maxTokens).toBe(9);
	});

	test("reads developer as system, joins text parts and keeps what a model thought", () => {
		const messages = [
			{
				role: "developer",
				content: [
					{ type: "text", text: "Be" },
					{ type: "text", text: "brief" },
				],
			},
			{ role: "assistant", content: "Yes", reasoning_content: "hm" },
			{ role: "assistant", content: null, refusal: "No" },
		];
		expect(chatOf({ messages }).messages).toEqual([
			{ role: "system", content: "Be\nbrief" },
			{ role: "assistant", content: "Yes", reasoning: "hm" },
			{ role: "assistant", content: "No" },
		]);
	});

	test("takes back what there is of an answer that was stopped while the model was thinking", () => {
		const messages = [...plain.messages, { role: "assistant", content: null, reasoning: "hm" }];
		expect(chatOf({ messages }).messages[1]).toEqual({ role: "assistant", content: "", reasoning: "hm" });
	});

	test("reads what the AI SDK sends", () => {
		const body = {
			max_tokens: 64,
			temperature: 0,
			tools: [
				{ type: "function", function: { name: "f", description: "F", parameters: { type: "object" }, strict: true } },
			],
			tool_choice: "auto",
			messages: [
				{ role: "user", content: "Hi" },
				{
					role: "assistant",
					content: "",
					reasoning_content: "hm",
					tool_calls: [{ type: "function", id: "c1", function: { name: "f", arguments: "{}" } }],
				},
				{ role: "tool", tool_call_id: "c1", content: '{"a":1}' },
			],
		};
		expect(generate(body)).toMatchObject({ maxTokens: 64, prompt: { tools: [{ name: "f" }] } });
		const streamed = { ...plain, ...body, stream: true, stream_options: { include_usage: true } };
		expect(faultsOf(streamed, { allowStream: true, defaultModel: null })).toEqual([]);
	});

	test("reads tool calls and their answers, new and legacy", () => {
		const messages = [
			{ role: "assistant", tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }] },
			{ role: "tool", tool_call_id: "c1", content: "1" },
			{ role: "assistant", content: null, function_call: { name: "g", arguments: "" } },
			{ role: "function", name: "g", content: null },
		];
		expect(chatOf({ messages }).messages).toEqual([
			{ role: "assistant", content: "", toolCalls: [{ id: "c1", name: "f", argumentsJson: "{}" }] },
			{ role: "tool", content: "1", toolCallId: "c1" },
			{ role: "assistant", content: "", toolCalls: [{ id: "function_g", name: "g", argumentsJson: "" }] },
			{ role: "tool", content: "", toolCallId: "function_g", name: "g" },
		]);
	});

	test("chooses among tools in every way OpenAI has", () => {
		const tools = ["a", "b"].map((name) => ({ type: "function", function: { name, parameters: { type: "object" } } }));
		const both = ["a", "b"].map((name) => ({ name, parameters: { type: "object" } }));
		const allowed = { mode: "required", tools: [{ type: "function", function: { name: "b" } }] };
		expect(chatOf({ tools })).toMatchObject({ tools: both, toolChoice: { kind: "auto" } });
		expect(chatOf({ tools, tool_choice: "none" }).toolChoice).toEqual({ kind: "none" });
		expect(chatOf({ tools, tool_choice: "required" }).toolChoice).toEqual({ kind: "required" });
		expect(chatOf({ tools, tool_choice: { type: "function", function: { name: "a" } } }).toolChoice).toEqual({
			kind: "named",
			name: "a",
		});
		expect(chatOf({ tools, tool_choice: { type: "allowed_tools", allowed_tools: allowed } })).toMatchObject({
			tools: [both[1]],
			toolChoice: { kind: "required" },
		});
		expect(chatOf({ functions: both, function_call: { name: "a" } })).toMatchObject({
			tools: both,
			toolChoice: { kind: "named", name: "a" },
		});
	});

	test("asks for a shape of the answer", () => {
		const schema = { type: "object" };
		const format = (response_format: object) => generate({ response_format }).format;
		expect(format({ type: "text" })).toEqual({ kind: "text" });
		expect(format({ type: "json_object" })).toEqual({ kind: "json" });
		expect(format({ type: "json_object", schema })).toEqual({ kind: "json-schema", schema });
		expect(format({ type: "json_schema", json_schema: { name: "n", schema } })).toEqual({
			kind: "json-schema",
			schema,
		});
		expect(format({ type: "json_schema", json_schema: { name: "n" } })).toEqual({ kind: "json" });
	});

	test("hands dials of thinking to the chat template", () => {
		const variables = (fields: object) => generate(fields).templateVariables;
		expect(variables({})).toBeUndefined();
		expect(variables({ reasoning_effort: "none" })).toEqual({ enable_thinking: false });
		expect(variables({ reasoning_effort: "low", verbosity: "high" })).toEqual({
			enable_thinking: true,
			reasoning_effort: "low",
			verbosity: "high",
		});
		expect(variables({ chat_template_kwargs: { custom: 1 } })).toEqual({ custom: 1 });
	});

	test("counts logprobs from 0 alternatives", () => {
		expect(generate({ logprobs: true }).topLogprobs).toBe(0);
		expect(generate({ logprobs: true, top_logprobs: 20 }).topLogprobs).toBe(20);
		expect(generate({ logprobs: false }).topLogprobs).toBeNull();
	});

	test("ignores what does not change the answer, and nulls", () => {
		const ignored = {
			user: "u",
			metadata: { a: "b" },
			store: true,
			service_tier: "flex",
			prompt_cache_key: "k",
			safety_identifier: "s",
			prediction: { type: "content", content: "x" },
			unheard_of: { deep: [1] },
			modalities: ["text"],
			stream: false,
			temperature: null,
			stop: null,
			tools: null,
			audio: null,
		};
		expect(generate(ignored)).toEqual(generate({}));
	});

	test("streams only where there is someone to stream to", () => {
		const body = { ...plain, stream: true, stream_options: { include_usage: true } };
		expect(faultsOf(body)).toEqual([["stream", "invalid_value"]]);
		const live = parseChat(body, { allowStream: true, defaultModel: null });
		expect(live.ok && live.value.stream).toBeTypeOf("function");
		expect(translate({}).stream).toBeNull();
	});

	test("takes the default model only where it names none", () => {
		const parsed = parseChat({ messages: plain.messages }, { allowStream: false, defaultModel: "other" });
		expect(parsed.ok && parsed.value.model).toBe("other");
		expect(faultsOf({ messages: plain.messages })).toEqual([["model", "missing_required_parameter"]]);
	});
});

describe("a chat request that can't be honoured", () => {
	const image = {
		role: "user",
		content: [
			{ type: "text", text: "?" },
			{ type: "image_url", image_url: { url: "x" } },
		],
	};
	const custom = { type: "custom", custom: { name: "c" } };
	const named = { type: "function", function: { name: "zz" } };
	const tools = [{ type: "function", function: { name: "a" } }];
	test.each<[string, object, (string | null)[]]>([
		["no messages", { messages: [] }, ["messages", "empty_array"]],
		["messages of another type", { messages: "hi" }, ["messages", "invalid_type"]],
		["an unknown role", { messages: [{ role: "robot", content: "x" }] }, ["messages[0].role", "invalid_value"]],
		["a missing content", { messages: [{ role: "user" }] }, ["messages[0].content", "missing_required_parameter"]],
		["an image", { messages: [image] }, ["messages[0].content[1].type", "unsupported_value"]],
		["an empty list of parts", { messages: [{ role: "user", content: [] }] }, ["messages[0].content", "empty_array"]],
		[
			"an assistant that says nothing",
			{ messages: [{ role: "assistant" }] },
			["messages[0].content", "missing_required_parameter"],
		],
		["too hot a temperature", { temperature: 2.1 }, ["temperature", "decimal_above_max_value"]],
		["a temperature in words", { temperature: "hot" }, ["temperature", "invalid_type"]],
		["too many answers", { n: 129 }, ["n", "integer_above_max_value"]],
		["no answers", { n: 0 }, ["n", "integer_below_min_value"]],
		["part of an answer", { n: 1.5 }, ["n", "invalid_type"]],
		["no tokens", { max_tokens: 0 }, ["max_tokens", "integer_below_min_value"]],
		["too many stop texts", { stop: ["a", "b", "c", "d", "e"] }, ["stop", "array_above_max_length"]],
		["an empty stop text", { stop: ["a", ""] }, ["stop[1]", "empty_string"]],
		["too many alternatives", { logprobs: true, top_logprobs: 21 }, ["top_logprobs", "integer_above_max_value"]],
		["alternatives of nothing", { top_logprobs: 2 }, ["top_logprobs", "invalid_value"]],
		["a bias on no token", { logit_bias: { hello: 1 } }, ["logit_bias.hello", "invalid_value"]],
		["too strong a bias", { logit_bias: { "5": 101 } }, ["logit_bias.5", "integer_above_max_value"]],
		["a custom tool", { tools: [custom] }, ["tools[0].type", "unsupported_value"]],
		["a choice without tools", { tool_choice: "required" }, ["tool_choice", "invalid_value"]],
		["a choice of no tool there is", { tools, tool_choice: named }, ["tool_choice.function.name", "invalid_value"]],
		["a choice in no word known", { tools, tool_choice: "maybe" }, ["tool_choice", "invalid_value"]],
		["an unknown format", { response_format: { type: "xml" } }, ["response_format.type", "invalid_value"]],
		["audio", { modalities: ["text", "audio"] }, ["modalities[1]", "unsupported_value"]],
		["a web search", { web_search_options: {} }, ["web_search_options", "unsupported_parameter"]],
		["an unknown effort", { reasoning_effort: "heroic" }, ["reasoning_effort", "invalid_value"]],
	])("is refused for %s, with the field", (_, fields, fault) => {
		expect(faultsOf({ ...plain, ...fields })).toEqual([fault]);
	});

	test("is told every fault at once, those of meaning too", () => {
		const body = { messages: plain.messages, temperature: 3, stop: 7, stream: true, audio: {} };
		expect(faultsOf(body).map(([param]) => param)).toEqual(["model", "temperature", "stop", "audio", "stream"]);
	});

	test("is told what to do in words", () => {
		const parsed = parseChat({ ...plain, temperature: 3, top_p: "x", max_tokens: JSON.parse("1e999") }, options);
		expect(parsed.ok || parsed.error.map((fault) => fault.message)).toEqual([
			"Invalid type for 'max_tokens': expected a number, but got one too large instead.",
			"Invalid 'temperature': expected a value <= 2, but got 3 instead.",
			"Invalid type for 'top_p': expected a number, but got a string instead.",
		]);
	});

	test.each([null, 7, "text", [], undefined])("is refused when it is %j instead of an object", (body) => {
		expect(faultsOf(body)).toEqual([[null, "invalid_type"]]);
	});
});
