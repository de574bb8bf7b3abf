/** How answers are drawn and counted: what chat and legacy completions have in common. */
import { z } from "zod";
import type { Wire } from "./shared.ts";

/** Most answers to one request, as OpenAI documents it. */
export const MAX_CHOICES = 128;
/** Most stop texts of one request, as OpenAI documents it. */
export const MAX_STOP_TEXTS = 4;

/**
 * Fields of a request that steer drawing. `top_k`, `min_p`, `repeat_penalty` (or `repetition_penalty`) are llama.cpp's and
 * vLLM's extensions to OpenAI's body; 0, or -1 for `top_k`, switches one off.
 */
export const samplingFields = {
	temperature: z.number().min(0).max(2).nullish(),
	top_p: z.number().min(0).max(1).nullish(),
	top_k: z.int().min(-1).nullish(),
	min_p: z.number().min(0).max(1).nullish(),
	repeat_penalty: z.number().gt(0).max(10).nullish(),
	repetition_penalty: z.number().gt(0).max(10).nullish(),
	presence_penalty: z.number().min(-2).max(2).nullish(),
	frequency_penalty: z.number().min(-2).max(2).nullish(),
	seed: z.int().nullish(),
	/** From token id, in the ids of the model named, to -100 … 100. */
	logit_bias: z.record(z.string(), z.number().min(-100).max(100)).nullish(),
	stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(MAX_STOP_TEXTS)]).nullish(),
	n: z.int().min(1).max(MAX_CHOICES).nullish(),
} as const;

/** Fields of a request that ask for the answer in pieces. */
export const streamFields = {
	stream: z.boolean().nullish(),
	stream_options: z
		.object({ include_usage: z.boolean().nullish(), include_obfuscation: z.boolean().nullish() })
		.nullish(),
} as const;

/** The fields both kinds of completion share. */
export const drawnRequestSchema = z.object({ ...samplingFields, ...streamFields });
/** The fields both kinds of completion share. */
export type DrawnRequest = Wire<typeof drawnRequestSchema>;

/** Tokens of one answer. `prompt_tokens_details` is left out where it would depend on luck: in batch output. */
export const completionUsageSchema = z.strictObject({
	prompt_tokens: z.int().min(0),
	completion_tokens: z.int().min(0),
	total_tokens: z.int().min(0),
	prompt_tokens_details: z.exactOptional(z.strictObject({ cached_tokens: z.int().min(0) })),
	completion_tokens_details: z.exactOptional(z.strictObject({ reasoning_tokens: z.int().min(0) })),
});
/** Tokens of one answer. */
export type CompletionUsage = Wire<typeof completionUsageSchema>;
