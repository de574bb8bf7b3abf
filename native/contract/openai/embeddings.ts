/** Embeddings: texts in, vectors out. */
import { z } from "zod";
import type { Wire } from "./shared.ts";

/** Most inputs of one request, as OpenAI documents it. */
export const MAX_EMBEDDING_INPUTS = 2_048;

const tokensSchema = z.array(z.int().min(0)).min(1);

/**
 * `POST /v1/embeddings`. Numbers as input are token ids of the model named, whatever it is; ids of another model's tokenizer
 * (some libraries send OpenAI's by default) mean something else here.
 */
export const embeddingRequestSchema = z.object({
	model: z.string().min(1),
	input: z.union([
		z.string().min(1),
		z.array(z.string().min(1)).min(1).max(MAX_EMBEDDING_INPUTS),
		tokensSchema,
		z.array(tokensSchema).min(1).max(MAX_EMBEDDING_INPUTS),
	]),
	dimensions: z.int().min(1).nullish(),
	encoding_format: z.enum(["float", "base64"]).nullish(),
	user: z.string().nullish(),
});
/** `POST /v1/embeddings`. */
export type EmbeddingRequest = Wire<typeof embeddingRequestSchema>;

/** One vector: numbers, or base64 of little-endian 32-bit floats where the request asked for it. */
export const embeddingObjectSchema = z.strictObject({
	object: z.literal("embedding"),
	index: z.int().min(0),
	embedding: z.union([z.array(z.number()), z.string()]),
});

/** Reply of `POST /v1/embeddings`. */
export const embeddingResponseSchema = z.strictObject({
	object: z.literal("list"),
	data: z.array(embeddingObjectSchema),
	model: z.string(),
	usage: z.strictObject({ prompt_tokens: z.int().min(0), total_tokens: z.int().min(0) }),
});
/** Reply of `POST /v1/embeddings`. */
export type EmbeddingResponse = Wire<typeof embeddingResponseSchema>;
