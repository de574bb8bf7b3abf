/** What a GGUF header tells of a model, in our words. Pure. */
import type { GgufHeader, GgufValue } from "./gguf.ts";

/** What is known of a model before it is loaded. Null: its file does not tell. */
export interface ModelFacts {
	readonly architecture: string | null;
	/** For people, e.g. `7.6B`. */
	readonly parameters: string | null;
	/** e.g. `Q4_K_M`. */
	readonly quantization: string | null;
	readonly trainedContextTokens: number | null;
	/** It makes vectors, no text. */
	readonly isEmbedding: boolean;
	/** What its memory of a text takes. */
	readonly cache: CacheShape | null;
}

/** What a token takes in memory while a text is worked on, two bytes a number. */
export interface CacheShape {
	/** Of layers that look at the whole text. */
	readonly bytesPerToken: number;
	/** Of layers that look at the last tokens only. */
	readonly windowBytesPerToken: number;
	/** How many those are. */
	readonly windowTokens: number;
}

/** Names of quantizations as the format numbers them, empty where one was given up. */
const fileTypes: readonly string[] = (
	"F32 F16 Q4_0 Q4_1 Q4_1 - - Q8_0 Q5_0 Q5_1 Q2_K Q3_K_S Q3_K_M Q3_K_L Q4_K_S Q4_K_M Q5_K_S Q5_K_M Q6_K IQ2_XXS IQ2_XS " +
	"Q2_K_S IQ3_XS IQ3_XXS IQ1_S IQ4_NL IQ3_S IQ3_M IQ2_S IQ2_M IQ4_XS IQ1_M BF16 Q4_0_4_4 Q4_0_4_8 Q4_0_8_8 TQ1_0 TQ2_0 " +
	"MXFP4 NVFP4 Q1_0 Q2_0"
)
	.split(" ")
	.map((name) => (name === "-" ? "" : name));

/** Architectures that read a text and answer a vector. */
const embeddingArchitectures: ReadonlySet<string> = new Set([
	"bert",
	"modern-bert",
	"nomic-bert",
	"nomic-bert-moe",
	"neo-bert",
	"jina-bert-v2",
	"jina-bert-v3",
	"eurobert",
	"gemma-embedding",
	"llama-embed",
	"t5encoder",
]);

/** Of so many layers one looks at the whole text, where the file does not say it; other architectures have no windows. */
const windowPatterns: ReadonlyMap<string, number> = new Map([
	["gemma2", 2],
	["gemma3", 6],
	["gemma3n", 5],
	["gpt-oss", 2],
	["cohere2", 4],
]);

const BYTES_PER_NUMBER = 2;
/** More layers than any model; what claims more tells nothing of use. */
const MOST_LAYERS = 1_024;

/** Reads the facts out of a header. */
export function factsOf({ values, parameterCount }: GgufHeader): ModelFacts {
	const architecture = textOf(values.get("general.architecture"));
	const sizeLabel = textOf(values.get("general.size_label"));
	const isSplit = (numberOf(values.get("split.count")) ?? 1) > 1;
	const counted = numberOf(values.get("general.parameter_count")) ?? (isSplit ? 0 : parameterCount);
	const type = numberOf(values.get("general.file_type"));
	const prefix = architecture ?? "";
	return {
		architecture,
		parameters: counted > 0 ? formatParameters(counted) : sizeLabel,
		quantization: (type === null ? null : fileTypes[type]) || null,
		trainedContextTokens: wholeOf(values.get(`${prefix}.context_length`)),
		isEmbedding: makesVectors(values, prefix),
		cache: cacheOf(values, prefix),
	};
}

/** A number of parameters as people write it: `494M`, `7.6B`, `235B`. */
export function formatParameters(count: number): string {
	const [unit, name] = count < 999.5e6 ? [1e6, "M"] : [1e9, "B"];
	const amount = count / unit;
	return `${Number(amount.toFixed(amount < 9.95 ? 1 : 0))}${name}`;
}

/** Pooling as the format numbers it: none is 0, 4 ranks texts; all others make one vector out of a text. */
function makesVectors(values: GgufHeader["values"], prefix: string): boolean {
	if (embeddingArchitectures.has(prefix)) return true;
	const pooling = numberOf(values.get(`${prefix}.pooling_type`));
	if (pooling !== null && pooling > 0) return true;
	return /\bembed/i.test(`${textOf(values.get("general.name")) ?? ""} ${textOf(values.get("general.basename")) ?? ""}`);
}

function cacheOf(values: GgufHeader["values"], prefix: string): CacheShape | null {
	const number = (name: string) => wholeOf(values.get(`${prefix}.${name}`));
	const layers = number("block_count");
	const heads = number("attention.head_count") ?? maximumOf(values.get(`${prefix}.attention.head_count`));
	const width = number("embedding_length");
	if (layers === null || layers > MOST_LAYERS || heads === null || heads === 0 || width === null) return null;
	const keyLength = number("attention.key_length") ?? width / heads;
	const valueLength = number("attention.value_length") ?? width / heads;
	const windowTokens = number("attention.sliding_window") ?? 0;
	const pattern = windowTokens === 0 ? undefined : values.get(`${prefix}.attention.sliding_window_pattern`);
	const keyHeads = values.get(`${prefix}.attention.head_count_kv`) ?? heads;
	let bytesPerToken = 0;
	let windowBytesPerToken = 0;
	for (let layer = 0; layer < layers; layer++) {
		const own = Array.isArray(keyHeads) ? (numberOf(keyHeads[layer]) ?? 0) : (numberOf(keyHeads) ?? heads);
		const bytes = Math.max(0, own) * (keyLength + valueLength) * BYTES_PER_NUMBER;
		if (windowTokens > 0 && hasWindow(layer, prefix, pattern)) windowBytesPerToken += bytes;
		else bytesPerToken += bytes;
	}
	return { bytesPerToken, windowBytesPerToken, windowTokens };
}

/** A list says it layer by layer; a number says of how many layers one has none. */
function hasWindow(layer: number, architecture: string, pattern: GgufValue | undefined): boolean {
	if (Array.isArray(pattern)) return pattern[layer] === 1;
	const every = numberOf(pattern) ?? windowPatterns.get(architecture) ?? 1;
	return every > 1 && layer % every < every - 1;
}

function textOf(value: GgufValue | undefined): string | null {
	return typeof value === "string" && value !== "" ? value : null;
}

function numberOf(value: GgufValue | undefined): number | null {
	return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function wholeOf(value: GgufValue | undefined): number | null {
	const number = numberOf(value);
	return number !== null && Number.isInteger(number) && number >= 0 ? number : null;
}

function maximumOf(value: GgufValue | undefined): number | null {
	return Array.isArray(value) && value.length > 0 ? wholeOf(Math.max(...value)) : null;
}
