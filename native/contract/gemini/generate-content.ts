/**
 * Gemini's generateContent: the request, as lines of batch files carry it. Keys are in camelCase here; Google hears snake_case as
 * well, and whoever reads a request brings both to one spelling first. Its reply is in `generate-content-response.ts`.
 */
import { z } from "zod";
import { MAX_STOP_SEQUENCES } from "../anthropic/messages.ts";
import { samplingFields } from "../openai/sampling.ts";
import type { Wire } from "../openai/shared.ts";

/** Most alternatives of each token in `logprobs`, as Google documents it. */
const MAX_LOGPROBS = 20;

const jsonObjectSchema = z.record(z.string(), z.unknown());

/** A call of a function by the model. */
export const geminiFunctionCallSchema = z.object({
	/** Absent in older files; then calls and responses are paired by name and order. */
	id: z.string().nullish(),
	name: z.string().min(1),
	args: jsonObjectSchema.nullish(),
});

/** What a function gave back. */
export const geminiFunctionResponseSchema = z.object({
	id: z.string().nullish(),
	name: z.string().min(1),
	response: jsonObjectSchema.nullish(),
	/** Images and files a function gave. */
	parts: z.array(z.unknown()).nullish(),
});

/** A part of a content. Keys that are not described are kept, so that the dialect can refuse kinds no model here can read. */
export const geminiPartSchema = z.looseObject({
	text: z.string().nullish(),
	/** The text is what a thinking model thought. */
	thought: z.boolean().nullish(),
	functionCall: geminiFunctionCallSchema.nullish(),
	functionResponse: geminiFunctionResponseSchema.nullish(),
});
/** A part of a content. */
export type GeminiPart = Wire<typeof geminiPartSchema>;

/** One turn of the conversation. Without a role it is the user's; `function` is an older word for who sends responses. */
export const geminiContentSchema = z.object({
	role: z.enum(["user", "model", "function"]).nullish(),
	parts: z.array(geminiPartSchema).nullish(),
});
/** One turn of the conversation. */
export type GeminiContent = Wire<typeof geminiContentSchema>;

/** A function the model may call; its arguments in Google's own schema language or in JSON Schema. */
export const geminiFunctionSchema = z.object({
	name: z.string().min(1),
	description: z.string().nullish(),
	parameters: jsonObjectSchema.nullish(),
	parametersJsonSchema: jsonObjectSchema.nullish(),
});

/** Functions to call. Every other kind of tool runs at Google, and is kept so that the dialect can refuse it by its name. */
export const geminiToolSchema = z.looseObject({ functionDeclarations: z.array(geminiFunctionSchema).nullish() });
/** Functions to call. */
export type GeminiTool = Wire<typeof geminiToolSchema>;

/** Whether a function must be called, and which may be. */
export const geminiFunctionCallingSchema = z.object({
	/** Google's documents write it in lower case too. */
	mode: z
		.string()
		.toUpperCase()
		.pipe(z.enum(["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"]))
		.nullish(),
	allowedFunctionNames: z.array(z.string().min(1)).nullish(),
});
/** Whether a function must be called, and which may be. */
export type GeminiFunctionCalling = Wire<typeof geminiFunctionCallingSchema>;

/** Whether and how hard to think. */
export const geminiThinkingSchema = z.object({
	/** Thoughts are written into the reply only where this is true. */
	includeThoughts: z.boolean().nullish(),
	/** 0 is off and -1 up to the model. A number of tokens means on: the model stops thinking when it is done. */
	thinkingBudget: z.int().min(-1).nullish(),
	thinkingLevel: z
		.string()
		.toUpperCase()
		.pipe(z.enum(["THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH"]))
		.nullish(),
});
/** Whether and how hard to think. */
export type GeminiThinking = Wire<typeof geminiThinkingSchema>;

/** How an answer is drawn, how long it may be and what shape it has. */
export const geminiGenerationConfigSchema = z.object({
	temperature: samplingFields.temperature,
	topP: samplingFields.top_p,
	topK: samplingFields.top_k,
	candidateCount: samplingFields.n,
	/** Most tokens of the answer, thinking included. */
	maxOutputTokens: z.int().min(1).nullish(),
	stopSequences: z.array(z.string().min(1)).max(MAX_STOP_SEQUENCES).nullish(),
	seed: samplingFields.seed,
	presencePenalty: samplingFields.presence_penalty,
	frequencyPenalty: samplingFields.frequency_penalty,
	responseMimeType: z.string().nullish(),
	/** Google's own schema language: a part of OpenAPI's, with types in capitals. */
	responseSchema: jsonObjectSchema.nullish(),
	responseJsonSchema: jsonObjectSchema.nullish(),
	responseLogprobs: z.boolean().nullish(),
	logprobs: z.int().min(0).max(MAX_LOGPROBS).nullish(),
	responseModalities: z.array(z.string()).nullish(),
	thinkingConfig: geminiThinkingSchema.nullish(),
});
/** How an answer is drawn, how long it may be and what shape it has. */
export type GeminiGenerationConfig = Wire<typeof geminiGenerationConfigSchema>;

/** `POST /v1beta/models/{model}:generateContent`. There the model stands in the url, in a line here, or beside the file. */
export const generateContentRequestSchema = z.object({
	model: z.string().min(1),
	contents: z.array(geminiContentSchema).min(1),
	/** Its role says nothing. */
	systemInstruction: z.object({ parts: z.array(geminiPartSchema).nullish() }).nullish(),
	generationConfig: geminiGenerationConfigSchema.nullish(),
	tools: z.array(geminiToolSchema).nullish(),
	toolConfig: z.object({ functionCallingConfig: geminiFunctionCallingSchema.nullish() }).nullish(),
	/** Name of contents kept at Google. */
	cachedContent: z.string().nullish(),
});
/** `POST /v1beta/models/{model}:generateContent`. */
export type GenerateContentRequest = Wire<typeof generateContentRequestSchema>;
