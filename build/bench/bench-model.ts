/**
 * The bench model: Qwen2.5-0.5B's shape and vocabulary with random weights, Q8_0, made on demand. Speed does not depend on
 * the values, so it measures what the real model would. Must never be committed or taken for a model that knows anything.
 */
import { access, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { err, ok, type Result } from "../../native/base/base.ts";
import { boolPair, float32Pair, type MetadataPair, readHeader, stringPair, uint32Pair } from "./gguf-header.ts";
import { type TensorSource, writeGguf } from "./gguf-writer.ts";

/** Qwen2.5-0.5B (its config.json on Hugging Face). Query heads are 64 wide; two key and value heads serve fourteen. */
const shape = {
	layers: 24,
	width: 896,
	heads: 14,
	keyValueHeads: 2,
	headWidth: 64,
	feedForwardWidth: 4864,
	vocabulary: 151_936,
	contextTokens: 32_768,
	ropeBase: 1_000_000,
	normEpsilon: 1e-6,
} as const;

/** First id of the control and padding tokens (<|endoftext|>, <|im_start|>, <|im_end|>, then padding). */
const firstControlToken = 151_643;
const endOfTextToken = 151_643;
const endOfTurnToken = 151_645;

/** Spread of the embedding; with the tied output and a normed state of length 30 it makes logits of spread 1.5. */
const embeddingSpread = 0.05;
/** Each sublayer adds this many times the embedding's spread, so that deep layers decide the next token, not the last one. */
const sublayerGain = 2;
/** Control rows are this much shorter: their logit stays near 0 while the best of 150,000 is near 6, so nothing ends early. */
const controlRowGain = 1 / 64;
const seed = 0x5eed;

const chatTemplate =
	"{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}" +
	"{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** File of the bench model in the bench's folder. */
export const benchModelName = "nightshift-bench-0.5b-q8_0.gguf";

/** Path of the bench model, written first if it is not there. The error says what is missing. */
export async function ensureBenchModel(folder: string, vocabularyPath: string): Promise<Result<string, string>> {
	const path = join(folder, benchModelName);
	if (await exists(path)) return ok(path);
	if (!(await exists(vocabularyPath))) return err(`the Qwen2 vocabulary is not at ${vocabularyPath}`);
	const vocabulary = readHeader(await readFile(vocabularyPath));
	if (!vocabulary.ok) return err(`${vocabularyPath}: ${vocabulary.error}`);
	await mkdir(dirname(path), { recursive: true });
	await writeGguf(path, benchMetadata(vocabulary.value.metadata), benchTensors());
	return ok(path);
}

function benchMetadata(vocabulary: readonly MetadataPair[]): readonly MetadataPair[] {
	const kept = ["tokenizer.ggml.model", "tokenizer.ggml.pre", "tokenizer.ggml.tokens"];
	kept.push("tokenizer.ggml.token_type", "tokenizer.ggml.merges");
	return [
		stringPair("general.architecture", "qwen2"),
		stringPair("general.name", "Nightshift bench 0.5B (random weights)"),
		// 7 is llama.cpp's LLAMA_FTYPE_MOSTLY_Q8_0.
		uint32Pair("general.file_type", 7),
		uint32Pair("general.quantization_version", 2),
		uint32Pair("qwen2.block_count", shape.layers),
		uint32Pair("qwen2.context_length", shape.contextTokens),
		uint32Pair("qwen2.embedding_length", shape.width),
		uint32Pair("qwen2.feed_forward_length", shape.feedForwardWidth),
		uint32Pair("qwen2.attention.head_count", shape.heads),
		uint32Pair("qwen2.attention.head_count_kv", shape.keyValueHeads),
		float32Pair("qwen2.rope.freq_base", shape.ropeBase),
		float32Pair("qwen2.attention.layer_norm_rms_epsilon", shape.normEpsilon),
		...vocabulary.filter((pair) => kept.includes(pair.key)),
		uint32Pair("tokenizer.ggml.eos_token_id", endOfTurnToken),
		uint32Pair("tokenizer.ggml.padding_token_id", endOfTextToken),
		uint32Pair("tokenizer.ggml.bos_token_id", endOfTextToken),
		boolPair("tokenizer.ggml.add_bos_token", false),
		stringPair("tokenizer.chat_template", chatTemplate),
	];
}

function benchTensors(): readonly TensorSource[] {
	const uniform = createUniform(seed);
	const { width, feedForwardWidth } = shape;
	const keyValueWidth = shape.keyValueHeads * shape.headWidth;
	const random = (name: string, rows: number, columns: number, spread: number): TensorSource => ({
		name,
		shape: [columns, rows],
		type: "q8_0",
		fill: (values) => uniform(values, spread),
	});
	const vector = (name: string, length: number, value: number): TensorSource => ({
		name,
		shape: [length],
		type: "f32",
		fill: (values) => values.fill(value),
	});
	// A matrix whose entries spread by 1/sqrt(columns) keeps a normed vector's size.
	const keeping = (columns: number): number => 1 / Math.sqrt(columns);
	const added = embeddingSpread * sublayerGain;
	const layer = (index: number): readonly TensorSource[] => {
		const name = (part: string): string => `blk.${index}.${part}`;
		return [
			vector(name("attn_norm.weight"), width, 1),
			random(name("attn_q.weight"), width, width, keeping(width)),
			vector(name("attn_q.bias"), width, 0),
			random(name("attn_k.weight"), keyValueWidth, width, keeping(width)),
			vector(name("attn_k.bias"), keyValueWidth, 0),
			random(name("attn_v.weight"), keyValueWidth, width, keeping(width)),
			vector(name("attn_v.bias"), keyValueWidth, 0),
			random(name("attn_output.weight"), width, width, added * keeping(width)),
			vector(name("ffn_norm.weight"), width, 1),
			random(name("ffn_gate.weight"), feedForwardWidth, width, keeping(width)),
			random(name("ffn_up.weight"), feedForwardWidth, width, keeping(width)),
			random(name("ffn_down.weight"), width, feedForwardWidth, added * keeping(feedForwardWidth)),
		];
	};
	return [
		embedding(uniform),
		...Array.from({ length: shape.layers }, (_, index) => layer(index)).flat(),
		vector("output_norm.weight", width, 1),
	];
}

/** The embedding, which is the output matrix too: Qwen2.5-0.5B ties them, and llama.cpp does so where `output` is absent. */
function embedding(uniform: (values: Float32Array, spread: number) => void): TensorSource {
	return {
		name: "token_embd.weight",
		shape: [shape.width, shape.vocabulary],
		type: "q8_0",
		fill: (values, start) => {
			uniform(values, embeddingSpread);
			const firstControl = Math.max(0, firstControlToken * shape.width - start);
			for (let index = firstControl; index < values.length; index++) {
				values[index] = (values[index] ?? 0) * controlRowGain;
			}
		},
	};
}

/** Fills arrays with seeded, evenly spread numbers of mean 0 and a given standard deviation (xorshift32, Marsaglia 2003). */
function createUniform(start: number): (values: Float32Array, spread: number) => void {
	let state = start;
	return (values, spread) => {
		// Even numbers in -r..r have a standard deviation of r / sqrt(3); the state is a signed 32-bit number.
		const scale = (spread * Math.sqrt(3)) / 2 ** 31;
		for (let index = 0; index < values.length; index++) {
			state ^= state << 13;
			state ^= state >>> 17;
			state ^= state << 5;
			values[index] = state * scale;
		}
	};
}

async function exists(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}
