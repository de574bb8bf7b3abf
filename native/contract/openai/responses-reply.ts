/** Responses: the reply. */
import { z } from "zod";
import { chatLogprobsSchema } from "./chat-response.ts";
import { metadataSchema, unixSecondsSchema, type Wire } from "./shared.ts";

/** How far an item of the answer is; `incomplete`: it was cut short. */
export const responsesItemStatusSchema = z.enum(["in_progress", "completed", "incomplete"]);
/** How far an item of the answer is. */
export type ResponsesItemStatus = z.infer<typeof responsesItemStatusSchema>;

/** Log probabilities of the tokens of a text. */
export const responsesLogprobsSchema = chatLogprobsSchema.shape.content.unwrap();
/** Log probabilities of the tokens of a text. */
export type ResponsesLogprobs = Wire<typeof responsesLogprobsSchema>;

/** A text of the answer. `logprobs` only where the request asked for them. */
export const responsesTextSchema = z.strictObject({
	type: z.literal("output_text"),
	text: z.string(),
	annotations: z.array(z.never()),
	logprobs: z.exactOptional(responsesLogprobsSchema),
});

/** A thought, word for word. */
export const responsesThoughtSchema = z.strictObject({ type: z.literal("reasoning_text"), text: z.string() });

/** One item of the answer, in the order the model wrote them. */
export const responsesOutputItemSchema = z.discriminatedUnion("type", [
	/** What a thinking model wrote before its answer. It is never summed up here. */
	z.strictObject({
		type: z.literal("reasoning"),
		id: z.string(),
		status: responsesItemStatusSchema,
		summary: z.array(z.never()),
		content: z.array(responsesThoughtSchema),
	}),
	z.strictObject({
		type: z.literal("message"),
		id: z.string(),
		status: responsesItemStatusSchema,
		role: z.literal("assistant"),
		content: z.array(responsesTextSchema),
	}),
	/** A call of a function; `arguments` is the text the model wrote. */
	z.strictObject({
		type: z.literal("function_call"),
		id: z.string(),
		status: responsesItemStatusSchema,
		call_id: z.string(),
		name: z.string(),
		namespace: z.exactOptional(z.string()),
		arguments: z.string(),
	}),
	/** A call of a custom tool, whose input is free text. */
	z.strictObject({
		type: z.literal("custom_tool_call"),
		id: z.string(),
		status: responsesItemStatusSchema,
		call_id: z.string(),
		name: z.string(),
		namespace: z.exactOptional(z.string()),
		input: z.string(),
	}),
]);
/** One item of the answer. */
export type ResponsesOutputItem = Wire<typeof responsesOutputItemSchema>;

/** Tokens of the reply. Cached tokens are 0 where they would depend on luck: in batch output. */
export const responsesUsageSchema = z.strictObject({
	input_tokens: z.int().min(0),
	input_tokens_details: z.strictObject({ cached_tokens: z.int().min(0), cache_write_tokens: z.int().min(0) }),
	output_tokens: z.int().min(0),
	output_tokens_details: z.strictObject({ reasoning_tokens: z.int().min(0) }),
	total_tokens: z.int().min(0),
});
/** Tokens of the reply. */
export type ResponsesUsage = Wire<typeof responsesUsageSchema>;

/**
 * Why a reply that had begun came to nothing. OpenAI's words, and `context_length_exceeded`, which coding agents look for to
 * shorten their history.
 */
export const responsesErrorSchema = z.strictObject({
	code: z.enum(["server_error", "rate_limit_exceeded", "invalid_prompt", "context_length_exceeded"]),
	message: z.string(),
});
/** Why a reply that had begun came to nothing. */
export type ResponsesError = Wire<typeof responsesErrorSchema>;

const jsonObjectSchema = z.record(z.string(), z.unknown());

/** Reply of `POST /v1/responses`. What it says of the request is what was done, not what was asked. */
export const responsesReplySchema = z.strictObject({
	id: z.string(),
	object: z.literal("response"),
	created_at: unixSecondsSchema,
	/** Not told: two runs of one batch would differ in it. */
	completed_at: z.null(),
	status: z.enum(["in_progress", "completed", "incomplete", "failed"]),
	background: z.literal(false),
	error: responsesErrorSchema.nullable(),
	incomplete_details: z.strictObject({ reason: z.literal("max_output_tokens") }).nullable(),
	instructions: z.string().nullable(),
	max_output_tokens: z.int().nullable(),
	max_tool_calls: z.int().nullable(),
	metadata: metadataSchema,
	model: z.string(),
	output: z.array(responsesOutputItemSchema),
	parallel_tool_calls: z.boolean(),
	previous_response_id: z.null(),
	prompt_cache_key: z.string().nullable(),
	reasoning: z.strictObject({ effort: z.string().nullable(), summary: z.string().nullable() }),
	safety_identifier: z.string().nullable(),
	service_tier: z.null(),
	store: z.literal(false),
	temperature: z.number(),
	text: z.strictObject({ format: jsonObjectSchema, verbosity: z.string().nullable() }),
	tool_choice: z.union([z.string(), jsonObjectSchema]),
	/** Those the model was told of. */
	tools: z.array(jsonObjectSchema),
	top_logprobs: z.int(),
	top_p: z.number(),
	truncation: z.literal("disabled"),
	/** Null until it is over. */
	usage: responsesUsageSchema.nullable(),
	user: z.string().nullable(),
});
/** Reply of `POST /v1/responses`. */
export type ResponsesReply = Wire<typeof responsesReplySchema>;
