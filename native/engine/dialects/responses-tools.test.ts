import { describe, expect, test } from "vitest";
import { chatOf, faultsOf, messagesOf, replyTo, translate } from "./responses-testing.ts";

describe("the tools of a responses request", () => {
	const parameters = { type: "object", properties: { path: { type: "string" } } };
	const tools = [
		{ type: "function", name: "read", description: "Reads.", parameters, strict: true },
		{ type: "web_search", name: 5, filters: {} },
		{
			type: "custom",
			name: "patch",
			description: "Patches.",
			format: { type: "grammar", syntax: "lark", definition: "start: X" },
		},
		{ type: "local_shell" },
	];

	test("are those that can be called; a custom one takes one text", () => {
		expect(chatOf({ tools })).toMatchObject({
			tools: [
				{ name: "read", description: "Reads.", parameters },
				{
					name: "patch",
					description: "Patches.\n\nThe input must follow this lark grammar:\nstart: X",
					parameters: { type: "object", properties: { input: { type: "string" } }, required: ["input"] },
				},
			],
			toolChoice: { kind: "auto" },
		});
	});

	test.each<[unknown, object]>([
		["none", { kind: "none" }],
		["required", { kind: "required" }],
		[
			{ type: "function", name: "read" },
			{ kind: "named", name: "read" },
		],
		[
			{ type: "custom", name: "patch" },
			{ kind: "named", name: "patch" },
		],
	])("are chosen among: %j", (toolChoice, expected) => {
		expect(chatOf({ tools, tool_choice: toolChoice }).toolChoice).toEqual(expected);
	});

	test("are hidden where they are not allowed", () => {
		const allowed = {
			type: "allowed_tools",
			mode: "required",
			tools: [{ type: "web_search" }, { type: "custom", name: "patch" }],
		};
		const chat = chatOf({ tools, tool_choice: allowed });
		expect(chat.tools.map((tool) => tool.name)).toEqual(["patch"]);
		expect(chat.toolChoice).toEqual({ kind: "required" });
	});

	test.each([
		[{ type: "web_search_preview" }, "tool_choice.type", "unsupported_value"],
		[{ type: "function", name: "write" }, "tool_choice.name", "invalid_value"],
		[{ type: "allowed_tools", mode: "auto", tools: [{ type: "web_search" }] }, "tool_choice.tools", "invalid_value"],
	])("can't be chosen where they can't be called: %j", (toolChoice, param, code) => {
		expect(faultsOf({ tools, tool_choice: toolChoice })).toEqual([[param, code]]);
	});

	test("may stand in a namespace, whose name is part of what the model calls them by", () => {
		const space = {
			type: "namespace",
			name: "crm",
			description: "Customers.",
			tools: [tools[0], tools[2], { type: "x" }],
		};
		const chat = chatOf({ tools: [space], tool_choice: { type: "function", name: "read" } });
		expect(chat.tools.map((tool) => tool.name)).toEqual(["crm__read", "crm__patch"]);
		expect(chat.toolChoice).toEqual({ kind: "named", name: "crm__read" });
		const toolCalls = [
			{ id: "call_1", name: "crm__read", argumentsJson: "{}" },
			{ id: "call_2", name: "crm__patch", argumentsJson: '{"input":"x"}' },
		];
		const { output, tools: told } = replyTo({ tools: [space] }, { text: "", toolCalls, finishReason: "tool-calls" });
		expect(output).toMatchObject([
			{ type: "function_call", namespace: "crm", name: "read" },
			{ type: "custom_tool_call", namespace: "crm", name: "patch", input: "x" },
		]);
		expect(told).toMatchObject([{ type: "namespace", name: "crm", tools: [{ name: "read" }, { name: "patch" }] }]);
		expect(messagesOf({ input: output })).toEqual([{ role: "assistant", content: "", toolCalls }]);
	});

	test("may come as an item of the input", () => {
		const input = [
			{ type: "additional_tools", role: "developer", tools },
			{ role: "user", content: "Hello" },
		];
		expect(messagesOf({ input })).toEqual([{ role: "user", content: "Hello" }]);
		expect(chatOf({ input })).toMatchObject({
			tools: [{ name: "read" }, { name: "patch" }],
			toolChoice: { kind: "auto" },
		});
		expect(faultsOf({ input: [...input, { type: "additional_tools", tools: [{ type: "custom" }] }] })).toEqual([
			["input[2].tools[0].name", "missing_required_parameter"],
		]);
	});

	test("may all be of others, and are then none", () => {
		expect(chatOf({ tools: [{ type: "web_search" }], tool_choice: "auto" })).toMatchObject({
			tools: [],
			toolChoice: { kind: "none" },
		});
	});
});

describe("a request as Codex sends it", () => {
	const body = {
		model: "demo",
		instructions: "You are a coding agent.",
		input: [
			{ type: "message", role: "developer", content: [{ type: "input_text", text: "<permissions>" }] },
			{ type: "message", role: "user", content: [{ type: "input_text", text: "<environment_context>" }] },
			{ type: "message", role: "user", content: [{ type: "input_text", text: "Fix the test." }] },
		],
		tools: [
			{
				type: "function",
				name: "exec_command",
				description: "Runs a command.",
				strict: false,
				parameters: { type: "object", properties: { cmd: { type: "string" } }, required: ["cmd"] },
			},
			{
				type: "custom",
				name: "apply_patch",
				description: "Edits files. This is a FREEFORM tool.",
				format: { type: "grammar", syntax: "lark", definition: 'start: "*** Begin Patch"' },
			},
			{
				type: "namespace",
				name: "agents",
				description: "",
				tools: [{ type: "function", name: "wait", strict: false }],
			},
			{ type: "web_search", external_web_access: false },
		],
		tool_choice: "auto",
		parallel_tool_calls: false,
		reasoning: { effort: "medium", summary: "auto" },
		store: false,
		stream: true,
		include: ["reasoning.encrypted_content"],
		prompt_cache_key: "019a",
		client_metadata: { "x-codex-installation-id": "1" },
	};

	test("is understood", () => {
		const { requests, stream } = translate(body);
		expect(stream).not.toBeNull();
		expect(requests[0]).toMatchObject({
			prompt: {
				messages: [
					{ role: "system", content: "You are a coding agent.\n\n<permissions>" },
					{ role: "user", content: "<environment_context>" },
					{ role: "user", content: "Fix the test." },
				],
				tools: [{ name: "exec_command" }, { name: "apply_patch" }, { name: "agents__wait" }],
				toolChoice: { kind: "auto" },
				parallelToolCalls: false,
			},
			topLogprobs: null,
			templateVariables: { enable_thinking: true, reasoning_effort: "medium" },
		});
	});
});
