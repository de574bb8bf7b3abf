/** Chat completions: the request. Its reply is in `chat-response.ts`. */
import { z } from "zod";
import { samplingFields, streamFields } from "./sampling.ts";
import { metadataSchema, type Wire } from "./shared.ts";

/**
 * A part of a message. Every type OpenAI has is let through here, known or not: which of them a model can take is for the
 * dialect to say, in words that help.
 */
export const contentPartSchema = z.object({
	type: z.string(),
	text: z.string().optional(),
	refusal: z.string().optional(),
});
/** A part of a message. */
export type ContentPart = Wire<typeof contentPartSchema>;

const contentSchema = z.union([z.string(), z.array(contentPartSchema).min(1)]);

/** A call the model wrote; `arguments` is text that need not be JSON. */
export const functionCallSchema = z.object({ name: z.string(), arguments: z.string() });

/** A call the model wrote, as it comes back in the history. */
export const toolCallSchema = z.object({
	id: z.string(),
	type: z.string().default("function"),
	function: functionCallSchema.optional(),
});

/** One message of the conversation. `developer` is OpenAI's newer word for `system`; `function` its older one for `tool`. */
export const chatMessageSchema = z.discriminatedUnion("role", [
	z.object({ role: z.literal(["system", "developer", "user"]), content: contentSchema, name: z.string().nullish() }),
	z.object({
		role: z.literal("assistant"),
		content: contentSchema.nullish(),
		refusal: z.string().nullish(),
		/** What a thinking model thought; not OpenAI's, but what everyone sends. `reasoning` is the same by another name. */
		reasoning_content: z.string().nullish(),
		reasoning: z.string().nullish(),
		tool_calls: z.array(toolCallSchema).nullish(),
		function_call: functionCallSchema.nullish(),
		name: z.string().nullish(),
	}),
	z.object({ role: z.literal("tool"), content: contentSchema, tool_call_id: z.string() }),
	z.object({ role: z.literal("function"), content: z.string().nullish(), name: z.string() }),
]);
/** One message of the conversation. */
export type ChatMessageParam = Wire<typeof chatMessageSchema>;

/** A JSON Schema document. */
export const jsonSchemaSchema = z.union([z.record(z.string(), z.unknown()), z.boolean()]);

/** How hard to think; `none` switches thinking off. */
export const reasoningEffortSchema = z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]);

/** How much to say. */
export const verbositySchema = z.enum(["low", "medium", "high"]);

/** A function the model may call. */
export const functionDefinitionSchema = z.object({
	name: z.string().min(1),
	description: z.string().nullish(),
	/** JSON Schema of the arguments. */
	parameters: jsonSchemaSchema.nullish(),
	strict: z.boolean().nullish(),
});
/** A function the model may call. */
export type FunctionDefinition = Wire<typeof functionDefinitionSchema>;

/** A tool. Types other than `function` are let through for the dialect to refuse in words. */
export const toolSchema = z.object({ type: z.string(), function: functionDefinitionSchema.optional() });

const namedToolSchema = z.object({ type: z.string(), function: z.object({ name: z.string().min(1) }).optional() });

/** Whether a tool must be called, and which. */
export const toolChoiceSchema = z.union([
	z.enum(["none", "auto", "required"]),
	z.object({
		type: z.string(),
		function: z.object({ name: z.string().min(1) }).optional(),
		allowed_tools: z.object({ mode: z.enum(["auto", "required"]), tools: z.array(namedToolSchema).min(1) }).optional(),
	}),
]);
/** Whether a tool must be called, and which. */
export type ToolChoiceParam = Wire<typeof toolChoiceSchema>;

/** Shape the answer must have. `schema` beside `json_object` is an extension of other local servers. */
export const responseFormatSchema = z.discriminatedUnion("type", [
	z.object({ type: z.literal("text") }),
	z.object({ type: z.literal("json_object"), schema: jsonSchemaSchema.nullish() }),
	z.object({
		type: z.literal("json_schema"),
		json_schema: z.object({
			name: z.string().nullish(),
			description: z.string().nullish(),
			schema: jsonSchemaSchema.nullish(),
			strict: z.boolean().nullish(),
		}),
	}),
]);
/** Shape the answer must have. */
export type ResponseFormat = Wire<typeof responseFormatSchema>;

/** `POST /v1/chat/completions`. */
export const chatRequestSchema = z.object({
	model: z.string().min(1),
	messages: z.array(chatMessageSchema).min(1),
	/** Most tokens of an answer, thinking included. Wins over `max_tokens`, its older name. */
	max_completion_tokens: z.int().min(1).nullish(),
	max_tokens: z.int().min(1).nullish(),
	logprobs: z.boolean().nullish(),
	top_logprobs: z.int().min(0).max(20).nullish(),
	response_format: responseFormatSchema.nullish(),
	tools: z.array(toolSchema).nullish(),
	tool_choice: toolChoiceSchema.nullish(),
	parallel_tool_calls: z.boolean().nullish(),
	functions: z.array(functionDefinitionSchema).nullish(),
	function_call: z.union([z.enum(["none", "auto"]), z.object({ name: z.string().min(1) })]).nullish(),
	reasoning_effort: reasoningEffortSchema.nullish(),
	verbosity: verbositySchema.nullish(),
	modalities: z.array(z.string()).nullish(),
	audio: z.unknown().optional(),
	web_search_options: z.unknown().optional(),
	moderation: z.unknown().optional(),
	metadata: metadataSchema.nullish(),
	/** Variables for the model's chat template, as llama.cpp and vLLM take them. */
	chat_template_kwargs: z.record(z.string(), z.unknown()).nullish(),
	...samplingFields,
	...streamFields,
});
/** `POST /v1/chat/completions`. */
export type ChatRequest = Wire<typeof chatRequestSchema>;
