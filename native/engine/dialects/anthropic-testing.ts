/** What the tests of Anthropic's dialect share. */
import type { Choice, Delta, GenerateRequest, GenerateResult } from "../request.ts";
import { parseMessages } from "./anthropic-messages.ts";
import type { RenderContext } from "./translation.ts";

/** The least a request needs. */
export const PLAIN = { model: "demo", max_tokens: 64, messages: [{ role: "user", content: "Hello" }] };

/** What replies are rendered with. */
export const CONTEXT: RenderContext = {
	id: "msg_1",
	createdSeconds: 7,
	model: "demo",
	systemFingerprint: "fp_1",
	includeCachedTokens: true,
};

/** The translation of a plain request with these fields; faults are thrown in words. */
export function translate(fields: object) {
	const parsed = parseMessages({ ...PLAIN, ...fields }, { allowStream: true, defaultModel: null });
	if (!parsed.ok) throw new Error(parsed.error.map((fault) => fault.message).join("\n"));
	return parsed.value;
}

/** The engine's request for a plain request with these fields. */
export function generateOf(fields: object): GenerateRequest {
	const [request] = translate(fields).requests;
	if (request?.kind !== "generate") throw new Error("Not a generate request.");
	return request;
}

/** The faults of a plain request with these fields, in words. */
export function faultsOf(fields: object, allowStream = true): readonly string[] {
	const parsed = parseMessages({ ...PLAIN, ...fields }, { allowStream, defaultModel: null });
	return parsed.ok ? [] : parsed.error.map((fault) => fault.message);
}

/** An answer with these parts. */
export function choiceOf(fields: Partial<Choice>): Choice {
	return {
		text: "",
		reasoning: null,
		toolCalls: [],
		finishReason: "stop",
		stopText: null,
		logprobs: null,
		...fields,
	};
}

/** What the engine gives for one answer. */
export function resultOf(choice: Choice, fields: Partial<GenerateResult> = {}): GenerateResult {
	return {
		kind: "generate",
		choices: [choice],
		promptTokens: 10,
		cachedTokens: 4,
		completionTokens: 64,
		reasoningTokens: choice.reasoning === null ? 0 : 3,
		timings: { queuedMs: 1, prefillMs: 2, decodeMs: 3 },
		...fields,
	};
}

/** The deltas an engine might send for an answer: thoughts, text, then calls, each cut after so many characters. */
export function cut(choice: Choice, size: number): readonly Delta[] {
	const pieces = (text: string) => text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
	return [
		...pieces(choice.reasoning ?? "").map((reasoning) => ({ choice: 0, reasoning })),
		...pieces(choice.text).map((text) => ({ choice: 0, text })),
		...choice.toolCalls.flatMap(({ id, name, argumentsJson }, index) => [
			{ choice: 0, toolCalls: [{ index, id, name }] },
			...pieces(argumentsJson).map((piece) => ({ choice: 0, toolCalls: [{ index, argumentsJson: piece }] })),
		]),
	];
}

/** The events of a whole stream of an answer. */
export function eventsOf(choice: Choice, deltas: readonly Delta[], fields: object = {}) {
	const stream = translate({ stream: true, ...fields }).stream?.(CONTEXT);
	if (stream === undefined) throw new Error("Not a stream.");
	const result = resultOf(choice);
	return [
		...stream.begin(result.promptTokens),
		...deltas.flatMap((delta) => stream.push(0, delta)),
		...stream.end([result]),
	];
}
