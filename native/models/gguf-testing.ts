/** Makes GGUF files for tests. Must never be imported by the product. */

/** A value and the type it is written with: `u32`, `text`, `flags`, `numbers`, `texts`. */
export type SampleValue =
	| { readonly u32: number }
	| { readonly u64: bigint }
	| { readonly text: string }
	| { readonly flags: readonly boolean[] }
	| { readonly numbers: readonly number[] }
	| { readonly texts: readonly string[] };

/** A header with these values and tensors, and room for the tensors' data. */
export function sampleGguf(
	values: Readonly<Record<string, SampleValue>>,
	tensors: readonly (readonly number[])[] = [[16, 4]],
	version = 3,
): Buffer {
	const entries = Object.entries(values).flatMap(([key, value]) => [text(key), ...encode(value)]);
	const infos = tensors.flatMap((shape, index) => [
		text(`tensor.${index}`),
		u32(shape.length),
		...shape.map((size) => u64(BigInt(size))),
		u32(0),
		u64(0n),
	]);
	const head = [
		Buffer.from("GGUF"),
		u32(version),
		u64(BigInt(tensors.length)),
		u64(BigInt(Object.keys(values).length)),
	];
	return Buffer.concat([...head, ...entries, ...infos, Buffer.alloc(256)]);
}

/** A chat model that says all of itself. */
export const sampleModel: Readonly<Record<string, SampleValue>> = {
	"general.architecture": { text: "qwen3" },
	"general.name": { text: "Sample" },
	"qwen3.context_length": { u32: 40_960 },
	"qwen3.block_count": { u32: 36 },
	"qwen3.embedding_length": { u32: 4_096 },
	"qwen3.attention.head_count": { u32: 32 },
	"qwen3.attention.head_count_kv": { u32: 8 },
	"qwen3.attention.key_length": { u32: 128 },
	"qwen3.attention.value_length": { u32: 128 },
	"tokenizer.ggml.tokens": { texts: ["a", "b", "c"] },
	"general.file_type": { u32: 15 },
};

function encode(value: SampleValue): readonly Buffer[] {
	if ("u32" in value) return [u32(4), u32(value.u32)];
	if ("u64" in value) return [u32(10), u64(value.u64)];
	if ("text" in value) return [u32(8), text(value.text)];
	if ("flags" in value) return [u32(9), u32(7), u64(BigInt(value.flags.length)), Buffer.from(value.flags.map(Number))];
	if ("numbers" in value) return [u32(9), u32(4), u64(BigInt(value.numbers.length)), ...value.numbers.map(u32)];
	return [u32(9), u32(8), u64(BigInt(value.texts.length)), ...value.texts.map(text)];
}

function u32(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(value);
	return bytes;
}

function u64(value: bigint): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64LE(value);
	return bytes;
}

function text(value: string): Buffer {
	return Buffer.concat([u64(BigInt(Buffer.byteLength(value))), Buffer.from(value)]);
}
