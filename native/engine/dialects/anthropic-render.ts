/** `/v1/messages`: the reply. */
import { assertNever } from "../../base/base.ts";
import type { AnswerBlock, Message, MessageUsage, StopReason } from "../../contract/contract.ts";
import type { Choice, EngineResult, GenerateResult, ToolCall } from "../request.ts";
import type { RenderContext } from "./translation.ts";
import { expectGenerated } from "./usage.ts";

/** What a reply depends on beside the result. */
export interface MessageOptions {
	/** The request's limit, to tell a full context from a limit reached. */
	readonly maxTokens: number;
	/** False: the reply says that there were thoughts, but not which (`thinking.display` is `omitted`). */
	readonly showsThinking: boolean;
	readonly context: RenderContext;
}

/** Writes a message. */
export function renderMessage(results: readonly EngineResult[], options: MessageOptions): Message {
	const { result, choice } = expectAnswer(results);
	return {
		...emptyMessage(options.context),
		content: renderBlocks(choice, options),
		stop_reason: renderStopReason(result, choice, options),
		stop_sequence: choice.stopText,
		usage: renderMessageUsage(result, options.context),
	};
}

/** The one answer a message has. */
export function expectAnswer(results: readonly EngineResult[]): {
	readonly result: GenerateResult;
	readonly choice: Choice;
} {
	const [result] = expectGenerated(results);
	const choice = result?.choices[0];
	if (result === undefined || choice === undefined) throw new Error("A message was run, but there is no answer.");
	return { result, choice };
}

/** A message nothing has been written of. */
export function emptyMessage(context: RenderContext, inputTokens = 0): Message {
	return {
		id: context.id,
		type: "message",
		role: "assistant",
		model: context.model,
		content: [],
		stop_reason: null,
		stop_sequence: null,
		stop_details: null,
		usage: usageOf(inputTokens, 0, 0, null),
		container: null,
		diagnostics: null,
	};
}

function renderBlocks(choice: Choice, options: MessageOptions): AnswerBlock[] {
	const blocks: AnswerBlock[] = [];
	if (choice.reasoning !== null) blocks.push(thinkingBlock(options.showsThinking ? choice.reasoning : ""));
	if (choice.text !== "") blocks.push(textBlock(choice.text));
	return [...blocks, ...choice.toolCalls.map((call) => toolUseBlock(call, parseInput(call)))];
}

/** A block of thoughts. */
export function thinkingBlock(thinking: string): AnswerBlock {
	return { type: "thinking", thinking, signature: "" };
}

/** A block of text. */
export function textBlock(text: string): AnswerBlock {
	return { type: "text", text, citations: null };
}

/** A block that calls a tool. */
export function toolUseBlock({ id, name }: Pick<ToolCall, "id" | "name">, input: unknown): AnswerBlock {
	return { type: "tool_use", id, name, input, caller: { type: "direct" } };
}

/** What `toolUseBlockSchema` says of broken JSON. No arguments at all are no input, which is an empty one. */
function parseInput({ argumentsJson }: ToolCall): unknown {
	if (argumentsJson.trim() === "") return {};
	try {
		return JSON.parse(argumentsJson);
	} catch {
		// Models write broken JSON; who called is shown what it wrote.
		return argumentsJson;
	}
}

/** Why the answer ended. */
export function renderStopReason(result: GenerateResult, choice: Choice, options: MessageOptions): StopReason {
	switch (choice.finishReason) {
		case "stop":
			return choice.stopText === null ? "end_turn" : "stop_sequence";
		case "length":
			return result.completionTokens < options.maxTokens ? "model_context_window_exceeded" : "max_tokens";
		case "tool-calls":
			return "tool_use";
		default:
			return assertNever(choice.finishReason);
	}
}

/** Counts of one message. What was cached depends on luck and counts as read anew where luck must not show. */
export function renderMessageUsage(result: GenerateResult, context: RenderContext): MessageUsage {
	const cachedTokens = context.includeCachedTokens ? result.cachedTokens : 0;
	return usageOf(
		result.promptTokens - cachedTokens,
		result.completionTokens,
		cachedTokens,
		result.reasoningTokens === 0 ? null : result.reasoningTokens,
	);
}

function usageOf(input: number, output: number, cached: number, thinking: number | null): MessageUsage {
	return {
		input_tokens: input,
		output_tokens: output,
		cache_creation_input_tokens: 0,
		cache_read_input_tokens: cached,
		cache_creation: null,
		output_tokens_details: thinking === null ? null : { thinking_tokens: thinking },
		server_tool_use: null,
		service_tier: null,
		inference_geo: null,
		speed: null,
	};
}
