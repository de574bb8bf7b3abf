/** `/v1/chat/completions`: the reply. */
import { assertNever } from "../../base/base.ts";
import type { ChatAnswer, ChatCompletion, ChatFinishReason, ChatLogprobs } from "../../contract/contract.ts";
import type { Choice, EngineResult, FinishReason, TokenLogprob, TokenProbability } from "../request.ts";
import type { RenderContext } from "./translation.ts";
import { expectGenerated, renderUsage } from "./usage.ts";

/** Writes a chat completion. `legacy`: the request spoke of functions, so the answer does. */
export function renderChat(results: readonly EngineResult[], context: RenderContext, legacy: boolean): ChatCompletion {
	const generated = expectGenerated(results);
	const choices = generated.flatMap((result) => result.choices);
	return {
		id: context.id,
		object: "chat.completion",
		created: context.createdSeconds,
		model: context.model,
		choices: choices.map((choice, index) => ({
			index,
			message: renderAnswer(choice, legacy),
			logprobs: renderChatLogprobs(choice.logprobs),
			finish_reason: renderFinishReason(choice.finishReason, legacy),
		})),
		usage: renderUsage(generated, context.includeCachedTokens),
		system_fingerprint: context.systemFingerprint,
	};
}

function renderAnswer(choice: Choice, legacy: boolean): ChatAnswer {
	const calls = choice.toolCalls.map((call) => ({
		id: call.id,
		type: "function" as const,
		function: { name: call.name, arguments: call.argumentsJson },
	}));
	const [first] = calls;
	return {
		role: "assistant",
		content: first !== undefined && choice.text === "" ? null : choice.text,
		refusal: null,
		...(choice.reasoning === null ? {} : { reasoning_content: choice.reasoning }),
		...(first === undefined ? {} : legacy ? { function_call: first.function } : { tool_calls: calls }),
	};
}

/** OpenAI's word for why an answer ended. */
export function renderFinishReason(reason: FinishReason, legacy: boolean): ChatFinishReason {
	switch (reason) {
		case "stop":
		case "length":
			return reason;
		case "tool-calls":
			return legacy ? "function_call" : "tool_calls";
		default:
			return assertNever(reason);
	}
}

/** Log probabilities in chat's shape; null where none were asked for. */
export function renderChatLogprobs(logprobs: readonly TokenLogprob[] | null): ChatLogprobs | null {
	if (logprobs === null) return null;
	return {
		content: logprobs.map((token) => ({ ...renderToken(token), top_logprobs: token.top.map(renderToken) })),
		refusal: null,
	};
}

function renderToken({ token, bytes, logprob }: TokenProbability) {
	return { token, bytes: [...bytes], logprob: finite(logprob) };
}

/** OpenAI's stand-in for a token that can't be: JSON has no minus infinity. */
const IMPOSSIBLE_LOGPROB = -9999;

/** The log probability as JSON can carry it. */
export function finite(logprob: number): number {
	return Number.isFinite(logprob) ? logprob : IMPOSSIBLE_LOGPROB;
}
