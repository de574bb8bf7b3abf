/** Gemini's generateContent: the reply. Keys without a value are absent, as Google leaves them out. */
import { z } from "zod";
import type { Wire } from "../openai/shared.ts";

const countSchema = z.int().min(0);

/** What the model said, what it thought, or a call of a function. */
export const geminiAnswerPartSchema = z.union([
	z.strictObject({ text: z.string(), thought: z.exactOptional(z.literal(true)) }),
	z.strictObject({
		functionCall: z.strictObject({
			id: z.exactOptional(z.string()),
			name: z.string(),
			args: z.record(z.string(), z.unknown()),
		}),
	}),
]);
/** What the model said, what it thought, or a call of a function. */
export type GeminiAnswerPart = Wire<typeof geminiAnswerPartSchema>;

/** Why an answer ended. */
export const geminiFinishReasonSchema = z.enum([
	"STOP",
	"MAX_TOKENS",
	/** The model wrote a call whose arguments are no JSON object; `finishMessage` has what it wrote. */
	"MALFORMED_FUNCTION_CALL",
]);
/** Why an answer ended. */
export type GeminiFinishReason = z.infer<typeof geminiFinishReasonSchema>;

const tokenSchema = z.strictObject({ token: z.string(), logProbability: z.number() });

/** Natural log probabilities of an answer's tokens. Google's token ids are those of its own models, and left out. */
export const geminiLogprobsSchema = z.strictObject({
	chosenCandidates: z.array(tokenSchema),
	/** The best alternatives at each step; absent where none were asked for. */
	topCandidates: z.exactOptional(z.array(z.strictObject({ candidates: z.array(tokenSchema) }))),
});
/** Natural log probabilities of an answer's tokens. */
export type GeminiLogprobs = Wire<typeof geminiLogprobsSchema>;

/** One answer. */
export const geminiCandidateSchema = z.strictObject({
	content: z.strictObject({ role: z.literal("model"), parts: z.array(geminiAnswerPartSchema) }),
	finishReason: geminiFinishReasonSchema,
	finishMessage: z.exactOptional(z.string()),
	index: countSchema,
	/** Mean over the answer's tokens, where log probabilities were asked for. */
	avgLogprobs: z.exactOptional(z.number()),
	logprobsResult: z.exactOptional(geminiLogprobsSchema),
});
/** One answer. */
export type GeminiCandidate = Wire<typeof geminiCandidateSchema>;

/** Tokens of a reply over all its answers. What was cached is left out where it would depend on luck: in batch output. */
export const geminiUsageSchema = z.strictObject({
	promptTokenCount: countSchema,
	/** Without those of thoughts. */
	candidatesTokenCount: countSchema,
	/** Prompt, answers and thoughts. */
	totalTokenCount: countSchema,
	thoughtsTokenCount: z.exactOptional(countSchema),
	cachedContentTokenCount: z.exactOptional(countSchema),
});
/** Tokens of a reply over all its answers. */
export type GeminiUsage = Wire<typeof geminiUsageSchema>;

/** Reply of generateContent. `modelVersion` is the model that answered. */
export const generateContentResponseSchema = z.strictObject({
	candidates: z.array(geminiCandidateSchema),
	usageMetadata: geminiUsageSchema,
	modelVersion: z.string(),
	responseId: z.string(),
});
/** Reply of generateContent. */
export type GenerateContentResponse = Wire<typeof generateContentResponseSchema>;
