import fc from "fast-check";
import type { Token } from "node-llama-cpp";
import { describe, expect, it } from "vitest";
import type { Delta } from "../request.ts";
import { type AnswerOptions, createAnswer } from "./answer.ts";
import { detectThinking } from "./reasoning.ts";
import { detectToolStyle } from "./tools.ts";

const isToken = (value: number): value is Token => value >= 0;

/** Runs an answer whose tokens are the given bytes or texts. */
function write(
	pieces: readonly (string | readonly number[])[],
	more: Partial<AnswerOptions> = {},
	reason: "stop" | "length" = "length",
) {
	const bytes = pieces.map((piece) =>
		typeof piece === "string" ? new TextEncoder().encode(piece) : Uint8Array.from(piece),
	);
	const answer = createAnswer({
		choice: 0,
		stop: [],
		lead: "",
		thinking: null,
		startsThinking: false,
		tools: null,
		parallelToolCalls: true,
		wantsLogprobs: false,
		bytesOf: (token) => bytes[token] ?? new Uint8Array(0),
		nextId: () => "0123456789abcdef",
		...more,
	});
	const deltas: Delta[] = [];
	const take = () => {
		const delta = answer.takeDelta();
		if (delta !== null) deltas.push(delta);
	};
	for (const index of pieces.keys()) {
		if (!isToken(index)) throw new Error("unreachable");
		const logprob = more.wantsLogprobs ? { token: String(pieces[index]), bytes: [], logprob: -index, top: [] } : null;
		if (answer.push(index, logprob)) break;
		take();
	}
	const choice = answer.finish(reason);
	take();
	return { choice, deltas, answer };
}

describe("an answer", () => {
	it("joins characters that were split over tokens", () => {
		const { choice, deltas } = write([[0xc3], [0xa9], "!"]);
		expect(choice.text).toBe("é!");
		expect(deltas.map((delta) => delta.text)).toEqual(["é", "!"]);
	});

	it("leaves out the stop text and the log probabilities of what was cut", () => {
		const { choice, deltas } = write(["one", " ST", "OP", " two"], { stop: [" STOP"], wantsLogprobs: true });
		expect(choice).toMatchObject({ text: "one", finishReason: "stop", stopText: " STOP" });
		expect(choice.logprobs?.map((entry) => entry.logprob)).toEqual([-0]);
		expect(join(deltas).logprobs).toEqual(choice.logprobs);
	});

	it("puts the echoed prompt in front, once", () => {
		const { choice, deltas } = write(["a", "b"], { lead: "Prompt: " });
		expect(choice.text).toBe("Prompt: ab");
		expect(join(deltas).text).toBe("Prompt: ab");
	});

	it("counts thoughts apart, and stops only in the answer", () => {
		const thinking = detectThinking("</think>");
		const { choice, answer } = write(["<think>", "x STOP y", "</think>", "Yes", " STOP no"], {
			thinking,
			stop: [" STOP"],
		});
		expect(choice).toMatchObject({ text: "Yes", reasoning: "x STOP y", stopText: " STOP" });
		expect(answer.reasoningTokens).toBe(2);
	});

	it("turns calls into calls, and ends after the first where only one is allowed", () => {
		const call = '<tool_call>{"name": "f", "arguments": {}}</tool_call>';
		const tools = detectToolStyle("<tool_call>");
		const both = write(["Hm. ", call, "\n", call], { tools });
		expect(both.choice).toMatchObject({ text: "Hm.", finishReason: "tool-calls" });
		expect(both.choice.toolCalls.map((one) => one.name)).toEqual(["f", "f"]);
		const one = write([call, call, "never"], { tools, parallelToolCalls: false });
		expect(one.choice.toolCalls).toHaveLength(1);
		expect(one.answer.completionTokens).toBe(1);
	});
});

/** What the deltas of an answer say together. */
function join(deltas: readonly Delta[]) {
	const calls: { id: string; name: string; argumentsJson: string }[] = [];
	for (const { index, id, name, argumentsJson } of deltas.flatMap((delta) => delta.toolCalls ?? [])) {
		const call = calls[index] ?? { id: id ?? "?", name: name ?? "?", argumentsJson: "" };
		calls[index] = { ...call, argumentsJson: call.argumentsJson + (argumentsJson ?? "") };
	}
	return {
		text: deltas.map((delta) => delta.text ?? "").join(""),
		reasoning: deltas.map((delta) => delta.reasoning ?? "").join("") || null,
		toolCalls: calls,
		logprobs: deltas.flatMap((delta) => delta.logprobs ?? []),
	};
}

describe("the pieces of an answer", () => {
	const tools = detectToolStyle("<tool_call>");

	it("show a long call while it is written, under the id it ends up with", () => {
		const pieces = ["<tool_call>", '{"name": "save", ', '"arguments": {', '"text": "a', " b", '"}}', "</tool_call>"];
		const { choice, deltas } = write(pieces, { tools });
		expect(deltas.map((delta) => delta.toolCalls)).toEqual([
			[{ index: 0, id: "call_0123456789abcdef", name: "save", argumentsJson: "{" }],
			[{ index: 0, argumentsJson: '"text": "a' }],
			[{ index: 0, argumentsJson: " b" }],
			[{ index: 0, argumentsJson: '"}' }],
		]);
		expect(choice).toMatchObject({ text: "", finishReason: "tool-calls", toolCalls: join(deltas).toolCalls });
	});

	it("end as cut off by the limit when the arguments are, and as calls when the model ended them", () => {
		const pieces = ['<tool_call>{"name": "f", "arguments": {"a": ', "1"];
		const cutOff = { toolCalls: [{ name: "f", argumentsJson: '{"a": 1' }], text: "" };
		expect(write(pieces, { tools }).choice).toMatchObject({ ...cutOff, finishReason: "length" });
		expect(write(pieces, { tools }, "stop").choice).toMatchObject({ ...cutOff, finishReason: "tool-calls" });
	});

	it("say together what the whole answer says", () => {
		const part = fc.constantFrom(
			"<think>hm</think>",
			"Hello ",
			" STOP",
			"é",
			'<tool_call>{"name": "f", "arguments": {"a": "x"}}</tool_call>\n',
			'<tool_call>{"name": "g"}</tool_call>',
			"<tool_call>",
			'{"name": "f", "arguments": {',
		);
		const pieces = fc.array(part, { maxLength: 8 }).chain((parts) => {
			const bytes = [...new TextEncoder().encode(parts.join(""))];
			return fc.uniqueArray(fc.nat(bytes.length)).map((places) => {
				const sorted = [0, ...places.sort((one, other) => one - other), bytes.length];
				return sorted.slice(1).map((place, index) => bytes.slice(sorted[index], place));
			});
		});
		const options = fc.record({
			stop: fc.constantFrom([], [" STOP"]),
			lead: fc.constantFrom("", "Lead "),
			thinking: fc.constantFrom(null, detectThinking("</think>")),
			tools: fc.constantFrom(null, tools),
			parallelToolCalls: fc.boolean(),
			wantsLogprobs: fc.constant(true),
		});
		fc.assert(
			fc.property(pieces, options, (given, more) => {
				const { choice, deltas, answer } = write(given, more);
				const { text, reasoning, toolCalls, logprobs } = choice;
				expect(join(deltas)).toEqual({ text, reasoning, toolCalls, logprobs });
				if (choice.stopText === null && more.thinking === null) expect(logprobs).toHaveLength(answer.completionTokens);
			}),
		);
	});
});
