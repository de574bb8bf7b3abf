/** Chat completions: the reply in pieces. */
import { z } from "zod";
import { chatFinishReasonSchema, chatLogprobsSchema } from "./chat-response.ts";
import { completionUsageSchema } from "./sampling.ts";
import { unixSecondsSchema, type Wire } from "./shared.ts";

/**
 * What is new of one tool call. The first of a call carries `id`, `type` and the name, and empty arguments; those after it
 * carry pieces of the arguments.
 */
export const chatToolCallDeltaSchema = z.strictObject({
	/** Place of the call in the answer's `tool_calls`. */
	index: z.int().min(0),
	id: z.exactOptional(z.string()),
	type: z.exactOptional(z.literal("function")),
	function: z.strictObject({ name: z.exactOptional(z.string()), arguments: z.string() }),
});

/** What is new of an answer. The first of an answer carries `role` and an empty `content`; the last carries nothing. */
export const chatDeltaSchema = z.strictObject({
	role: z.exactOptional(z.literal("assistant")),
	content: z.exactOptional(z.string()),
	/** What a thinking model thinks; not OpenAI's, but what everyone reads. */
	reasoning_content: z.exactOptional(z.string()),
	tool_calls: z.exactOptional(z.array(chatToolCallDeltaSchema)),
	function_call: z.exactOptional(z.strictObject({ name: z.exactOptional(z.string()), arguments: z.string() })),
});
/** What is new of an answer. */
export type ChatDelta = Wire<typeof chatDeltaSchema>;

/** One event of a streamed reply: what is new of one answer, or, last and only where it was asked for, the usage. */
export const chatChunkSchema = z.strictObject({
	id: z.string(),
	object: z.literal("chat.completion.chunk"),
	created: unixSecondsSchema,
	model: z.string(),
	choices: z.array(
		z.strictObject({
			index: z.int().min(0),
			delta: chatDeltaSchema,
			logprobs: chatLogprobsSchema.nullable(),
			/** Null until the answer's last chunk. */
			finish_reason: chatFinishReasonSchema.nullable(),
		}),
	),
	/** Left out unless asked for; then null in all chunks but the last. */
	usage: z.exactOptional(completionUsageSchema.nullable()),
	system_fingerprint: z.string().nullable(),
});
/** One event of a streamed reply. */
export type ChatChunk = Wire<typeof chatChunkSchema>;
