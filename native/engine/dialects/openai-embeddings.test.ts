import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { embeddingResponseSchema } from "../../contract/contract.ts";
import { parseEmbedding } from "./openai-embeddings.ts";

const options = { allowStream: false, defaultModel: null };
const context = { id: "", createdSeconds: 7, model: "m", systemFingerprint: null, includeCachedTokens: false };

function translate(fields: object) {
	const parsed = parseEmbedding({ model: "m", input: "a", ...fields }, options);
	if (!parsed.ok) throw new Error(parsed.error.map((fault) => fault.message).join("\n"));
	return parsed.value;
}

function embed(vectors: readonly (readonly number[])[]) {
	return {
		kind: "embed" as const,
		vectors,
		promptTokens: 5,
		timings: { queuedMs: 0, prefillMs: 0, decodeMs: 0 },
	};
}

describe("an embeddings request", () => {
	test("is one request, whatever form the inputs have", () => {
		const inputs = (input: unknown) => translate({ input }).requests;
		expect(inputs("a")).toEqual([{ kind: "embed", inputs: ["a"], dimensions: null }]);
		expect(inputs(["a", "b"])).toEqual([{ kind: "embed", inputs: ["a", "b"], dimensions: null }]);
		expect(inputs([1, 2])).toEqual([{ kind: "embed", inputs: [[1, 2]], dimensions: null }]);
		expect(inputs([[1], [2]])).toEqual([{ kind: "embed", inputs: [[1], [2]], dimensions: null }]);
		expect(translate({ dimensions: 8 }).requests).toEqual([{ kind: "embed", inputs: ["a"], dimensions: 8 }]);
	});

	test.each<[string, object, string, string]>([
		["an empty text", { input: "" }, "input", "empty_string"],
		["an empty text among others", { input: ["a", ""] }, "input[1]", "empty_string"],
		["no inputs", { input: [] }, "input", "empty_array"],
		["no dimensions", { input: "a", dimensions: 0 }, "dimensions", "integer_below_min_value"],
		["an unknown encoding", { input: "a", encoding_format: "hex" }, "encoding_format", "invalid_value"],
		["an object", { input: {} }, "input", "invalid_type"],
	])("is refused for %s", (_, fields, param, code) => {
		const parsed = parseEmbedding({ model: "m", ...fields }, options);
		expect(parsed.ok || parsed.error.map((fault) => [fault.param, fault.code])).toEqual([[param, code]]);
	});
});

describe("an embeddings reply", () => {
	test("gives the vectors in the order of the inputs", () => {
		const body = translate({ input: ["a", "b"] }).render(
			[
				embed([
					[1, 0],
					[0, 1],
				]),
			],
			context,
		);
		expect(embeddingResponseSchema.parse(body)).toEqual({
			object: "list",
			data: [
				{ object: "embedding", index: 0, embedding: [1, 0] },
				{ object: "embedding", index: 1, embedding: [0, 1] },
			],
			model: "m",
			usage: { prompt_tokens: 5, total_tokens: 5 },
		});
	});

	test("gives base64 that reads back as the same 32-bit floats", () => {
		fc.assert(
			fc.property(fc.array(fc.float({ noNaN: true }), { minLength: 1 }), (vector) => {
				const body = translate({ encoding_format: "base64" }).render([embed([vector])], context);
				const [item] = embeddingResponseSchema.parse(body).data;
				const bytes = Buffer.from(String(item?.embedding), "base64");
				expect(vector.map((_, index) => bytes.readFloatLE(index * 4))).toEqual(vector);
			}),
		);
	});
});
