/** `/v1/embeddings`. */
import type { Result } from "../../base/base.ts";
import { type EmbeddingRequest, type EmbeddingResponse, embeddingRequestSchema } from "../../contract/contract.ts";
import type { EmbedRequest, EngineResult } from "../request.ts";
import { readBody, type Salvage } from "./check-body.ts";
import type { ParseOptions, RenderContext, RequestFaults, Translation } from "./translation.ts";
import { expectEmbedded } from "./usage.ts";

const SALVAGE: Salvage = { placeholders: { model: "-", input: "-" }, companions: {} };

/**
 * Reads the body of an embeddings request. Numbers as input are ids of the model's own tokens; libraries that send ids of
 * OpenAI's tokenizers by default (LangChain does, unless `check_embedding_ctx_length=False`) must be told to send text.
 */
export function parseEmbedding(
	body: unknown,
	options: ParseOptions,
): Result<Translation<EmbeddingResponse>, RequestFaults> {
	return readBody({ schema: embeddingRequestSchema, salvage: SALVAGE, translate: translateEmbedding }, body, options);
}

function translateEmbedding(request: EmbeddingRequest): Translation<EmbeddingResponse> {
	const { model, input, dimensions, encoding_format: encoding } = request;
	const embed: EmbedRequest = { kind: "embed", inputs: listInputs(input), dimensions: dimensions ?? null };
	return {
		model,
		requests: [embed],
		stream: null,
		render: (results, context) => renderEmbedding(results, context, encoding ?? "float"),
	};
}

function listInputs(input: EmbeddingRequest["input"]): EmbedRequest["inputs"] {
	if (typeof input === "string") return [input];
	return isTokens(input) ? [input] : input;
}

function isTokens(input: readonly (string | number | readonly number[])[]): input is readonly number[] {
	return typeof input[0] === "number";
}

function renderEmbedding(
	results: readonly EngineResult[],
	context: RenderContext,
	encoding: "float" | "base64",
): EmbeddingResponse {
	const embedded = expectEmbedded(results);
	const vectors = embedded.flatMap((result) => result.vectors);
	const promptTokens = embedded.reduce((sum, result) => sum + result.promptTokens, 0);
	return {
		object: "list",
		data: vectors.map((vector, index) => ({
			object: "embedding",
			index,
			embedding: encoding === "base64" ? encodeVector(vector) : vector,
		})),
		model: context.model,
		usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
	};
}

/** Base64 of the numbers as little-endian 32-bit floats: what OpenAI's SDKs ask for by default. */
function encodeVector(vector: readonly number[]): string {
	const bytes = Buffer.alloc(vector.length * Float32Array.BYTES_PER_ELEMENT);
	for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * Float32Array.BYTES_PER_ELEMENT);
	return bytes.toString("base64");
}
