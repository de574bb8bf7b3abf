import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Message, type MessageEvent, messageEventSchema, messageSchema } from "../../contract/contract.ts";
import type { Choice } from "../request.ts";
import { CONTEXT, choiceOf, cut, eventsOf, resultOf, translate } from "./anthropic-testing.ts";
import type { StreamEvent } from "./translation.ts";

const oslo = { id: "call_1", name: "get_weather", argumentsJson: '{"city": "Oslo"}' };
const rome = { id: "call_2", name: "get_weather", argumentsJson: '{"city": "Rome"}' };

function render(choice: Choice, fields: object = {}, result: object = {}): Message {
	const message = translate(fields).render([resultOf(choice, result)], CONTEXT);
	return messageSchema.parse(message);
}

/** The events as their schema knows them; the name on the `event:` line must be the type. */
function parsed(events: readonly StreamEvent[]): readonly MessageEvent[] {
	return events.map(({ event, data }) => {
		const known = messageEventSchema.parse(data);
		expect(known.type).toBe(event);
		return known;
	});
}

function short(events: readonly MessageEvent[]): readonly string[] {
	return events.map((event) => {
		switch (event.type) {
			case "content_block_start":
				return `${event.index} starts ${event.content_block.type}`;
			case "content_block_delta":
				return `${event.index} ${Object.values(event.delta).join(" ")}`;
			case "content_block_stop":
				return `${event.index} stops`;
			default:
				return event.type;
		}
	});
}

describe("a message", () => {
	test("holds thoughts, text and calls, in that order", () => {
		const choice = choiceOf({
			reasoning: "Hm.",
			text: "Let me see.",
			toolCalls: [oslo, rome],
			finishReason: "tool-calls",
		});
		expect(render(choice)).toEqual({
			id: "msg_1",
			type: "message",
			role: "assistant",
			model: "demo",
			content: [
				{ type: "thinking", thinking: "Hm.", signature: "" },
				{ type: "text", text: "Let me see.", citations: null },
				{ type: "tool_use", id: "call_1", name: "get_weather", input: { city: "Oslo" }, caller: { type: "direct" } },
				{ type: "tool_use", id: "call_2", name: "get_weather", input: { city: "Rome" }, caller: { type: "direct" } },
			],
			stop_reason: "tool_use",
			stop_sequence: null,
			stop_details: null,
			usage: {
				input_tokens: 6,
				output_tokens: 64,
				cache_creation_input_tokens: 0,
				cache_read_input_tokens: 4,
				cache_creation: null,
				output_tokens_details: { thinking_tokens: 3 },
				server_tool_use: null,
				service_tier: null,
				inference_geo: null,
				speed: null,
			},
			container: null,
			diagnostics: null,
		});
	});

	test("counts all input as new where luck must not show", () => {
		const context = { ...CONTEXT, includeCachedTokens: false };
		const message = messageSchema.parse(translate({}).render([resultOf(choiceOf({}))], context));
		expect(message.usage).toMatchObject({ input_tokens: 10, cache_read_input_tokens: 0 });
	});

	test.each([
		[choiceOf({ text: "x" }), {}, "end_turn", null],
		[choiceOf({ text: "x", stopText: "\n" }), {}, "stop_sequence", "\n"],
		[choiceOf({ text: "x", finishReason: "length" }), { completionTokens: 64 }, "max_tokens", null],
		[choiceOf({ text: "x", finishReason: "length" }), { completionTokens: 63 }, "model_context_window_exceeded", null],
	])("says why it ended (%#)", (choice, result, reason, sequence) => {
		expect(render(choice, {}, result)).toMatchObject({ stop_reason: reason, stop_sequence: sequence });
	});

	test("shows input that is no JSON as the text it is, and takes no input for an empty one", () => {
		const broken = { ...oslo, argumentsJson: '{"city": Oslo' };
		const none = { ...rome, argumentsJson: "" };
		const { content } = render(choiceOf({ toolCalls: [broken, none], finishReason: "tool-calls" }));
		expect(content).toMatchObject([{ input: '{"city": Oslo' }, { input: {} }]);
	});

	test("keeps thoughts to itself where they are not to be shown, streamed or whole", () => {
		const fields = { thinking: { type: "adaptive", display: "omitted" } };
		const choice = choiceOf({ reasoning: "Secret.", text: "Hi" });
		expect(render(choice, fields).content[0]).toEqual({ type: "thinking", thinking: "", signature: "" });
		const events = short(parsed(eventsOf(choice, cut(choice, 2), fields)));
		expect(events.slice(1, 4)).toEqual(["0 starts thinking", "0 signature_delta ", "0 stops"]);
	});
});

describe("a streamed message", () => {
	test("is written block after block", () => {
		const choice = choiceOf({ reasoning: "Hm.", text: "Hello", toolCalls: [oslo, rome], finishReason: "tool-calls" });
		const events = parsed(eventsOf(choice, cut(choice, 9)));
		expect(short(events)).toEqual([
			"message_start",
			"0 starts thinking",
			"0 thinking_delta Hm.",
			"0 signature_delta ",
			"0 stops",
			"1 starts text",
			"1 text_delta Hello",
			"1 stops",
			"2 starts tool_use",
			'2 input_json_delta {"city": ',
			'2 input_json_delta "Oslo"}',
			"2 stops",
			"3 starts tool_use",
			'3 input_json_delta {"city": ',
			'3 input_json_delta "Rome"}',
			"3 stops",
			"message_delta",
			"message_stop",
		]);
		expect(events[0]).toMatchObject({ message: { content: [], stop_reason: null, usage: { input_tokens: 10 } } });
		expect(events.at(-2)).toMatchObject({
			delta: { stop_reason: "tool_use" },
			usage: { input_tokens: 6, output_tokens: 64 },
		});
	});

	test("with nothing in it is still a whole message", () => {
		expect(short(parsed(eventsOf(choiceOf({}), [])))).toEqual(["message_start", "message_delta", "message_stop"]);
	});

	test("keeps what is said after a call began for a block of its own at the end", () => {
		const toolCalls = [{ index: 0, id: "call_1", name: "n", argumentsJson: "{" }];
		const deltas = [
			{ choice: 0, text: "a", toolCalls },
			{ choice: 0, text: "b" },
			{ choice: 0, toolCalls: [{ index: 0, argumentsJson: "}" }] },
		];
		const choice = choiceOf({ text: "ab", toolCalls: [oslo], finishReason: "tool-calls" });
		expect(short(parsed(eventsOf(choice, deltas))).slice(1, -2)).toEqual([
			"0 starts text",
			"0 text_delta a",
			"0 stops",
			"1 starts tool_use",
			"1 input_json_delta {",
			"1 input_json_delta }",
			"1 stops",
			"2 starts text",
			"2 text_delta b",
			"2 stops",
		]);
	});

	test("breaks off with an error event", () => {
		const stream = translate({ stream: true }).stream?.(CONTEXT);
		const fault = { status: 500, type: "server_error", message: "Gone.", param: null, code: null } as const;
		expect(stream?.fail(fault)).toEqual([
			{ event: "error", data: { type: "error", error: { type: "api_error", message: "Gone." }, request_id: null } },
		]);
	});

	test("joined says what the whole reply says, however it was cut", () => {
		const text = fc.string({ unit: "grapheme", maxLength: 12 });
		const call = fc.record({ id: text, name: text, argumentsJson: fc.json({ maxDepth: 1 }) });
		const choice = fc.record({
			reasoning: fc.option(text.filter((thought) => thought !== "")),
			text,
			toolCalls: fc.array(call, { maxLength: 3 }),
			finishReason: fc.constantFrom("stop" as const, "length" as const, "tool-calls" as const),
			stopText: fc.option(text),
		});
		fc.assert(
			fc.property(choice, fc.integer({ min: 1, max: 9 }), (fields, size) => {
				const answer = choiceOf(fields);
				expect(join(parsed(eventsOf(answer, cut(answer, size))))).toEqual(render(answer));
			}),
			{ numRuns: 200 },
		);
	});
});

/** Joins events as Anthropic documents it. */
function join(events: readonly MessageEvent[]): Message {
	const [first] = events;
	if (first?.type !== "message_start") throw new Error("No message_start.");
	const json = new Map<number, string>();
	let message = first.message;
	const grow = (index: number, change: (block: Message["content"][number]) => Message["content"][number]) => {
		message = { ...message, content: message.content.map((block, place) => (place === index ? change(block) : block)) };
	};
	for (const event of events) {
		if (event.type === "content_block_start")
			message = { ...message, content: [...message.content, event.content_block] };
		if (event.type === "message_delta") {
			message = { ...message, ...event.delta, usage: { ...message.usage, ...event.usage } };
		}
		if (event.type === "content_block_stop" && json.has(event.index)) {
			const input: unknown = JSON.parse(json.get(event.index) ?? "");
			grow(event.index, (block) => (block.type === "tool_use" ? { ...block, input } : block));
		}
		if (event.type !== "content_block_delta") continue;
		const { delta, index } = event;
		if (delta.type === "input_json_delta") json.set(index, (json.get(index) ?? "") + delta.partial_json);
		grow(index, (block) => {
			if (delta.type === "text_delta" && block.type === "text") return { ...block, text: block.text + delta.text };
			if (delta.type === "thinking_delta" && block.type === "thinking") {
				return { ...block, thinking: block.thinking + delta.thinking };
			}
			return block;
		});
	}
	return message;
}
