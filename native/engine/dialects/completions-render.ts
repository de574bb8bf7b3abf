/** `/v1/completions`: the reply. */
import type { CompletionLogprobs, CompletionObject } from "../../contract/contract.ts";
import type { EngineResult, FinishReason, TokenLogprob, TokenProbability } from "../request.ts";
import { finite } from "./chat-render.ts";
import type { RenderContext } from "./translation.ts";
import { expectGenerated, renderUsage } from "./usage.ts";

/** Writes a completion. */
export function renderCompletion(results: readonly EngineResult[], context: RenderContext): CompletionObject {
	const generated = expectGenerated(results);
	const choices = generated.flatMap((result) => result.choices);
	return {
		id: context.id,
		object: "text_completion",
		created: context.createdSeconds,
		model: context.model,
		// Every request has n answers, so the place in the whole list is promptIndex * n + k, as OpenAI numbers them.
		choices: choices.map((choice, index) => ({
			index,
			text: choice.text,
			logprobs: renderCompletionLogprobs(choice.logprobs),
			finish_reason: renderTextFinishReason(choice.finishReason),
		})),
		usage: renderUsage(generated, context.includeCachedTokens),
		system_fingerprint: context.systemFingerprint,
	};
}

/** OpenAI's word for why a text ended; a text can't end in a tool call, so that too is a stop. */
export function renderTextFinishReason(reason: FinishReason): "stop" | "length" {
	return reason === "length" ? "length" : "stop";
}

/**
 * Log probabilities in the older shape. The token drawn is always among the alternatives, as at OpenAI. `start` is the place of
 * the first token in the text, in code points.
 */
export function renderCompletionLogprobs(
	logprobs: readonly TokenLogprob[] | null,
	start = 0,
): CompletionLogprobs | null {
	if (logprobs === null) return null;
	const offsets: number[] = [];
	let offset = start;
	for (const { token } of logprobs) {
		offsets.push(offset);
		offset += [...token].length;
	}
	return {
		tokens: logprobs.map(tokenName),
		token_logprobs: logprobs.map((token) => finite(token.logprob)),
		top_logprobs: logprobs.map((token) =>
			Object.fromEntries([...token.top, token].map((one) => [tokenName(one), finite(one.logprob)])),
		),
		text_offset: offsets,
	};
}

/** A token that is only part of a character is named by its bytes, as at OpenAI, so that two of them stay apart. */
function tokenName({ token, bytes }: TokenProbability): string {
	if (!token.includes("\uFFFD")) return token;
	return `bytes:${bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}`;
}
