import fc from "fast-check";
import { expect, test } from "vitest";
import { GEMINI_GENERATE_URL } from "../../contract/contract.ts";
import { type DialectUrl, dialects, refusal } from "./dialect.ts";

/** A body with everything in it, for every dialect: what is broken in it is broken somewhere deep. */
const schema = { type: "object", properties: { a: { type: "string" } } };
const call = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } };
const tool = { type: "function", function: { name: "f", description: "d", parameters: schema, strict: true } };
const sampling = { temperature: 0, top_p: 1, seed: 1, stop: ["x"], n: 1, logit_bias: { "5": 1 }, presence_penalty: 0 };
const bodies: Readonly<Record<DialectUrl, object>> = {
	"/v1/chat/completions": {
		...{ model: "m", max_tokens: 1, stream: true, stream_options: { include_usage: true }, ...sampling },
		messages: [
			{ role: "developer", content: [{ type: "text", text: "s" }] },
			{ role: "user", content: "u" },
			{ role: "assistant", content: null, reasoning_content: "r", tool_calls: [call] },
			{ role: "tool", tool_call_id: "c1", content: [{ type: "text", text: "t" }] },
		],
		tools: [tool],
		tool_choice: { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [tool] } },
		response_format: { type: "json_schema", json_schema: { name: "n", schema, strict: true } },
		...{
			logprobs: true,
			top_logprobs: 2,
			reasoning_effort: "low",
			chat_template_kwargs: { k: 1 },
			metadata: { k: "v" },
		},
	},
	"/v1/completions": { model: "m", prompt: ["a", "b"], suffix: "s", logprobs: 1, ...sampling },
	"/v1/embeddings": { model: "m", input: ["a", "b"], dimensions: 4, encoding_format: "base64" },
	"/v1/responses": {
		...{ model: "m", instructions: "i", max_output_tokens: 1, include: ["reasoning.encrypted_content"], stream: true },
		input: [
			{ role: "user", content: [{ type: "input_text", text: "u" }] },
			{ type: "reasoning", id: "rs", summary: [{ type: "summary_text", text: "s" }], content: [] },
			{ type: "message", role: "assistant", content: [{ type: "output_text", text: "a", annotations: [] }] },
			{ type: "function_call", call_id: "c1", name: "f", arguments: "{}" },
			{ type: "function_call_output", call_id: "c1", output: [{ type: "input_text", text: "t" }] },
			{ type: "custom_tool_call", call_id: "c2", name: "g", input: "x" },
			{ type: "custom_tool_call_output", call_id: "c2", output: "y" },
		],
		tools: [
			{ type: "function", name: "f", parameters: schema },
			{ type: "custom", name: "g", format: { type: "text" } },
		],
		tool_choice: { type: "function", name: "f" },
		text: { format: { type: "json_schema", name: "n", schema }, verbosity: "low" },
		...{ reasoning: { effort: "low", summary: "auto" }, metadata: { k: "v" } },
	},
	"/v1/messages": {
		...{ model: "m", max_tokens: 1, stop_sequences: ["x"], temperature: 0, top_k: 1, stream: true },
		system: [{ type: "text", text: "s", cache_control: { type: "ephemeral" } }],
		messages: [
			{ role: "user", content: [{ type: "text", text: "u" }] },
			{
				role: "assistant",
				content: [
					{ type: "thinking", thinking: "r", signature: "" },
					{ type: "tool_use", id: "c1", name: "f", input: { a: "b" } },
				],
			},
			{ role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: [{ type: "text", text: "t" }] }] },
		],
		tools: [{ name: "f", description: "d", input_schema: schema }],
		tool_choice: { type: "tool", name: "f", disable_parallel_tool_use: true },
		thinking: { type: "enabled", budget_tokens: 1024 },
		output_config: { format: { type: "json_schema", schema }, effort: "low" },
		metadata: { user_id: "u" },
	},
	[GEMINI_GENERATE_URL]: {
		model: "models/m",
		systemInstruction: { parts: [{ text: "s" }] },
		contents: [
			{ role: "user", parts: [{ text: "u" }] },
			{
				role: "model",
				parts: [
					{ text: "t", thought: true },
					{ functionCall: { id: "c1", name: "f", args: { a: "b" } }, thoughtSignature: "x" },
				],
			},
			{ role: "user", parts: [{ functionResponse: { id: "c1", name: "f", response: { output: "t" } } }] },
		],
		tools: [
			{
				functionDeclarations: [
					{ name: "f", parameters: { type: "OBJECT", properties: { a: { type: "STRING", nullable: true } } } },
					{ name: "g", parametersJsonSchema: schema },
				],
			},
		],
		tool_config: { function_calling_config: { mode: "ANY", allowed_function_names: ["f"] } },
		safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
		generationConfig: {
			...{ temperature: 0, topP: 1, topK: 4, candidateCount: 2, maxOutputTokens: 5, stopSequences: ["x"], seed: 1 },
			...{ presencePenalty: 0, frequencyPenalty: 0, responseLogprobs: true, logprobs: 2, responseModalities: ["TEXT"] },
			responseMimeType: "application/json",
			responseSchema: {
				type: "OBJECT",
				properties: {
					a: { type: "ARRAY", items: { type: "INTEGER" }, minItems: "1" },
					b: { anyOf: [{ type: "STRING" }] },
				},
				propertyOrdering: ["b", "a"],
			},
			thinkingConfig: { includeThoughts: true, thinkingBudget: 0 },
		},
	},
};

const odd = fc.oneof(
	fc.constantFrom<unknown>(null, true, -1, 1e300, "", "\uD800", [], {}, [[]], [null], { toString: 1 }, { type: {} }),
	fc.jsonValue({ depthSize: "small" }),
);

/** A copy with another value at a place found by taking the turns given; where they end too early, the place is there. */
function mutate(value: unknown, turns: readonly number[], replacement: unknown): unknown {
	const [turn, ...rest] = turns;
	if (turn === undefined || typeof value !== "object" || value === null) return replacement;
	const keys = Object.keys(value);
	const key = keys[turn % Math.max(1, keys.length)];
	if (key === undefined) return replacement;
	const inner = mutate(Reflect.get(value, key), rest, replacement);
	return Array.isArray(value) ? value.toSpliced(Number(key), 1, inner) : { ...value, [key]: inner };
}

test.each(Object.entries(dialects))("%s answers whatever is put into a good body, and never throws", (url, dialect) => {
	const good = Object.entries(bodies).find(([known]) => known === url)?.[1];
	const turns = fc.array(fc.nat(30), { minLength: 1, maxLength: 7 });
	fc.assert(
		fc.property(turns, odd, turns, odd, (first, one, second, other) => {
			const body: unknown = JSON.parse(JSON.stringify(mutate(mutate(good, first, one), second, other)) ?? "null");
			const parsed = dialect.parse(body, { allowStream: true, defaultModel: null });
			if (parsed.ok) return;
			for (const fault of parsed.error) {
				expect(dialect.renderFault(refusal(fault), "req_1")).toMatchObject({ error: { message: fault.message } });
			}
		}),
		{ numRuns: 300 },
	);
});

test("the good bodies are good", () => {
	const faults = Object.entries(dialects).flatMap(([url, dialect]) => {
		const body = Object.entries(bodies).find(([known]) => known === url)?.[1];
		const parsed = dialect.parse(body, { allowStream: true, defaultModel: null });
		return parsed.ok ? [] : parsed.error.map((fault) => [url, fault.param, fault.code]);
	});
	expect(faults).toEqual([]);
});
