/** The official SDKs read what our writers write: what they demand of a stream is demanded here. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { jsonSchema, streamText } from "ai";
import OpenAI, { APIError } from "openai";
import OpenAI6, { APIError as APIError6 } from "openai-6";
import { describe, expect, test } from "vitest";
import { chatCompletionSchema } from "../../contract/contract.ts";
import type { Delta } from "../request.ts";
import { parseChat } from "./openai-chat.ts";
import { parseCompletion } from "./openai-completions.ts";
import { CONTEXT, eventsOf, grow, logprobOf, replay } from "./openai-testing.ts";
import type { StreamEvent } from "./translation.ts";

const BODY = { model: "demo", messages: [{ role: "user" as const, content: "Hello" }] };

const sdks = [
	{
		name: "openai 7",
		helper: (events: readonly StreamEvent[]) => client7(events).chat.completions.stream(BODY).finalChatCompletion(),
		raw: (events: readonly StreamEvent[]) => client7(events).chat.completions.create({ ...BODY, stream: true }),
		texts: (events: readonly StreamEvent[]) =>
			client7(events).completions.create({ model: "demo", prompt: "Once", stream: true }),
		error: APIError,
	},
	{
		name: "openai 6",
		helper: (events: readonly StreamEvent[]) => client6(events).chat.completions.stream(BODY).finalChatCompletion(),
		raw: (events: readonly StreamEvent[]) => client6(events).chat.completions.create({ ...BODY, stream: true }),
		texts: (events: readonly StreamEvent[]) =>
			client6(events).completions.create({ model: "demo", prompt: "Once", stream: true }),
		error: APIError6,
	},
];

function client7(events: readonly StreamEvent[]) {
	return new OpenAI({ apiKey: "none", baseURL: "http://replay.invalid/v1", maxRetries: 0, fetch: replay(events) });
}

function client6(events: readonly StreamEvent[]) {
	return new OpenAI6({ apiKey: "none", baseURL: "http://replay.invalid/v1", maxRetries: 0, fetch: replay(events) });
}

function translate(fields: object) {
	const parsed = parseChat({ ...BODY, stream: true, ...fields }, { allowStream: true, defaultModel: null });
	if (!parsed.ok) throw new Error(parsed.error.map((fault) => fault.message).join("\n"));
	return parsed.value;
}

function begin(fields: object) {
	const stream = translate(fields).stream?.(CONTEXT);
	if (stream === undefined) throw new Error("Not a stream.");
	return stream;
}

/** What an SDK's tool call and ours have in common. */
interface ReadCall {
	readonly id: string;
	readonly type: string;
	readonly function?: { readonly name: string; readonly arguments: string };
}

/** What an SDK's choice and ours have in common. */
interface ReadChoice {
	readonly index: number;
	readonly finish_reason: string;
	readonly message: {
		readonly role: string;
		readonly content: string | null;
		readonly tool_calls?: readonly ReadCall[] | undefined;
		readonly function_call?: { readonly name: string; readonly arguments: string } | null | undefined;
	};
	readonly logprobs: { readonly content: readonly { readonly token: string }[] | null } | null;
}

/** A choice without what a stream can't tell: no text and an empty text are one to it. */
function tell({ index, finish_reason, message, logprobs }: ReadChoice) {
	const { role, content, tool_calls: calls = [], function_call: legacy } = message;
	return {
		index,
		finish_reason,
		role,
		content: content ?? "",
		calls: calls.map((one) => ({
			id: one.id,
			type: one.type,
			name: one.function?.name,
			text: one.function?.arguments,
		})),
		legacy: legacy ? { name: legacy.name, text: legacy.arguments } : null,
		tokens: logprobs?.content?.map(({ token }) => token) ?? null,
	};
}

const text = (choice: number, piece: string): Delta => ({ choice, text: piece });
const opened = (index: number, name: string): Delta => ({
	choice: 0,
	toolCalls: [{ index, id: `call_${index}`, name, argumentsJson: "{" }],
});
const written = (index: number, argumentsJson: string): Delta => ({ choice: 0, toolCalls: [{ index, argumentsJson }] });
const call = [opened(0, "f"), written(0, '"a": '), written(0, "1}")];
const tools = ["f", "g"].map((name) => ({ type: "function", function: { name } }));

const cases: readonly (readonly [
	string,
	{ readonly n?: number; readonly [field: string]: unknown },
	readonly Delta[],
])[] = [
	["plain text", {}, [text(0, "Hel"), text(0, "lo")]],
	["an empty answer", {}, []],
	["a tool call", { tools }, call],
	["text before a tool call", { tools }, [text(0, "Hm."), ...call]],
	["parallel tool calls", { tools }, [...call, opened(1, "g"), written(1, "}")]],
	["an older function call", { functions: [{ name: "f" }] }, call],
	["several answers", { n: 2 }, [text(1, "one"), text(0, "two"), text(1, "!")]],
	["log probabilities", { logprobs: true }, [{ ...text(0, "x"), logprobs: [logprobOf("x")] }]],
	["usage", { stream_options: { include_usage: true } }, [text(0, "x")]],
];

describe.each(sdks)("$name", ({ helper, raw, texts, error }) => {
	test.each(cases)("reads %s as the whole completion says it", async (_, fields, deltas) => {
		const result = grow(fields.n ?? 1, deltas);
		const whole = chatCompletionSchema.parse(translate(fields).render([result], CONTEXT));
		const final = await helper(eventsOf(begin(fields), deltas, result));
		const { id, model, created, system_fingerprint } = whole;
		expect(final).toMatchObject({ id, model, created, system_fingerprint, object: "chat.completion" });
		expect(final.choices.map(tell)).toEqual(whole.choices.map(tell));
		expect(final.usage).toEqual(fields.stream_options === undefined ? undefined : whole.usage);
	});

	test("passes thoughts on piece by piece", async () => {
		const deltas = [{ choice: 0, reasoning: "h" }, { choice: 0, reasoning: "m" }, text(0, "x")];
		const thoughts: unknown[] = [];
		for await (const chunk of await raw(eventsOf(begin({}), deltas, grow(1, deltas)))) {
			const delta = chunk.choices[0]?.delta ?? {};
			if ("reasoning_content" in delta) thoughts.push(delta.reasoning_content);
		}
		expect(thoughts).toEqual(["h", "m"]);
	});

	test("raises the error that ends a stream", async () => {
		const stream = begin({});
		const fault = { status: 500, type: "server_error", message: "Gone.", param: null, code: "gone" } as const;
		const events = [...stream.begin(1), ...stream.push(0, text(0, "x")), ...stream.fail(fault)];
		await expect(helper(events)).rejects.toBeInstanceOf(error);
		await expect(helper(events)).rejects.toMatchObject({
			code: "gone",
			type: "server_error",
			message: expect.stringContaining("Gone."),
		});
	});

	test("reads a streamed text completion", async () => {
		const parsed = parseCompletion(
			{ model: "demo", prompt: "Once", stream: true },
			{ allowStream: true, defaultModel: null },
		);
		const stream = parsed.ok ? parsed.value.stream?.(CONTEXT) : null;
		if (!stream) throw new Error("Not a stream.");
		const deltas = [text(0, "a"), text(0, "b")];
		const chunks = [];
		for await (const chunk of await texts(eventsOf(stream, deltas, grow(1, deltas)))) chunks.push(chunk);
		expect(chunks.map((chunk) => chunk.choices[0]?.text).join("")).toBe("ab");
		expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("stop");
	});
});

test("the AI SDK reads thoughts, text and a call out of one stream", async () => {
	const deltas = [{ choice: 0, reasoning: "h" }, { choice: 0, reasoning: "m" }, text(0, "Look:"), ...call];
	const fetch = replay(eventsOf(begin({ tools }), deltas, grow(1, deltas)));
	const provider = createOpenAICompatible({ name: "replay", baseURL: "http://replay.invalid/v1", fetch });
	const inputSchema = jsonSchema<{ a: number }>({ type: "object", properties: { a: { type: "number" } } });
	const result = streamText({ model: provider("demo"), prompt: "Hello", tools: { f: { inputSchema } } });
	expect(await result.text).toBe("Look:");
	expect(await result.reasoningText).toBe("hm");
	expect(await result.finishReason).toBe("tool-calls");
	expect(await result.toolCalls).toMatchObject([{ toolName: "f", input: { a: 1 }, toolCallId: "call_0" }]);
});
