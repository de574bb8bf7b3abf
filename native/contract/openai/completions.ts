/** Legacy completions: a text and how it goes on. */
import { z } from "zod";
import { completionUsageSchema, samplingFields, streamFields } from "./sampling.ts";
import { unixSecondsSchema, type Wire } from "./shared.ts";

/** Most prompts of one request: the cap OpenAI sets on arrays of inputs. */
export const MAX_PROMPTS = 2_048;

const tokensSchema = z.array(z.int().min(0)).min(1);

/**
 * `POST /v1/completions`. Numbers as prompt are token ids of the model named. With a `suffix` the model fills in the middle,
 * by its own tokens for that.
 */
export const completionRequestSchema = z.object({
	model: z.string().min(1),
	prompt: z
		.union([
			z.string(),
			z.array(z.string()).min(1).max(MAX_PROMPTS),
			tokensSchema,
			z.array(tokensSchema).min(1).max(MAX_PROMPTS),
		])
		.nullish(),
	suffix: z.string().nullish(),
	echo: z.boolean().nullish(),
	best_of: z.int().min(1).nullish(),
	logprobs: z.int().min(0).max(5).nullish(),
	max_tokens: z.int().min(1).nullish(),
	...samplingFields,
	...streamFields,
});
/** `POST /v1/completions`. */
export type CompletionRequest = Wire<typeof completionRequestSchema>;

/** Log probabilities of an answer's tokens, in four lists of equal length. Offsets count code points of `text`. */
export const completionLogprobsSchema = z.strictObject({
	tokens: z.array(z.string()),
	token_logprobs: z.array(z.number()),
	top_logprobs: z.array(z.record(z.string(), z.number())),
	text_offset: z.array(z.int().min(0)),
});
/** Log probabilities of an answer's tokens. */
export type CompletionLogprobs = Wire<typeof completionLogprobsSchema>;

/** One answer. */
export const completionChoiceSchema = z.strictObject({
	/** Number of the prompt times n, plus the number of the answer. */
	index: z.int().min(0),
	text: z.string(),
	logprobs: completionLogprobsSchema.nullable(),
	finish_reason: z.enum(["stop", "length", "content_filter"]),
});

/** Reply of `POST /v1/completions`. */
export const completionObjectSchema = z.strictObject({
	id: z.string(),
	object: z.literal("text_completion"),
	created: unixSecondsSchema,
	model: z.string(),
	choices: z.array(completionChoiceSchema),
	usage: completionUsageSchema,
	system_fingerprint: z.string().nullable(),
});
/** Reply of `POST /v1/completions`. */
export type CompletionObject = Wire<typeof completionObjectSchema>;

/** One event of a streamed reply: what is new of one answer, or, last and only where it was asked for, the usage. */
export const completionChunkSchema = z.strictObject({
	...completionObjectSchema.omit({ usage: true }).shape,
	choices: z.array(
		z.strictObject({
			...completionChoiceSchema.shape,
			/** Null until the answer's last chunk. */
			finish_reason: completionChoiceSchema.shape.finish_reason.nullable(),
		}),
	),
	/** Left out unless asked for; then null in all chunks but the last. */
	usage: z.exactOptional(completionUsageSchema.nullable()),
});
/** One event of a streamed reply. */
export type CompletionChunk = Wire<typeof completionChunkSchema>;
