import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCountTokens, parseMessages } from "./anthropic-messages.ts";
import { faultsOf, generateOf, PLAIN, translate } from "./anthropic-testing.ts";
import { dialects } from "./dialect.ts";

const weather = { name: "get_weather", description: "Weather", input_schema: { type: "object" } };

function chatOf(fields: object) {
	const { prompt } = generateOf(fields);
	if (prompt.kind !== "chat") throw new Error("Not a chat.");
	return prompt;
}

function messagesOf(...messages: readonly object[]) {
	return chatOf({ messages }).messages;
}

describe("a Messages request", () => {
	test("is found at its url, and has Anthropic's defaults where it says nothing", () => {
		expect(dialects["/v1/messages"].idPrefix).toBe("msg_");
		expect(generateOf({})).toEqual({
			kind: "generate",
			prompt: {
				kind: "chat",
				messages: [{ role: "user", content: "Hello" }],
				tools: [],
				toolChoice: { kind: "none" },
				parallelToolCalls: true,
			},
			maxTokens: 64,
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

	test("steers drawing, stops and the shape of the answer", () => {
		const schema = { type: "object", properties: {} };
		const format = { type: "json_schema", schema };
		const asked = generateOf({
			temperature: 0.5,
			top_p: 0.9,
			top_k: 40,
			stop_sequences: ["\n\nHuman:"],
			output_config: { format },
		});
		expect(asked).toMatchObject({
			sampling: { temperature: 0.5, topP: 0.9, topK: 40 },
			stop: ["\n\nHuman:"],
			format: { kind: "json-schema", schema },
		});
		expect(generateOf({ output_format: format }).format).toEqual({ kind: "json-schema", schema });
	});

	test.each([
		[{ thinking: { type: "enabled", budget_tokens: 1024 } }, { enable_thinking: true }],
		[
			{ thinking: { type: "adaptive" }, output_config: { effort: "low" } },
			{ enable_thinking: true, reasoning_effort: "low" },
		],
		[{ thinking: { type: "between_tools" } }, { enable_thinking: true }],
		[{ thinking: { type: "disabled" } }, { enable_thinking: false }],
		[{ output_config: { effort: "high" } }, { reasoning_effort: "high" }],
		[{}, undefined],
	])("says %j to the chat template", (fields, variables) => {
		expect(generateOf(fields).templateVariables).toEqual(variables);
	});

	test("takes a body as Claude Code sends it", () => {
		const cache_control = { type: "ephemeral" };
		const asked = chatOf({
			model: "claude-sonnet-5-5",
			max_tokens: 32_000,
			system: [
				{ type: "text", text: "x-anthropic-billing-header: cc_version=2.1.177.01c; cc_entrypoint=cli; cch=36ee5;" },
				{ type: "text", text: "You are Claude Code.", cache_control },
				{ type: "text", text: "Be brief.", cache_control: { ...cache_control, ttl: "1h" } },
			],
			messages: [
				{
					role: "user",
					content: [
						{ type: "text", text: "<system-reminder>x</system-reminder>" },
						{ type: "text", text: "List files", cache_control },
					],
				},
			],
			tools: Array.from({ length: 20 }, (_, index) => ({
				name: `tool_${index}`,
				description: "d".repeat(4_000),
				input_schema: { $schema: "http://json-schema.org/draft-07/schema#", type: "object", properties: {} },
				eager_input_streaming: true,
			})),
			metadata: { user_id: '{"device_id":"x"}' },
			thinking: { type: "adaptive" },
			context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
			output_config: { effort: "medium" },
			betas: ["claude-code-20250219"],
			stream: true,
		});
		expect(asked.messages).toEqual([
			{ role: "system", content: "You are Claude Code.\nBe brief." },
			{ role: "user", content: "<system-reminder>x</system-reminder>\nList files" },
		]);
		expect(asked.tools).toHaveLength(20);
		expect(asked.toolChoice).toEqual({ kind: "auto" });
	});
});

describe("a conversation", () => {
	test("is cut into the engine's messages: results of tools, then words", () => {
		const messages = messagesOf(
			{ role: "user", content: "Weather?" },
			{
				role: "assistant",
				content: [
					{ type: "thinking", thinking: "Hm.", signature: "sig" },
					{ type: "redacted_thinking", data: "…" },
					{ type: "text", text: "Let me see." },
					{ type: "tool_use", id: "a", name: "get_weather", input: { city: "Oslo" }, caller: { type: "direct" } },
					{ type: "tool_use", id: "b", name: "get_weather", input: "{broken" },
				],
			},
			{
				role: "user",
				content: [
					{
						type: "tool_result",
						tool_use_id: "a",
						content: [
							{ type: "text", text: "Rain" },
							{ type: "text", text: "7 °C" },
						],
					},
					{ type: "tool_result", tool_use_id: "b", is_error: true, content: "No such city." },
					{ type: "text", text: "Go on." },
				],
			},
			{ role: "system", content: [{ type: "text", text: "Be brief." }] },
		);
		expect(messages).toEqual([
			{ role: "user", content: "Weather?" },
			{
				role: "assistant",
				content: "Let me see.",
				reasoning: "Hm.",
				toolCalls: [
					{ id: "a", name: "get_weather", argumentsJson: '{"city":"Oslo"}' },
					{ id: "b", name: "get_weather", argumentsJson: "{broken" },
				],
			},
			{ role: "tool", content: "Rain\n7 °C", toolCallId: "a" },
			{ role: "tool", content: "The tool failed.\nNo such city.", toolCallId: "b" },
			{ role: "user", content: "Go on." },
			{ role: "system", content: "Be brief." },
		]);
	});

	test("takes a tool that gave nothing, and adds no words of a user who said none", () => {
		const block = { type: "tool_result", tool_use_id: "a" };
		expect(messagesOf({ role: "user", content: [block] })).toEqual([{ role: "tool", content: "", toolCallId: "a" }]);
		const failed = { ...block, is_error: true };
		expect(messagesOf({ role: "user", content: [failed] })).toMatchObject([{ content: "The tool failed." }]);
	});

	test("joins what one speaker says in a row", () => {
		const call = { type: "tool_use", id: "a", name: "n", input: {} };
		const said = messagesOf(
			{ role: "user", content: "One" },
			{ role: "user", content: [{ type: "text", text: "Two" }] },
			{
				role: "assistant",
				content: [
					{ type: "thinking", thinking: "T" },
					{ type: "text", text: "Three" },
				],
			},
			{ role: "assistant", content: [] },
			{ role: "assistant", content: [call] },
			{ role: "user", content: "Four" },
		);
		expect(said).toEqual([
			{ role: "user", content: "One\nTwo" },
			{
				role: "assistant",
				content: "Three",
				reasoning: "T",
				toolCalls: [{ id: "a", name: "n", argumentsJson: "{}" }],
			},
			{ role: "user", content: "Four" },
		]);
	});
});

describe("tools", () => {
	test.each([
		[undefined, { kind: "auto" }, true],
		[{ type: "auto", disable_parallel_tool_use: true }, { kind: "auto" }, false],
		[{ type: "any" }, { kind: "required" }, true],
		[
			{ type: "tool", name: "get_weather", disable_parallel_tool_use: true },
			{ kind: "named", name: "get_weather" },
			false,
		],
		[{ type: "none" }, { kind: "none" }, true],
	])("chosen by %j", (tool_choice, toolChoice, parallelToolCalls) => {
		expect(chatOf({ tools: [{ type: "custom", ...weather }], tool_choice })).toMatchObject({
			tools: [{ name: "get_weather", description: "Weather", parameters: { type: "object" } }],
			toolChoice,
			parallelToolCalls,
		});
	});

	test.each([
		[
			[{ type: "web_search_20250305", name: "web_search", max_uses: 5 }],
			undefined,
			/^tools\.0\.type: Unsupported: 'web_search_20250305'\. Tools that Anthropic runs/,
		],
		[[{ type: "bash_20250124", name: "bash" }], undefined, /^tools\.0\.type: Unsupported: 'bash_20250124'/],
		[[{ name: "x" }], undefined, /^tools\.0\.input_schema: Missing required parameter\. Give it as an object\.$/],
		[
			[weather],
			{ type: "tool", name: "y" },
			/^tool_choice\.name: Invalid value: there is no tool 'y'\. The tools are: 'get_weather'\.$/,
		],
		[[], { type: "any" }, /^tool_choice: Asks for a tool, but there are no 'tools'/],
	])("%j can't be used as %j", (tools, tool_choice, message) => {
		expect(faultsOf({ tools, tool_choice })).toEqual([expect.stringMatching(message)]);
	});
});

describe("a Messages request that can't be run", () => {
	const image = { type: "image", source: { type: "url", url: "http://127.0.0.1/x.png" } };
	const say = (...content: readonly object[]) => ({ messages: [{ role: "user", content }] });

	test.each<[object, string]>([
		[{ max_tokens: undefined }, "max_tokens: Missing required parameter. Give it as a number."],
		[{ max_tokens: 0 }, "max_tokens: Invalid: expected a value >= 1, but got 0 instead."],
		[{ messages: [] }, "messages: Invalid: expected at least 1 item, but got 0."],
		[
			{ messages: [{ role: "user", content: 5 }] },
			"messages.0.content: Invalid type: expected a string or an array, but got a number instead.",
		],
		[
			{ messages: [{ role: "tool", content: "x" }] },
			"messages.0.role: Invalid value: 'tool'. Supported values are: 'user', 'assistant', 'system'.",
		],
		[
			say({ type: "text", text: "Look" }, image),
			"messages.0.content.1.type: Unsupported: 'image'. Models here read text only: a message of role 'user' can have blocks of type 'text' and 'tool_result'.",
		],
		[
			say({ type: "tool_result", tool_use_id: "a", content: [image] }),
			"messages.0.content.0.content.0.type: Unsupported: 'image'. Models here read text only; leave out images, audio and files.",
		],
		[
			say({ type: "tool_result", content: { a: 1 } }),
			"messages.0.content.0.tool_use_id: Missing required parameter. Give it as a string.",
		],
		[say({ type: "text" }), "messages.0.content.0.text: Missing required parameter. Give it as a string."],
		[
			{ system: [image] },
			"system.0.type: Unsupported: 'image'. Models here read text only; leave out images, audio and files.",
		],
		[
			{ messages: [...PLAIN.messages, { role: "assistant", content: "{" }] },
			"messages.1.role: Unsupported: this model does not support assistant message prefill. The conversation must end with a user message.",
		],
		[
			{ stop_sequences: Array.from({ length: 17 }, () => "x") },
			"stop_sequences: Invalid: expected at most 16 items, but got 17.",
		],
		[
			{ thinking: { type: "deep" } },
			"thinking.type: Invalid value: 'deep'. Supported values are: 'enabled', 'adaptive', 'between_tools', 'disabled'.",
		],
		[
			{ mcp_servers: [{ type: "url", name: "x", url: "y" }] },
			"mcp_servers: Unsupported parameter. No other servers are called from here; give their tools as 'tools'.",
		],
	])("%j is told what, where and how to mend it", (fields, message) => {
		expect(faultsOf(fields)[0]).toBe(message);
	});

	test("is told every fault, and not to stream where nobody listens", () => {
		const faults = faultsOf({ stream: true, max_tokens: "x", tools: [{ type: "bash_20250124", name: "bash" }] }, false);
		expect(faults.map((fault) => fault.split(":")[0])).toEqual(["max_tokens", "stream", "tools.0.type"]);
	});

	test("of any shape has faults and never throws", () => {
		const key = fc.constantFrom(
			"model",
			"messages",
			"max_tokens",
			"system",
			"tools",
			"role",
			"content",
			"type",
			"text",
		);
		const word = fc.constantFrom("user", "assistant", "system", "text", "tool_use", "tool_result", "thinking", "none");
		const { json } = fc.letrec((tie) => ({
			json: fc.oneof(
				{ depthSize: "small" },
				word,
				fc.jsonValue(),
				fc.dictionary(key, tie("json")),
				fc.array(tie("json")),
			),
		}));
		fc.assert(
			fc.property(fc.dictionary(key, json), (body) => {
				for (const base of [body, { ...PLAIN, ...body }]) {
					const parsed = parseMessages(base, { allowStream: true, defaultModel: "demo" });
					expect(parsed.ok || parsed.error.every((fault) => fault.message.length > 0)).toBe(true);
				}
			}),
			{ numRuns: 300 },
		);
	});
});

describe("a request to count tokens", () => {
	test("is the same prompt, without a limit, and may end with what the model said", () => {
		const options = { allowStream: false, defaultModel: null };
		const messages = [...PLAIN.messages, { role: "assistant", content: "Hi" }];
		const counted = parseCountTokens({ model: "demo", messages, tools: [weather], system: "S" }, options);
		expect(counted.ok && counted.value.model).toBe("demo");
		expect(counted.ok && counted.value.requests[0]).toMatchObject({
			prompt: {
				tools: [{ name: "get_weather" }],
				messages: [{ role: "system" }, { role: "user" }, { role: "assistant" }],
			},
		});
		const { prompt } = generateOf({ tools: [weather], system: "S" });
		const same = parseCountTokens({ ...PLAIN, tools: [weather], system: "S" }, options);
		expect(same.ok && same.value.requests[0]).toMatchObject({ prompt });
		expect(parseCountTokens({ model: "demo" }, options)).toMatchObject({
			ok: false,
			error: [{ param: "messages", message: expect.stringMatching(/^messages: Missing/) }],
		});
	});

	test("is not asked for of a whole reply", () => {
		expect(translate({}).stream).toBeNull();
	});
});
