/** Gemini's generateContent: the reply. */
import { assertNever } from "../../base/base.ts";
import type {
	GeminiAnswerPart,
	GeminiCandidate,
	GeminiFinishReason,
	GeminiLogprobs,
	GeminiUsage,
	GenerateContentResponse,
} from "../../contract/contract.ts";
import type { Choice, EngineResult, FinishReason, TokenLogprob, TokenProbability, ToolCall } from "../request.ts";
import { finite } from "./chat-render.ts";
import type { RenderContext } from "./translation.ts";
import { expectGenerated, renderUsage } from "./usage.ts";

/** What a reply depends on beside the result. */
export interface GenerateContentOptions {
	/** The answer is a JSON string that is written without its quotes. */
	readonly isBareValue: boolean;
	/** Thoughts are written only where they were asked for; they count in any case. */
	readonly showsThinking: boolean;
	readonly context: RenderContext;
}

/** Writes a reply. */
export function renderGenerateContent(
	results: readonly EngineResult[],
	options: GenerateContentOptions,
): GenerateContentResponse {
	const { id, model, includeCachedTokens } = options.context;
	const generated = expectGenerated(results);
	const usage = renderUsage(generated, includeCachedTokens);
	const thoughts = usage.completion_tokens_details?.reasoning_tokens ?? 0;
	const cached = usage.prompt_tokens_details?.cached_tokens ?? null;
	const usageMetadata: GeminiUsage = {
		promptTokenCount: usage.prompt_tokens,
		candidatesTokenCount: usage.completion_tokens - thoughts,
		totalTokenCount: usage.total_tokens,
		...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts }),
		...(cached === null ? {} : { cachedContentTokenCount: cached }),
	};
	const choices = generated.flatMap((result) => result.choices);
	return {
		candidates: choices.map((choice, index) => renderCandidate(choice, index, options)),
		usageMetadata,
		modelVersion: model,
		responseId: id,
	};
}

function renderCandidate(choice: Choice, index: number, options: GenerateContentOptions): GeminiCandidate {
	const broken: ToolCall[] = [];
	const calls: GeminiAnswerPart[] = [];
	for (const call of choice.toolCalls) {
		const args = parseArguments(call.argumentsJson);
		if (args === null) broken.push(call);
		else calls.push({ functionCall: { id: call.id, name: call.name, args } });
	}
	const parts: GeminiAnswerPart[] = [];
	if (options.showsThinking && choice.reasoning !== null) parts.push({ text: choice.reasoning, thought: true });
	// Clients read the first part, so there is one even where the model said nothing.
	if (choice.text !== "" || choice.toolCalls.length === 0) parts.push({ text: renderText(choice.text, options) });
	return {
		content: { role: "model", parts: [...parts, ...calls] },
		finishReason: renderFinishReason(choice.finishReason, broken.length > 0),
		...(broken.length === 0 ? {} : { finishMessage: describeBroken(broken) }),
		index,
		...(choice.logprobs === null ? {} : renderLogprobs(choice.logprobs)),
	};
}

function renderText(text: string, { isBareValue }: GenerateContentOptions): string {
	if (!isBareValue) return text;
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "string" ? value : text;
	} catch {
		// Cut off by the limit on tokens: what there is of the value, without the quote that opens it.
		return text.replace(/^\s*"/, "");
	}
}

/** Null: the model wrote something that is no JSON object. No arguments at all are an empty one. */
function parseArguments(text: string): { readonly [key: string]: unknown } | null {
	if (text.trim() === "") return {};
	try {
		const value: unknown = JSON.parse(text);
		return isRecord(value) ? value : null;
	} catch {
		// Models write broken JSON; the reply says so in Google's way.
		return null;
	}
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What the model really wrote is told, and not only that it was wrong. */
function describeBroken(calls: readonly ToolCall[]): string {
	return `Malformed function call: ${calls.map(({ name, argumentsJson }) => `${name}(${argumentsJson})`).join("; ")}`;
}

function renderFinishReason(reason: FinishReason, isMalformed: boolean): GeminiFinishReason {
	switch (reason) {
		case "length":
			return "MAX_TOKENS";
		case "stop":
		case "tool-calls":
			return isMalformed ? "MALFORMED_FUNCTION_CALL" : "STOP";
		default:
			return assertNever(reason);
	}
}

function renderLogprobs(logprobs: readonly TokenLogprob[]): {
	readonly avgLogprobs?: number;
	readonly logprobsResult: GeminiLogprobs;
} {
	const chosenCandidates = logprobs.map(renderToken);
	const sum = chosenCandidates.reduce((total, token) => total + token.logProbability, 0);
	const hasAlternatives = logprobs.some((token) => token.top.length > 0);
	return {
		...(logprobs.length === 0 ? {} : { avgLogprobs: sum / logprobs.length }),
		logprobsResult: {
			chosenCandidates,
			...(hasAlternatives
				? { topCandidates: logprobs.map((token) => ({ candidates: token.top.map(renderToken) })) }
				: {}),
		},
	};
}

function renderToken({ token, logprob }: TokenProbability) {
	return { token, logProbability: finite(logprob) };
}
