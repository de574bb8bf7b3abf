import type { Token } from "node-llama-cpp";
import { describe, expect, it } from "vitest";
import { type AnswerOptions, createAnswer } from "./answer.ts";
import { detectThinking } from "./reasoning.ts";
import { detectToolStyle } from "./tools.ts";

const isToken = (value: number): value is Token => value >= 0;

/** Runs an answer whose tokens are the given bytes or texts. */
function write(pieces: readonly (string | readonly number[])[], more: Partial<AnswerOptions> = {}) {
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
		random: () => "0123456789abcdef",
		...more,
	});
	const deltas: string[] = [];
	const logprobs: number[] = [];
	const take = () => {
		const delta = answer.takeDelta();
		if (delta?.text !== undefined) deltas.push(delta.text);
		logprobs.push(...(delta?.logprobs ?? []).map((entry) => entry.logprob));
	};
	for (const index of pieces.keys()) {
		if (!isToken(index)) throw new Error("unreachable");
		const logprob = more.wantsLogprobs ? { token: String(pieces[index]), bytes: [], logprob: -index, top: [] } : null;
		if (answer.push(index, logprob)) break;
		take();
	}
	const choice = answer.finish("length");
	take();
	return { choice, deltas, logprobs, answer };
}

describe("an answer", () => {
	it("joins characters that were split over tokens", () => {
		const { choice, deltas } = write([[0xc3], [0xa9], "!"]);
		expect(choice.text).toBe("é!");
		expect(deltas).toEqual(["é", "!"]);
	});

	it("leaves out the stop text and the log probabilities of what was cut", () => {
		const { choice, logprobs } = write(["one", " ST", "OP", " two"], { stop: [" STOP"], wantsLogprobs: true });
		expect(choice).toMatchObject({ text: "one", finishReason: "stop", stopText: " STOP" });
		expect(choice.logprobs?.map((entry) => entry.logprob)).toEqual([-0]);
		expect(logprobs).toEqual([-0]);
	});

	it("puts the echoed prompt in front, once", () => {
		const { choice, deltas } = write(["a", "b"], { lead: "Prompt: " });
		expect(choice.text).toBe("Prompt: ab");
		expect(deltas.join("")).toBe("Prompt: ab");
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
