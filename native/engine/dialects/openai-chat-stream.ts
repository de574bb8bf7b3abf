/** `/v1/chat/completions`: the reply in pieces. */
import type { ChatChunk, ChatDelta, ChatLogprobs, CompletionUsage } from "../../contract/contract.ts";
import type { Delta, ToolCallDelta } from "../request.ts";
import { renderChatLogprobs, renderFinishReason } from "./chat-render.ts";
import { chunkEvent, DONE_EVENT, failEvents, type StreamWish } from "./openai-events.ts";
import type { RenderContext, ReplyStream } from "./translation.ts";
import { expectGenerated, renderUsage } from "./usage.ts";

/** What a chat stream is to say. */
export interface ChatStreamOptions extends StreamWish {
	/** Answers, OpenAI's n. */
	readonly choices: number;
	/** The request spoke of functions, so the answer does. */
	readonly legacy: boolean;
	readonly context: RenderContext;
}

type ChunkChoice = ChatChunk["choices"][number];

/** Starts the writer of one chat completion in pieces. */
export function createChatStream(options: ChatStreamOptions): ReplyStream {
	const { context, includeUsage, legacy } = options;

	const chunk = (choices: readonly ChunkChoice[], usage: CompletionUsage | null) =>
		chunkEvent({
			id: context.id,
			object: "chat.completion.chunk",
			created: context.createdSeconds,
			model: context.model,
			choices,
			...(includeUsage ? { usage } : {}),
			system_fingerprint: context.systemFingerprint,
		} satisfies ChatChunk);
	const piece = (index: number, delta: ChatDelta, logprobs: ChatLogprobs | null = null) =>
		chunk([{ index, delta, logprobs, finish_reason: null }], null);

	return {
		// Before the first piece, so that a client knows that the answer is under way while the prompt is read.
		begin: () =>
			Array.from({ length: options.choices }, (_, index) => piece(index, { role: "assistant", content: "" })),
		push(request, delta) {
			const index = request * options.choices + delta.choice;
			const events = [];
			if (delta.reasoning !== undefined) events.push(piece(index, { reasoning_content: delta.reasoning }));
			if (delta.text !== undefined || delta.logprobs !== undefined) {
				events.push(piece(index, { content: delta.text ?? "" }, renderChatLogprobs(delta.logprobs ?? null)));
			}
			return [...events, ...renderCalls(delta, legacy).map((part) => piece(index, part))];
		},
		end(results) {
			const generated = expectGenerated(results);
			const answers = generated.flatMap((result) => result.choices);
			const last = answers.map(({ finishReason }, index) =>
				chunk([{ index, delta: {}, logprobs: null, finish_reason: renderFinishReason(finishReason, legacy) }], null),
			);
			const usage = includeUsage ? [chunk([], renderUsage(generated, context.includeCachedTokens))] : [];
			return [...last, ...usage, DONE_EVENT];
		},
		fail: failEvents,
	};
}

/** The pieces of calls, one a chunk: clients that mind only the first of several lose nothing. */
function renderCalls(delta: Delta, legacy: boolean): readonly ChatDelta[] {
	const calls = delta.toolCalls ?? [];
	return legacy ? calls.flatMap(renderFunctionCall) : calls.flatMap(renderToolCall);
}

function renderToolCall({ index, id, name, argumentsJson }: ToolCallDelta): readonly ChatDelta[] {
	const parts: ChatDelta[] = [];
	if (id !== undefined && name !== undefined) {
		parts.push({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] });
	}
	if (argumentsJson !== undefined) parts.push({ tool_calls: [{ index, function: { arguments: argumentsJson } }] });
	return parts;
}

/** The older way has room for one call. */
function renderFunctionCall({ index, name, argumentsJson }: ToolCallDelta): readonly ChatDelta[] {
	const parts: ChatDelta[] = [];
	if (index > 0) return parts;
	if (name !== undefined) parts.push({ function_call: { name, arguments: "" } });
	if (argumentsJson !== undefined) parts.push({ function_call: { arguments: argumentsJson } });
	return parts;
}
