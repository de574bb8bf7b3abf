/** Responses: the request. Its input is in `responses-input.ts`, its reply in `responses-reply.ts`. */
import { z } from "zod";
import { jsonSchemaSchema, reasoningEffortSchema, verbositySchema } from "./chat.ts";
import { responsesInputSchema } from "./responses-input.ts";
import { responsesToolChoiceSchema, responsesToolSchema } from "./responses-tools.ts";
import { samplingFields, streamFields } from "./sampling.ts";
import { metadataSchema, type Wire } from "./shared.ts";

/** Shape the answer must have: unlike chat's, flat. */
export const responsesFormatSchema = z.discriminatedUnion("type", [
	z.object({ type: z.literal("text") }),
	z.object({ type: z.literal("json_object") }),
	z.object({
		type: z.literal("json_schema"),
		name: z.string().min(1),
		description: z.string().nullish(),
		schema: jsonSchemaSchema,
		strict: z.boolean().nullish(),
	}),
]);
/** Shape the answer must have. */
export type ResponsesFormatParam = Wire<typeof responsesFormatSchema>;

/**
 * `POST /v1/responses`. Nothing is kept here between requests: `store` is taken and comes back false, and the fields that reach for
 * something kept (`previous_response_id`, `conversation`, `prompt`) are there for the dialect to refuse in words. `truncation: "auto"`
 * is taken as `disabled`: a prompt that does not fit is refused, never cut.
 */
export const responsesRequestSchema = z.object({
	model: z.string().min(1),
	input: responsesInputSchema,
	/** A system message before all others. */
	instructions: z.string().nullish(),
	/** Most tokens of the answer, thinking included. */
	max_output_tokens: z.int().min(1).nullish(),
	max_tool_calls: z.int().min(1).nullish(),
	/** Alternatives of each token's log probability; counts only where `include` has `message.output_text.logprobs`. */
	top_logprobs: z.int().min(0).max(20).nullish(),
	include: z.array(z.string()).nullish(),
	text: z.object({ format: responsesFormatSchema.nullish(), verbosity: verbositySchema.nullish() }).nullish(),
	reasoning: z.object({ effort: reasoningEffortSchema.nullish(), summary: z.string().nullish() }).nullish(),
	tools: z.array(responsesToolSchema).nullish(),
	tool_choice: responsesToolChoiceSchema.nullish(),
	parallel_tool_calls: z.boolean().nullish(),
	metadata: metadataSchema.nullish(),
	truncation: z.enum(["auto", "disabled"]).nullish(),
	store: z.boolean().nullish(),
	background: z.boolean().nullish(),
	previous_response_id: z.unknown().optional(),
	conversation: z.unknown().optional(),
	prompt: z.unknown().optional(),
	moderation: z.unknown().optional(),
	user: z.string().nullish(),
	safety_identifier: z.string().nullish(),
	prompt_cache_key: z.string().nullish(),
	service_tier: z.string().nullish(),
	/** Variables for the model's chat template, as llama.cpp and vLLM take them. */
	chat_template_kwargs: z.record(z.string(), z.unknown()).nullish(),
	/** Extensions to OpenAI's body but for temperature and top_p: there is one answer, and it is drawn as chat's are. */
	...z.object(samplingFields).omit({ n: true }).shape,
	...streamFields,
});
/** `POST /v1/responses`. */
export type ResponsesRequest = Wire<typeof responsesRequestSchema>;
