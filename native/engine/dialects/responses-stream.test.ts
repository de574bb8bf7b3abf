import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ResponsesEvent, type ResponsesReply, responsesEventSchema } from "../../contract/contract.ts";
import type { Delta, GenerateResult, TokenLogprob, ToolCall } from "../request.ts";
import { resultOf, testContext, translate } from "./responses-testing.ts";
import type { ReplyStream, StreamEvent } from "./translation.ts";

const request = {
	stream: true,
	tools: [
		{ type: "function", name: "read" },
		{ type: "custom", name: "patch" },
	],
	include: ["message.output_text.logprobs"],
};

function streamed() {
	const { stream, render } = translate(request);
	if (stream === null) throw new Error("Not a request to stream.");
	return { begin: stream, render };
}

const read = (events: readonly StreamEvent[]): readonly ResponsesEvent[] =>
	events.map((event) => {
		const data = responsesEventSchema.parse(event.data);
		expect(event.event).toBe(data.type);
		return data;
	});

function run(deltas: readonly Delta[], result: GenerateResult, stream: ReplyStream = streamed().begin(testContext)) {
	return read([...stream.begin(10), ...deltas.flatMap((delta) => stream.push(0, delta)), ...stream.end([result])]);
}

const delta = (fields: Omit<Delta, "choice">): Delta => ({ choice: 0, ...fields });

const typesOf = (events: readonly ResponsesEvent[]) => events.map((event) => event.type.replace("response.", ""));

function lastReply(events: readonly ResponsesEvent[]): ResponsesReply {
	const last = events.at(-1);
	if (last === undefined || !("response" in last)) throw new Error("The last event carries no reply.");
	return last.response;
}

/** Joins the events as a client would, and holds every event against the item it speaks of. */
function join(events: readonly ResponsesEvent[]): readonly unknown[] {
	const texts = new Map<string, string>();
	const logprobs = new Map<string, unknown[]>();
	const items: unknown[] = [];
	const ids: string[] = [];
	for (const event of events) {
		if ("item_id" in event) expect(ids[event.output_index]).toBe(event.item_id);
		if ("delta" in event) texts.set(event.item_id, (texts.get(event.item_id) ?? "") + event.delta);
		if (event.type === "response.output_text.delta") {
			logprobs.set(event.item_id, [...(logprobs.get(event.item_id) ?? []), ...event.logprobs]);
		}
		if (event.type === "response.output_item.added") {
			expect(event.output_index).toBe(ids.length);
			expect(items).toHaveLength(ids.length);
			ids.push(event.item.id);
		}
		if (event.type === "response.output_item.done") {
			expect(event.output_index).toBe(items.length);
			items.push(event.item);
			expect(textOf(event.item)).toBe(texts.get(event.item.id) ?? "");
			if (event.item.type === "message") {
				expect(event.item.content[0]?.logprobs).toEqual(logprobs.get(event.item.id) ?? []);
			}
		}
	}
	return items;
}

function textOf(item: ResponsesReply["output"][number]): string | undefined {
	if (item.type === "function_call") return item.arguments;
	return item.type === "custom_tool_call" ? item.input : item.content[0]?.text;
}

describe("a responses stream", () => {
	test("says a text from the reply's beginning to its end", () => {
		const events = run([delta({ text: "Hel" }), delta({ text: "lo" })], resultOf({ text: "Hello" }));
		expect(typesOf(events)).toEqual([
			"created",
			"in_progress",
			"output_item.added",
			"content_part.added",
			"output_text.delta",
			"output_text.delta",
			"output_text.done",
			"content_part.done",
			"output_item.done",
			"completed",
		]);
		expect(events.map((event) => event.sequence_number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
		expect(events[0]).toMatchObject({ response: { id: "resp_1", status: "in_progress", output: [], usage: null } });
		expect(events[2]).toMatchObject({ item: { id: "msg_1_0", status: "in_progress", content: [] } });
		expect(events[3]).toMatchObject({ item_id: "msg_1_0", part: { text: "", annotations: [] } });
	});

	test("closes each item when the next begins", () => {
		const toolCalls = [
			{ id: "call_1", name: "read", argumentsJson: '{"a":1}' },
			{ id: "call_2", name: "patch", argumentsJson: '{"input":"x\\ny"}' },
		];
		const events = run(
			[
				delta({ reasoning: "Hm." }),
				delta({ toolCalls: [{ index: 0, id: "call_1", name: "read", argumentsJson: '{"a"' }] }),
				delta({ toolCalls: [{ index: 0, argumentsJson: ":1}" }] }),
				delta({ toolCalls: [{ index: 1, id: "call_2", name: "patch", argumentsJson: '{"input":"x' }] }),
				delta({ toolCalls: [{ index: 1, argumentsJson: '\\ny"}' }] }),
			],
			resultOf({ reasoning: "Hm.", toolCalls, finishReason: "tool-calls" }),
		);
		expect(typesOf(events).slice(2)).toEqual([
			"output_item.added",
			"content_part.added",
			"reasoning_text.delta",
			"reasoning_text.done",
			"content_part.done",
			"output_item.done",
			"output_item.added",
			"function_call_arguments.delta",
			"function_call_arguments.delta",
			"function_call_arguments.done",
			"output_item.done",
			"output_item.added",
			"custom_tool_call_input.delta",
			"custom_tool_call_input.done",
			"output_item.done",
			"completed",
		]);
		expect(join(events)[2]).toMatchObject({ id: "ctc_1_2", call_id: "call_2", input: "x\ny" });
	});

	test("says at the end what no delta said", () => {
		const toolCalls = [{ id: "call_1", name: "read", argumentsJson: '{"a":1}' }];
		const result = resultOf({ reasoning: "Hm.", text: "Hello", toolCalls, finishReason: "tool-calls" });
		const events = run([delta({ reasoning: "H" })], result);
		expect(join(events)).toEqual(streamed().render([result], testContext).output);
	});

	test("goes on with a call it has begun before anything else the end brings", () => {
		const toolCalls = [
			{ id: "call_1", name: "read", argumentsJson: '{"a":1}' },
			{ id: "call_2", name: "read", argumentsJson: "{}" },
		];
		const begun = delta({ toolCalls: [{ index: 0, id: "call_1", name: "read", argumentsJson: '{"a"' }] });
		const events = run([begun], resultOf({ text: "After.", toolCalls, finishReason: "tool-calls" }));
		expect(join(events)).toMatchObject([{ arguments: '{"a":1}' }, { type: "message" }, { call_id: "call_2" }]);
	});

	test("has a text after a call as an item after it, in the last reply too", () => {
		const toolCalls = [{ id: "call_1", name: "read", argumentsJson: "{}" }];
		const events = run(
			[
				delta({ text: "Before. " }),
				delta({ toolCalls: [{ index: 0, id: "call_1", name: "read", argumentsJson: "{}" }] }),
				delta({ text: "After." }),
			],
			resultOf({ text: "Before. After.", toolCalls, finishReason: "tool-calls" }),
		);
		const items = join(events);
		expect(items).toMatchObject([
			{ content: [{ text: "Before. " }] },
			{ call_id: "call_1" },
			{ content: [{ text: "After." }] },
		]);
		expect(lastReply(events).output).toEqual(items);
	});

	test("that was cut short ends as incomplete", () => {
		const events = run([delta({ text: "Hel" })], resultOf({ text: "Hel", finishReason: "length" }));
		expect(typesOf(events).at(-1)).toBe("incomplete");
		expect(join(events)).toMatchObject([{ status: "incomplete" }]);
		expect(lastReply(events)).toMatchObject({
			status: "incomplete",
			incomplete_details: { reason: "max_output_tokens" },
		});
	});

	test.each([
		[500, "server_error", "inference_process_died", "server_error"],
		[503, "server_error", "aborted", "server_error"],
		[400, "invalid_request_error", "invalid_value", "invalid_prompt"],
		[400, "invalid_request_error", "context_length_exceeded", "context_length_exceeded"],
		[429, "rate_limit_error", null, "rate_limit_exceeded"],
	] as const)("that fails with %i %s %s says %s", (status, type, code, expected) => {
		const stream = streamed().begin(testContext);
		stream.begin(10);
		stream.push(0, delta({ text: "Hel" }));
		const events = read(stream.fail({ status, type, message: "It broke.", param: null, code }));
		expect(typesOf(events)).toEqual(["failed"]);
		expect(lastReply(events)).toMatchObject({
			status: "failed",
			error: { code: expected, message: "It broke." },
			output: [{ type: "message", status: "incomplete", content: [{ text: "Hel" }] }],
		});
	});

	test("joined says what the reply in one piece says, wherever it is cut", () => {
		const text = fc.string({ unit: "grapheme", maxLength: 12 });
		const call = fc.record({
			name: fc.constantFrom("read", "patch"),
			argumentsJson: fc.oneof(
				text,
				text.map((input) => JSON.stringify({ input })),
			),
		});
		const token = fc.record({
			token: text,
			bytes: fc.array(fc.nat(255), { maxLength: 3 }),
			logprob: fc.oneof(fc.constant(Number.NEGATIVE_INFINITY), fc.integer({ min: -9, max: 0 })),
		});
		const logprob = fc.tuple(token, fc.array(token, { maxLength: 2 })).map(([own, top]) => ({ ...own, top }));
		const arbitrary = fc.record({
			reasoning: fc.option(text),
			text,
			calls: fc.array(call, { maxLength: 3 }),
			logprobs: fc.array(logprob, { maxLength: 5 }),
			isCut: fc.boolean(),
			cuts: fc.infiniteStream(fc.nat(4)),
			untold: fc.nat(3),
		});
		fc.assert(
			fc.property(arbitrary, ({ reasoning, text: whole, calls, logprobs, isCut, cuts, untold }) => {
				const toolCalls = calls.map((one, index) => ({ id: `call_${index}`, ...one }));
				const kept = whole === "" ? [] : logprobs;
				const result = resultOf({
					reasoning,
					text: whole,
					toolCalls,
					logprobs: kept,
					finishReason: isCut ? "length" : "stop",
				});
				const deltas = cutUp({ reasoning: reasoning ?? "", text: whole, toolCalls, logprobs: kept }, cuts);
				const { begin, render } = streamed();
				const events = run(deltas.slice(0, deltas.length - untold), result, begin(testContext));
				const rendered = render([result], testContext);
				expect(join(events)).toEqual(rendered.output);
				expect(lastReply(events)).toEqual(rendered);
				expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
			}),
			{ numRuns: 500 },
		);
	});
});

interface Whole {
	readonly reasoning: string;
	readonly text: string;
	readonly toolCalls: readonly ToolCall[];
	readonly logprobs: readonly TokenLogprob[];
}

/** The deltas an engine might send for an answer: pieces of any length, log probabilities no earlier than their text begins. */
function cutUp({ reasoning, text, toolCalls, logprobs }: Whole, cuts: Iterator<number>): readonly Delta[] {
	const next = (): number => Number(cuts.next().value) + 1;
	const pieces = (whole: string): string[] => {
		const cut: string[] = [];
		for (let rest = whole; rest !== ""; rest = rest.slice(cut.at(-1)?.length)) cut.push(rest.slice(0, next()));
		return cut;
	};
	const deltas: Delta[] = pieces(reasoning).map((piece) => delta({ reasoning: piece }));
	let told = 0;
	for (const piece of pieces(text)) {
		const some = logprobs.slice(told, told + next() - 1);
		told += some.length;
		deltas.push(delta({ text: piece, ...(some.length === 0 ? {} : { logprobs: some }) }));
	}
	// What is left is told with the end of the text, by a delta of its own.
	if (told < logprobs.length && toolCalls.length > 0) deltas.push(delta({ text: "", logprobs: logprobs.slice(told) }));
	for (const [index, { id, name, argumentsJson }] of toolCalls.entries()) {
		deltas.push(delta({ toolCalls: [{ index, id, name }] }));
		for (const piece of pieces(argumentsJson)) deltas.push(delta({ toolCalls: [{ index, argumentsJson: piece }] }));
	}
	return deltas;
}
