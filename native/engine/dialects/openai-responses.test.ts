import { describe, expect, test } from "vitest";
import { faultsOf, generateOf, messagesOf, replyTo, translate } from "./responses-testing.ts";

describe("a responses request", () => {
	test("has OpenAI's defaults where it says nothing", () => {
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

	test("says how to draw, think, speak and in what shape", () => {
		const schema = { type: "object", properties: {} };
		expect(
			generateOf({
				temperature: 0,
				top_p: 0.5,
				seed: 7,
				max_output_tokens: 20,
				top_logprobs: 3,
				include: ["message.output_text.logprobs"],
				reasoning: { effort: "low", summary: "auto" },
				text: { verbosity: "high", format: { type: "json_schema", name: "answer", schema, strict: true } },
			}),
		).toMatchObject({
			maxTokens: 20,
			sampling: { temperature: 0, topP: 0.5, seed: 7 },
			topLogprobs: 3,
			format: { kind: "json-schema", schema },
			templateVariables: { enable_thinking: true, reasoning_effort: "low", verbosity: "high" },
		});
		expect(generateOf({ text: { format: { type: "json_object" } } }).format).toEqual({ kind: "json" });
		expect(generateOf({ top_logprobs: 3 }).topLogprobs).toBeNull();
	});

	test("streams only where there is someone to stream to", () => {
		expect(faultsOf({ stream: true })).toEqual([["stream", "invalid_value"]]);
		expect(translate({ stream: true }).stream).not.toBeNull();
		expect(translate({}).stream).toBeNull();
	});

	test.each([
		[{ previous_response_id: "resp_9" }, "previous_response_id"],
		[{ conversation: { id: "conv_9" } }, "conversation"],
		[{ prompt: { id: "pmpt_9" } }, "prompt"],
		[{ background: true }, "background"],
		[{ moderation: {} }, "moderation"],
	])("is refused where it reaches for what is not kept here: %j", (fields, param) => {
		expect(faultsOf(fields)).toEqual([[param, "unsupported_parameter"]]);
	});

	test("may carry what has no meaning here", () => {
		const fields = {
			background: false,
			previous_response_id: null,
			store: true,
			truncation: "auto",
			service_tier: "flex",
		};
		expect(
			faultsOf({ ...fields, max_tool_calls: 3, user: "u", safety_identifier: "s", prompt_cache_key: "k" }),
		).toEqual([]);
	});

	test.each<[object, string, string]>([
		[{ input: undefined }, "input", "missing_required_parameter"],
		[{ input: [] }, "input", "empty_array"],
		[{ input: [{ role: "robot", content: "x" }] }, "input[0].role", "invalid_value"],
		[{ input: [{ role: "user" }] }, "input[0].content", "missing_required_parameter"],
		[
			{ input: [{ type: "function_call", name: "f", arguments: "{}" }] },
			"input[0].call_id",
			"missing_required_parameter",
		],
		[{ input: [{ type: "item_reference", id: "msg_1" }] }, "input[0].type", "unsupported_value"],
		[{ input: [{ type: "web_search_call", id: "ws_1" }] }, "input[0].type", "unsupported_value"],
		[
			{ input: [{ role: "user", content: [{ type: "input_image" }] }] },
			"input[0].content[0].type",
			"unsupported_value",
		],
		[{ input: [{ role: "user", content: [{ type: "input_file" }] }] }, "input[0].content[0].type", "unsupported_value"],
		[{ input: [{ type: "reasoning", summary: [], encrypted_content: "gAAAA" }] }, "input", "invalid_value"],
		[{ tools: [{ type: "function" }] }, "tools[0].name", "missing_required_parameter"],
		[{ text: { format: { type: "json_schema", name: "x" } } }, "text.format.schema", "missing_required_parameter"],
		[{ tool_choice: "required" }, "tool_choice", "invalid_value"],
		[{ max_output_tokens: 0 }, "max_output_tokens", "integer_below_min_value"],
	])("that is broken is told where: %j", (fields, param, code) => {
		expect(faultsOf(fields)[0]).toEqual([param, code]);
	});
});

describe("the input of a responses request", () => {
	test("is read with the instructions, and with the system messages after them, as one system message", () => {
		const input = [
			{ role: "developer", content: "Be brief." },
			{
				type: "message",
				role: "user",
				content: [
					{ type: "input_text", text: "a" },
					{ type: "input_text", text: "b" },
				],
			},
			{ role: "system", content: "Be kind." },
		];
		expect(messagesOf({ input, instructions: "You help." })).toEqual([
			{ role: "system", content: "You help.\n\nBe brief." },
			{ role: "user", content: "a\nb" },
			{ role: "system", content: "Be kind." },
		]);
	});

	test("has what the model wrote in one go as one message", () => {
		const input = [
			{ role: "user", content: "Weather?" },
			{ type: "reasoning", id: "rs_1", summary: [], content: [{ type: "reasoning_text", text: "Two places." }] },
			{ type: "message", id: "msg_1", role: "assistant", content: [{ type: "output_text", text: "I look." }] },
			{ type: "function_call", call_id: "call_1", name: "weather", arguments: '{"at":"A"}' },
			{ type: "custom_tool_call", call_id: "call_2", name: "shell", input: 'echo "x"' },
			{ type: "function_call_output", call_id: "call_1", output: "sun" },
			{ type: "custom_tool_call_output", call_id: "call_2", output: [{ type: "input_text", text: "x" }] },
			{ type: "reasoning", id: "rs_2", summary: [], encrypted_content: "gAAAA" },
			{ type: "message", role: "assistant", content: [{ type: "refusal", refusal: "No." }] },
		];
		expect(messagesOf({ input })).toEqual([
			{ role: "user", content: "Weather?" },
			{
				role: "assistant",
				content: "I look.",
				reasoning: "Two places.",
				toolCalls: [
					{ id: "call_1", name: "weather", argumentsJson: '{"at":"A"}' },
					{ id: "call_2", name: "shell", argumentsJson: '{"input":"echo \\"x\\""}' },
				],
			},
			{ role: "tool", content: "sun", toolCallId: "call_1" },
			{ role: "tool", content: "x", toolCallId: "call_2" },
			{ role: "assistant", content: "No." },
		]);
	});

	test("takes a summary of thoughts where the thoughts are not there", () => {
		const input = [{ type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Hm." }] }];
		expect(messagesOf({ input })).toEqual([{ role: "assistant", content: "", reasoning: "Hm." }]);
	});

	test("takes back the items of a reply", () => {
		const { output } = replyTo(
			{ tools: [{ type: "function", name: "f" }] },
			{ reasoning: "Hm.", text: "Yes.", toolCalls: [{ id: "call_1", name: "f", argumentsJson: "{}" }] },
		);
		expect(messagesOf({ input: output })).toEqual([
			{
				role: "assistant",
				content: "Yes.",
				reasoning: "Hm.",
				toolCalls: [{ id: "call_1", name: "f", argumentsJson: "{}" }],
			},
		]);
	});
});

describe("a responses reply", () => {
	test("says what was asked, as it was understood", () => {
		const metadata = { a: "b" };
		const request = { metadata, store: true, truncation: "auto", instructions: "Help.", temperature: 0, user: "u" };
		expect(replyTo(request, { text: "billing" })).toEqual({
			id: "resp_1",
			object: "response",
			created_at: 7,
			completed_at: null,
			status: "completed",
			background: false,
			error: null,
			incomplete_details: null,
			instructions: "Help.",
			max_output_tokens: null,
			max_tool_calls: null,
			metadata,
			model: "demo",
			output: [
				{
					type: "message",
					id: "msg_1_0",
					status: "completed",
					role: "assistant",
					content: [{ type: "output_text", text: "billing", annotations: [] }],
				},
			],
			parallel_tool_calls: true,
			previous_response_id: null,
			prompt_cache_key: null,
			reasoning: { effort: null, summary: null },
			safety_identifier: null,
			service_tier: null,
			store: false,
			temperature: 0,
			text: { format: { type: "text" }, verbosity: null },
			tool_choice: "auto",
			tools: [],
			top_logprobs: 0,
			top_p: 1,
			truncation: "disabled",
			usage: {
				input_tokens: 10,
				input_tokens_details: { cached_tokens: 4, cache_write_tokens: 0 },
				output_tokens: 2,
				output_tokens_details: { reasoning_tokens: 1 },
				total_tokens: 12,
			},
			user: "u",
		});
	});

	test("has thoughts, text and calls as items", () => {
		const tools = [
			{ type: "function", name: "read" },
			{ type: "custom", name: "patch" },
		];
		const toolCalls = [
			{ id: "call_1", name: "read", argumentsJson: '{"path":"x"}' },
			{ id: "call_2", name: "patch", argumentsJson: '{"input":"*** \\"Begin\\""}' },
			{ id: "call_3", name: "patch", argumentsJson: "*** bare" },
		];
		const { output } = replyTo({ tools }, { reasoning: "Hm.", text: "", toolCalls, finishReason: "tool-calls" });
		const status = "completed";
		expect(output).toEqual([
			{ type: "reasoning", id: "rs_1_0", status, summary: [], content: [{ type: "reasoning_text", text: "Hm." }] },
			{ type: "function_call", id: "fc_1_1", status, call_id: "call_1", name: "read", arguments: '{"path":"x"}' },
			{ type: "custom_tool_call", id: "ctc_1_2", status, call_id: "call_2", name: "patch", input: '*** "Begin"' },
			{ type: "custom_tool_call", id: "ctc_1_3", status, call_id: "call_3", name: "patch", input: "*** bare" },
		]);
	});

	test("that was cut short says so, in the item it was cut in", () => {
		const cut = replyTo({}, { reasoning: "Hm.", text: "Ye", finishReason: "length" });
		expect(cut).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
		expect(cut.output.map((item) => item.status)).toEqual(["completed", "incomplete"]);
		const early = replyTo({}, { reasoning: "Hm", text: "", finishReason: "length" });
		expect(early.output).toMatchObject([{ type: "reasoning", status: "incomplete" }]);
	});

	test("of nothing is an empty message", () => {
		expect(replyTo({}, { text: "" }).output).toMatchObject([{ type: "message", content: [{ text: "" }] }]);
	});

	test("has log probabilities where they were asked for", () => {
		const probability = { token: "b", bytes: [98], logprob: -0.5 };
		const logprobs = [{ ...probability, top: [{ ...probability, logprob: Number.NEGATIVE_INFINITY }] }];
		const request = { include: ["message.output_text.logprobs"], top_logprobs: 1 };
		expect(replyTo(request, { logprobs }).output).toMatchObject([
			{ content: [{ logprobs: [{ ...probability, top_logprobs: [{ ...probability, logprob: -9999 }] }] }] },
		]);
	});

	test("for a batch has nothing of luck in it", () => {
		const { usage } = replyTo({}, {}, { includeCachedTokens: false });
		expect(usage?.input_tokens_details.cached_tokens).toBe(0);
	});
});
