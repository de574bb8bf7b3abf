/** What the tests of OpenAI's streams share: answers that grow at random, and a way into real SDKs. */
import fc from "fast-check";
import type { Choice, Delta, GenerateResult, TokenLogprob, ToolCall, ToolCallDelta } from "../request.ts";
import type { RenderContext, ReplyStream, StreamEvent } from "./translation.ts";

/** What replies are rendered with. */
export const CONTEXT: RenderContext = {
	id: "chatcmpl-1",
	createdSeconds: 7,
	model: "demo",
	systemFingerprint: "fp_1",
	includeCachedTokens: true,
};

/** The answers that deltas of one request grow into. */
export function grow(choices: number, deltas: readonly Delta[], more: Partial<Choice> = {}): GenerateResult {
	return {
		kind: "generate",
		choices: Array.from({ length: choices }, (_, index) => ({
			...growChoice(deltas.filter((delta) => delta.choice === index)),
			...more,
		})),
		promptTokens: 10,
		cachedTokens: 4,
		completionTokens: deltas.length,
		reasoningTokens: 1,
		timings: { queuedMs: 1, prefillMs: 2, decodeMs: 3 },
	};
}

function growChoice(deltas: readonly Delta[]): Choice {
	const calls: ToolCall[] = [];
	for (const { index, id, name, argumentsJson } of deltas.flatMap((delta) => delta.toolCalls ?? [])) {
		const call = calls[index] ?? { id: id ?? "", name: name ?? "", argumentsJson: "" };
		calls[index] = { ...call, argumentsJson: call.argumentsJson + (argumentsJson ?? "") };
	}
	const logprobs = deltas.flatMap((delta) => delta.logprobs ?? []);
	const reasoning = deltas.map((delta) => delta.reasoning ?? "").join("");
	return {
		text: deltas.map((delta) => delta.text ?? "").join(""),
		reasoning: reasoning === "" ? null : reasoning,
		toolCalls: calls,
		finishReason: calls.length > 0 ? "tool-calls" : "stop",
		stopText: null,
		logprobs: logprobs.length > 0 ? logprobs : null,
	};
}

/** What a model might do next in one of several answers. */
const step = fc.record({
	choice: fc.nat(),
	reasoning: fc.option(fc.string({ minLength: 1, unit: "grapheme" }), { nil: undefined, freq: 1 }),
	text: fc.option(fc.string({ minLength: 1, unit: "grapheme" }), { nil: undefined }),
	beginsCall: fc.boolean(),
	argumentsJson: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
	hasLogprobs: fc.boolean(),
});

/** Deltas of one request in the order an engine sends them, with everything a delta can carry, alone and together. */
export function arbitraryDeltas(choices: number): fc.Arbitrary<readonly Delta[]> {
	return fc.array(step, { maxLength: 20 }).map((steps) => {
		const begun = new Map<number, number>();
		return steps.flatMap(({ choice: draw, reasoning, text, beginsCall, argumentsJson, hasLogprobs }): Delta[] => {
			const choice = draw % choices;
			if (beginsCall) begun.set(choice, (begun.get(choice) ?? 0) + 1);
			const index = (begun.get(choice) ?? 0) - 1;
			const identity = beginsCall ? { id: `call_${index}`, name: `f${index}` } : {};
			const call: ToolCallDelta = { index, ...identity, ...(argumentsJson === undefined ? {} : { argumentsJson }) };
			const parts = {
				...(reasoning === undefined ? {} : { reasoning }),
				...(text === undefined ? {} : { text }),
				...(index >= 0 && Object.keys(call).length > 1 ? { toolCalls: [call] } : {}),
				...(hasLogprobs ? { logprobs: [...(text ?? "")].map(logprobOf) } : {}),
			};
			return Object.keys(parts).length === 0 ? [] : [{ choice, ...parts }];
		});
	});
}

/** A token with a log probability. */
export function logprobOf(token: string): TokenLogprob {
	const probability = { token, bytes: [...Buffer.from(token)], logprob: -0.5 };
	return { ...probability, top: [probability] };
}

/** All events of a stream of one request's answers. */
export function eventsOf(
	stream: ReplyStream,
	deltas: readonly Delta[],
	result: GenerateResult,
): readonly StreamEvent[] {
	return [
		...stream.begin(result.promptTokens),
		...deltas.flatMap((delta) => stream.push(0, delta)),
		...stream.end([result]),
	];
}

/** A `fetch` that answers every request with these events, for a client to read as if they came from a server. */
export function replay(events: readonly StreamEvent[]): () => Promise<Response> {
	const records = events.map(({ event, data }) => {
		const text = typeof data === "string" ? data : JSON.stringify(data);
		return `${event === null ? "" : `event: ${event}\n`}data: ${text}\n\n`;
	});
	return async () => new Response(records.join(""), { headers: { "content-type": "text/event-stream" } });
}
