import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ChatChunk, chatChunkSchema, chatCompletionSchema, errorEnvelopeSchema } from "../../contract/contract.ts";
import type { Delta } from "../request.ts";
import { parseChat } from "./openai-chat.ts";
import { arbitraryDeltas, CONTEXT, eventsOf, grow, logprobOf } from "./openai-testing.ts";
import type { StreamEvent } from "./translation.ts";

const TOOLS = [{ type: "function", function: { name: "f" } }];

function translate(fields: object) {
	const body = { model: "demo", messages: [{ role: "user", content: "Hello" }], stream: true, ...fields };
	const parsed = parseChat(body, { allowStream: true, defaultModel: null });
	if (!parsed.ok) throw new Error(parsed.error.map((fault) => fault.message).join("\n"));
	return parsed.value;
}

function begin(fields: object) {
	const stream = translate(fields).stream?.(CONTEXT);
	if (stream === undefined) throw new Error("Not a stream.");
	return stream;
}

/** The chunks of a whole stream, each checked against its schema. */
function chunksOf(events: readonly StreamEvent[]): readonly ChatChunk[] {
	expect(events.at(-1)).toEqual({ event: null, data: "[DONE]" });
	return events.slice(0, -1).map(({ data }) => chatChunkSchema.parse(data));
}

function stream(deltas: readonly Delta[], fields: { readonly n?: number; readonly [field: string]: unknown } = {}) {
	const result = grow(fields.n ?? 1, deltas);
	return { result, chunks: chunksOf(eventsOf(begin(fields), deltas, result)) };
}

function deltasOf(chunks: readonly ChatChunk[]) {
	return chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.delta));
}

/** What the chunks say of one answer, in the words of a whole completion. */
function join(chunks: readonly ChatChunk[], index: number) {
	const choices = chunks.flatMap((chunk) => chunk.choices).filter((choice) => choice.index === index);
	const deltas = choices.map((choice) => choice.delta);
	const calls: { id: string; type: string; function: { name: string; arguments: string } }[] = [];
	for (const { index: place, id, type, function: called } of deltas.flatMap((delta) => delta.tool_calls ?? [])) {
		const call = calls[place] ?? {
			id: id ?? "?",
			type: type ?? "?",
			function: { name: called.name ?? "?", arguments: "" },
		};
		calls[place] = { ...call, function: { ...call.function, arguments: call.function.arguments + called.arguments } };
	}
	const text = deltas.map((delta) => delta.content ?? "").join("");
	const reasoning = deltas.map((delta) => delta.reasoning_content ?? "").join("");
	const logprobs = choices.flatMap((choice) => choice.logprobs?.content ?? []);
	return {
		index,
		message: {
			role: deltas[0]?.role,
			content: calls.length > 0 && text === "" ? null : text,
			refusal: null,
			...(reasoning === "" ? {} : { reasoning_content: reasoning }),
			...(calls.length === 0 ? {} : { tool_calls: calls }),
		},
		logprobs: logprobs.length === 0 ? null : { content: logprobs, refusal: null },
		finish_reason: choices.at(-1)?.finish_reason,
	};
}

describe("a streamed chat completion", () => {
	test("says together what the whole one says, however it is cut", () => {
		const given = fc
			.integer({ min: 1, max: 3 })
			.chain((n) => fc.record({ n: fc.constant(n), deltas: arbitraryDeltas(n) }));
		fc.assert(
			fc.property(given, ({ n, deltas }) => {
				const fields = { n, tools: TOOLS, stream_options: { include_usage: true } };
				const { result, chunks } = stream(deltas, fields);
				const whole = chatCompletionSchema.parse(translate(fields).render([result], CONTEXT));
				expect(result.choices.map((_, index) => join(chunks, index))).toEqual(whole.choices);
				expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
				for (const { id, created, model, system_fingerprint } of chunks) {
					expect({ id, created, model, system_fingerprint }).toEqual({
						id: whole.id,
						created: whole.created,
						model: whole.model,
						system_fingerprint: whole.system_fingerprint,
					});
				}
			}),
		);
	});

	test("begins with the role of every answer and ends with the reason of every answer", () => {
		const { chunks } = stream([{ choice: 1, text: "x" }], { n: 2 });
		expect(chunks.map((chunk) => chunk.choices[0])).toEqual([
			{ index: 0, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null },
			{ index: 1, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null },
			{ index: 1, delta: { content: "x" }, logprobs: null, finish_reason: null },
			{ index: 0, delta: {}, logprobs: null, finish_reason: "stop" },
			{ index: 1, delta: {}, logprobs: null, finish_reason: "stop" },
		]);
		expect(chunks.every((chunk) => !("usage" in chunk))).toBe(true);
	});

	test("has usage: null on every chunk but the last where usage is asked for", () => {
		const { chunks } = stream([{ choice: 0, text: "x" }], { stream_options: { include_usage: true } });
		expect(chunks.map((chunk) => chunk.usage === null)).toEqual([true, true, true, false]);
		expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 10, prompt_tokens_details: { cached_tokens: 4 } });
	});

	test("opens a call with its id, type and name, and then writes its arguments", () => {
		const deltas = [
			{ choice: 0, toolCalls: [{ index: 0, id: "c", name: "f", argumentsJson: "{" }] },
			{ choice: 0, toolCalls: [{ index: 0, argumentsJson: "}" }] },
		];
		const { chunks } = stream(deltas, { tools: TOOLS });
		expect(deltasOf(chunks)).toEqual([
			{ role: "assistant", content: "" },
			{ tool_calls: [{ index: 0, id: "c", type: "function", function: { name: "f", arguments: "" } }] },
			{ tool_calls: [{ index: 0, function: { arguments: "{" } }] },
			{ tool_calls: [{ index: 0, function: { arguments: "}" } }] },
			{},
		]);
		expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("tool_calls");
	});

	test("speaks of a function call where the request spoke of functions, and of the first only", () => {
		const deltas = [
			{ choice: 0, toolCalls: [{ index: 0, id: "c", name: "f", argumentsJson: "{}" }] },
			{ choice: 0, toolCalls: [{ index: 1, id: "d", name: "g", argumentsJson: "{}" }] },
		];
		const { chunks } = stream(deltas, { functions: [{ name: "f" }] });
		expect(deltasOf(chunks)).toEqual([
			{ role: "assistant", content: "" },
			{ function_call: { name: "f", arguments: "" } },
			{ function_call: { arguments: "{}" } },
			{},
		]);
		expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("function_call");
	});

	test("tells thoughts, text and log probabilities apart that come at once", () => {
		const { chunks } = stream([{ choice: 0, reasoning: "hm", text: "x", logprobs: [logprobOf("x")] }]);
		expect(deltasOf(chunks).slice(1, -1)).toEqual([{ reasoning_content: "hm" }, { content: "x" }]);
		expect(chunks.map((chunk) => chunk.choices[0]?.logprobs?.content?.[0]?.token)[2]).toBe("x");
	});

	test("breaks off with the error in OpenAI's envelope and without [DONE]", () => {
		const fault = { status: 500, type: "server_error", message: "Gone.", param: null, code: "gone" } as const;
		const events = begin({}).fail(fault);
		expect(events).toHaveLength(1);
		expect(errorEnvelopeSchema.parse(events[0]?.data).error).toEqual({
			message: "Gone.",
			type: "server_error",
			param: null,
			code: "gone",
		});
	});
});
