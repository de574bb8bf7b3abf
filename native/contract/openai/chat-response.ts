/** Chat completions: the reply. */
import { z } from "zod";
import { completionUsageSchema } from "./sampling.ts";
import { unixSecondsSchema, type Wire } from "./shared.ts";

/** Why an answer ended. `function_call` only where the request used the older `functions`. */
export const chatFinishReasonSchema = z.enum(["stop", "length", "tool_calls", "content_filter", "function_call"]);
/** Why an answer ended. */
export type ChatFinishReason = z.infer<typeof chatFinishReasonSchema>;

/** A token's text, its UTF-8 bytes (a token may be part of a character) and its natural log probability. */
export const tokenProbabilitySchema = z.strictObject({
	token: z.string(),
	bytes: z.array(z.int().min(0).max(255)).nullable(),
	logprob: z.number(),
});

/** Log probabilities of an answer's tokens, each with its best alternatives. */
export const chatLogprobsSchema = z.strictObject({
	content: z
		.array(z.strictObject({ ...tokenProbabilitySchema.shape, top_logprobs: z.array(tokenProbabilitySchema) }))
		.nullable(),
	refusal: z.null(),
});
/** Log probabilities of an answer's tokens. */
export type ChatLogprobs = Wire<typeof chatLogprobsSchema>;

/** A call of a function; `arguments` is the text the model wrote. */
export const chatFunctionCallSchema = z.strictObject({ name: z.string(), arguments: z.string() });

/** A call of a tool. */
export const chatToolCallSchema = z.strictObject({
	id: z.string(),
	type: z.literal("function"),
	function: chatFunctionCallSchema,
});

/** The answer. `content` is null where the model only called tools. */
export const chatAnswerSchema = z.strictObject({
	role: z.literal("assistant"),
	content: z.string().nullable(),
	refusal: z.null(),
	reasoning_content: z.exactOptional(z.string()),
	tool_calls: z.exactOptional(z.array(chatToolCallSchema)),
	function_call: z.exactOptional(chatFunctionCallSchema),
});
/** The answer. */
export type ChatAnswer = Wire<typeof chatAnswerSchema>;

/** Reply of `POST /v1/chat/completions`. */
export const chatCompletionSchema = z.strictObject({
	id: z.string(),
	object: z.literal("chat.completion"),
	created: unixSecondsSchema,
	model: z.string(),
	choices: z.array(
		z.strictObject({
			index: z.int().min(0),
			message: chatAnswerSchema,
			logprobs: chatLogprobsSchema.nullable(),
			finish_reason: chatFinishReasonSchema,
		}),
	),
	usage: completionUsageSchema,
	system_fingerprint: z.string().nullable(),
});
/** Reply of `POST /v1/chat/completions`. */
export type ChatCompletion = Wire<typeof chatCompletionSchema>;
