/** Anthropic's Messages: the request, as of API versions 2023-06-01 and 2026-10-21. Its reply is in `message.ts`. */
import { z } from "zod";
import { samplingFields } from "../openai/sampling.ts";
import type { Wire } from "../openai/shared.ts";

/** Most texts of `stop_sequences`; the engine looks for no more. */
export const MAX_STOP_SEQUENCES = 16;

/**
 * A block of a message. Every type Anthropic has is let through here, known or not: which of them a model can take is for the
 * dialect to say, in words that help. So is what of it must be there: `content` of a `tool_result` is a text or blocks, that of
 * other blocks is anything.
 */
export const contentBlockSchema = z.object({
	type: z.string(),
	/** Of `text`. */
	text: z.string().optional(),
	/** Of `thinking`. */
	thinking: z.string().optional(),
	/** Of `tool_use`: the call's id and the tool's name. */
	id: z.string().optional(),
	name: z.string().optional(),
	/** Of `tool_use`: an object, or the text of a call that is no JSON, as our own replies have it. */
	input: z.unknown().optional(),
	/** Of `tool_result`. */
	tool_use_id: z.string().optional(),
	content: z.unknown().optional(),
	is_error: z.boolean().nullish(),
});
/** A block of a message. */
export type ContentBlock = Wire<typeof contentBlockSchema>;

/** What a tool gave back: a text or blocks. */
export const toolResultContentSchema = z.union([
	z.string(),
	z.array(z.object({ type: z.string(), text: z.string().optional() })),
]);

const contentSchema = z.union([z.string(), z.array(contentBlockSchema)]);

/** One message of the conversation. `system` in between is of the newer API version. */
export const messageParamSchema = z.object({ role: z.enum(["user", "assistant", "system"]), content: contentSchema });
/** One message of the conversation. */
export type MessageParam = Wire<typeof messageParamSchema>;

/** A tool. Those without `input_schema` are run by Anthropic or known to its models; the dialect refuses them in words. */
export const messagesToolSchema = z.object({
	type: z.string().nullish(),
	name: z.string().min(1).optional(),
	description: z.string().nullish(),
	/** JSON Schema of the input. */
	input_schema: z.record(z.string(), z.unknown()).nullish(),
});

/** Whether a tool must be used, and which. */
export const messagesToolChoiceSchema = z.discriminatedUnion("type", [
	z.object({ type: z.literal(["auto", "any"]), disable_parallel_tool_use: z.boolean().nullish() }),
	z.object({
		type: z.literal("tool"),
		name: z.string().min(1),
		disable_parallel_tool_use: z.boolean().nullish(),
	}),
	z.object({ type: z.literal("none") }),
]);

/** Whether to think. How many tokens (`budget_tokens`) is not up to us: the model stops thinking when it is done. */
export const thinkingConfigSchema = z.object({
	type: z.enum(["enabled", "adaptive", "between_tools", "disabled"]),
	/** `omitted`: the reply says that there were thoughts, but not which. */
	display: z.enum(["summarized", "omitted"]).nullish(),
});

/** A schema the answer must fit. */
export const jsonOutputFormatSchema = z.object({
	type: z.literal("json_schema"),
	schema: z.record(z.string(), z.unknown()),
});

/** The fields that say what to continue; they count as input. */
const promptFields = {
	model: z.string().min(1),
	messages: z.array(messageParamSchema).min(1),
	system: z.union([z.string(), z.array(contentBlockSchema)]).nullish(),
	tools: z.array(messagesToolSchema).nullish(),
	tool_choice: messagesToolChoiceSchema.nullish(),
	thinking: thinkingConfigSchema.nullish(),
	output_config: z
		.object({
			effort: z.enum(["low", "medium", "high", "xhigh", "max"]).nullish(),
			format: jsonOutputFormatSchema.nullish(),
		})
		.nullish(),
	/** The name `output_config.format` had while it was in beta. */
	output_format: jsonOutputFormatSchema.nullish(),
	/** Servers whose tools Anthropic would call. */
	mcp_servers: z.array(z.unknown()).nullish(),
} as const;

/** `POST /v1/messages`. The newer API version has no words for sampling; they are heard in both. */
export const messagesRequestSchema = z.object({
	...promptFields,
	/** Most tokens of the answer, thinking included. */
	max_tokens: z.int().min(1),
	stop_sequences: z.array(z.string().min(1)).max(MAX_STOP_SEQUENCES).nullish(),
	stream: z.boolean().nullish(),
	temperature: samplingFields.temperature,
	top_p: samplingFields.top_p,
	top_k: samplingFields.top_k,
});
/** `POST /v1/messages`. */
export type MessagesRequest = Wire<typeof messagesRequestSchema>;

/** `POST /v1/messages/count_tokens`. */
export const countTokensRequestSchema = z.object(promptFields);
/** `POST /v1/messages/count_tokens`. */
export type CountTokensRequest = Wire<typeof countTokensRequestSchema>;

/** Reply of `POST /v1/messages/count_tokens`. */
export const messageTokensCountSchema = z.strictObject({ input_tokens: z.int().min(0) });
/** Reply of `POST /v1/messages/count_tokens`. */
export type MessageTokensCount = Wire<typeof messageTokensCountSchema>;
