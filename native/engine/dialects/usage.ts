/** Token counts as OpenAI writes them. */
import type { CompletionUsage } from "../../contract/contract.ts";
import type { EmbedResult, EngineResult, GenerateResult } from "../request.ts";

/** Counts of one reply, added up over the requests it took. Cached tokens are left out where luck must not show. */
export function renderUsage(results: readonly GenerateResult[], includeCachedTokens: boolean): CompletionUsage {
	let promptTokens = 0;
	let cachedTokens = 0;
	let completionTokens = 0;
	let reasoningTokens = 0;
	for (const result of results) {
		promptTokens += result.promptTokens;
		cachedTokens += result.cachedTokens;
		completionTokens += result.completionTokens;
		reasoningTokens += result.reasoningTokens;
	}
	return {
		prompt_tokens: promptTokens,
		completion_tokens: completionTokens,
		total_tokens: promptTokens + completionTokens,
		...(includeCachedTokens ? { prompt_tokens_details: { cached_tokens: cachedTokens } } : {}),
		completion_tokens_details: { reasoning_tokens: reasoningTokens },
	};
}

/** The results as those of generation; another kind is a bug of whoever ran the requests. */
export function expectGenerated(results: readonly EngineResult[]): readonly GenerateResult[] {
	return results.map((result) => {
		if (result.kind !== "generate") throw new Error(`A generate request was answered with ${result.kind}.`);
		return result;
	});
}

/** The results as those of embedding; another kind is a bug of whoever ran the requests. */
export function expectEmbedded(results: readonly EngineResult[]): readonly EmbedResult[] {
	return results.map((result) => {
		if (result.kind !== "embed") throw new Error(`An embed request was answered with ${result.kind}.`);
		return result;
	});
}
