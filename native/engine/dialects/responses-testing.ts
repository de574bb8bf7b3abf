/** What the tests of the responses dialect share. */
import { type ResponsesReply, responsesReplySchema } from "../../contract/contract.ts";
import type { ChatMessage, Choice, GenerateRequest, GenerateResult, Prompt } from "../request.ts";
import { parseResponses } from "./openai-responses.ts";
import type { RenderContext, Translation } from "./translation.ts";

/** Of a reply to a live request. */
export const testContext: RenderContext = {
	id: "resp_1",
	createdSeconds: 7,
	model: "demo",
	systemFingerprint: "fp_1",
	includeCachedTokens: true,
};

/** A request of one word, with `fields` more or instead. */
export function bodyWith(fields: object): object {
	return { model: "demo", input: "Hello", ...fields };
}

/** The request understood; throws where it has faults. */
export function translate(fields: object): Translation<ResponsesReply> {
	const parsed = parseResponses(bodyWith(fields), { allowStream: true, defaultModel: null });
	if (!parsed.ok) throw new Error(parsed.error.map((fault) => fault.message).join("\n"));
	return parsed.value;
}

/** What the request comes to in the engine. */
export function generateOf(fields: object): GenerateRequest {
	const [request] = translate(fields).requests;
	if (request?.kind !== "generate") throw new Error("Not a generate request.");
	return request;
}

/** The chat the request comes to. */
export function chatOf(fields: object): Extract<Prompt, { kind: "chat" }> {
	const { prompt } = generateOf(fields);
	if (prompt.kind !== "chat") throw new Error("Not a chat.");
	return prompt;
}

/** The messages of that chat. */
export function messagesOf(fields: object): readonly ChatMessage[] {
	return chatOf(fields).messages;
}

/** Field and code of each fault of the request, sent in a batch. */
export function faultsOf(fields: object): readonly (readonly [string | null, string | null])[] {
	const parsed = parseResponses(bodyWith(fields), { allowStream: false, defaultModel: null });
	return parsed.ok ? [] : parsed.error.map(({ param, code }) => [param, code] as const);
}

/** What an engine gives for one answer. */
export function resultOf(fields: Partial<Choice>): GenerateResult {
	const choice: Choice = {
		text: "",
		reasoning: null,
		toolCalls: [],
		finishReason: "stop",
		stopText: null,
		logprobs: null,
		...fields,
	};
	return {
		kind: "generate",
		choices: [choice],
		promptTokens: 10,
		cachedTokens: 4,
		completionTokens: 2,
		reasoningTokens: 1,
		timings: { queuedMs: 1, prefillMs: 2, decodeMs: 3 },
	};
}

/** The reply to a request, checked against its schema. */
export function replyTo(request: object, fields: Partial<Choice>, over: Partial<RenderContext> = {}): ResponsesReply {
	return responsesReplySchema.parse(translate(request).render([resultOf(fields)], { ...testContext, ...over }));
}
