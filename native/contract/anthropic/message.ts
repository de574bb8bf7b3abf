/** Anthropic's Messages: the reply. Keys that only Anthropic's own machinery fills are null, never absent: SDKs type them so. */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";

const countSchema = z.int().min(0);

/** What a thinking model thought. Nothing here is signed, so `signature` is empty. */
export const thinkingBlockSchema = z.strictObject({
	type: z.literal("thinking"),
	thinking: z.string(),
	signature: z.literal(""),
});

/** What the model said. */
export const textBlockSchema = z.strictObject({ type: z.literal("text"), text: z.string(), citations: z.null() });

/**
 * A call of a tool. `input` is the JSON the model wrote; where what it wrote is no JSON, it is that text itself: whoever checks
 * the input sees at once that it is no object, and what the model really said.
 */
export const toolUseBlockSchema = z.strictObject({
	type: z.literal("tool_use"),
	id: z.string(),
	name: z.string(),
	input: z.unknown(),
	caller: z.strictObject({ type: z.literal("direct") }),
});

/** A block of the answer. */
export const answerBlockSchema = z.discriminatedUnion("type", [
	thinkingBlockSchema,
	textBlockSchema,
	toolUseBlockSchema,
]);
/** A block of the answer. */
export type AnswerBlock = Wire<typeof answerBlockSchema>;

/** Why an answer ended. */
export const stopReasonSchema = z.enum([
	"end_turn",
	"max_tokens",
	"stop_sequence",
	"tool_use",
	/** The context was full before `max_tokens` were reached. */
	"model_context_window_exceeded",
]);
/** Why an answer ended. */
export type StopReason = z.infer<typeof stopReasonSchema>;

const outputDetailsSchema = z.strictObject({ thinking_tokens: countSchema });

/** Tokens of one answer. All input is `input_tokens` and `cache_read_input_tokens` together. */
export const messageUsageSchema = z.strictObject({
	input_tokens: countSchema,
	output_tokens: countSchema,
	cache_creation_input_tokens: countSchema,
	cache_read_input_tokens: countSchema,
	cache_creation: z.null(),
	output_tokens_details: outputDetailsSchema.nullable(),
	server_tool_use: z.null(),
	service_tier: z.null(),
	inference_geo: z.null(),
	speed: z.null(),
});
/** Tokens of one answer. */
export type MessageUsage = Wire<typeof messageUsageSchema>;

/** Reply of `POST /v1/messages`. `stop_reason` is null only where a stream begins. */
export const messageSchema = z.strictObject({
	id: z.string(),
	type: z.literal("message"),
	role: z.literal("assistant"),
	model: z.string(),
	content: z.array(answerBlockSchema),
	stop_reason: stopReasonSchema.nullable(),
	stop_sequence: z.string().nullable(),
	stop_details: z.null(),
	usage: messageUsageSchema,
	container: z.null(),
	diagnostics: z.null(),
});
/** Reply of `POST /v1/messages`. */
export type Message = Wire<typeof messageSchema>;

const blockIndex = { index: z.int().min(0) } as const;

/** One event of a streamed reply; the `event:` line names the same type. */
export const messageEventSchema = z.discriminatedUnion("type", [
	z.strictObject({ type: z.literal("message_start"), message: messageSchema }),
	z.strictObject({ type: z.literal("content_block_start"), ...blockIndex, content_block: answerBlockSchema }),
	z.strictObject({
		type: z.literal("content_block_delta"),
		...blockIndex,
		delta: z.discriminatedUnion("type", [
			z.strictObject({ type: z.literal("text_delta"), text: z.string() }),
			z.strictObject({ type: z.literal("thinking_delta"), thinking: z.string() }),
			z.strictObject({ type: z.literal("signature_delta"), signature: z.literal("") }),
			z.strictObject({ type: z.literal("input_json_delta"), partial_json: z.string() }),
		]),
	}),
	z.strictObject({ type: z.literal("content_block_stop"), ...blockIndex }),
	z.strictObject({
		type: z.literal("message_delta"),
		delta: z.strictObject({
			stop_reason: stopReasonSchema,
			stop_sequence: z.string().nullable(),
			stop_details: z.null(),
			container: z.null(),
		}),
		/** Counts of the whole message so far, not what is new. */
		usage: messageUsageSchema.pick({
			input_tokens: true,
			output_tokens: true,
			cache_creation_input_tokens: true,
			cache_read_input_tokens: true,
			output_tokens_details: true,
			server_tool_use: true,
		}),
	}),
	z.strictObject({ type: z.literal("message_stop") }),
]);
/** One event of a streamed reply. */
export type MessageEvent = Wire<typeof messageEventSchema>;
