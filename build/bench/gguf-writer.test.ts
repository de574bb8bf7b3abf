import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { boolPair, float32Pair, readHeader, stringPair, tensorTypes, uint32Pair, writeHeader } from "./gguf-header.ts";
import { blockLength, dequantizeQ8, fromHalf, quantizeQ8, toHalf, writeGguf } from "./gguf-writer.ts";

test("half precision bits survive the way to a number and back", () => {
	for (let bits = 0; bits < 0x10000; bits++) {
		const value = fromHalf(bits);
		if (Number.isNaN(value)) continue;
		expect(toHalf(value)).toBe(bits);
	}
});

test("rounds to the nearest half precision number and to even between two", () => {
	expect(fromHalf(toHalf(1 + 1 / 2048))).toBe(1);
	expect(fromHalf(toHalf(1 + 3 / 2048))).toBe(1 + 1 / 512);
	expect(fromHalf(toHalf(2047.9))).toBe(2048);
	expect(toHalf(65519)).toBe(toHalf(65504));
	expect(toHalf(65520)).toBe(0x7c00);
});

test("Q8_0 keeps every number within a 254th of its block's largest", () => {
	const block = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), {
		minLength: blockLength,
		maxLength: blockLength,
	});
	fc.assert(
		fc.property(block, (numbers) => {
			const back = dequantizeQ8(quantizeQ8(Float32Array.from(numbers)));
			const largest = Math.max(...numbers.map(Math.abs));
			// Half a step by rounding, and the scale itself is rounded to eleven bits (or to 2^-24 where it is tiny).
			const allowed = largest / 254 + largest / 2048 + 127 * 2 ** -25;
			return numbers.every((number, index) => Math.abs(number - (back[index] ?? Number.NaN)) <= allowed);
		}),
	);
});

test("a header reads back as it was written", () => {
	const metadata = [
		stringPair("general.architecture", "qwen2"),
		uint32Pair("count", 7),
		float32Pair("base", 0.5),
		boolPair("flag", true),
		// An array of two texts: element type, count, then the texts.
		{
			key: "list",
			type: 9,
			bytes: Buffer.from("08000000020000000000000001000000000000006102000000000000006262", "hex"),
		},
	];
	const tensors = [{ name: "a.weight", shape: [32, 3], type: tensorTypes.q8_0, offset: 0 }];
	const bytes = writeHeader(metadata, tensors);
	const header = readHeader(bytes);
	expect(header).toEqual({
		ok: true,
		value: {
			metadata: metadata.map((pair) => ({ ...pair, bytes: Uint8Array.from(pair.bytes) })),
			tensors,
			dataOffset: bytes.length,
		},
	});
	expect(bytes.length % 32).toBe(0);
});

test("a damaged header is named, not thrown", () => {
	const bytes = writeHeader([stringPair("name", "value")], []);
	expect(readHeader(bytes.subarray(0, 40))).toMatchObject({ ok: false, error: expect.stringContaining("damaged") });
	expect(readHeader(Buffer.from("not a model at all"))).toMatchObject({ ok: false });
});

test("tensors stand at their aligned offsets, padded to the end", async () => {
	const folder = await mkdtemp(join(tmpdir(), "nightshift-gguf-"));
	try {
		const path = join(folder, "small.gguf");
		await writeGguf(
			path,
			[stringPair("general.architecture", "none")],
			[
				{ name: "first", shape: [5], type: "f32", fill: (values) => values.fill(1) },
				{ name: "second", shape: [32, 2], type: "q8_0", fill: (values) => values.fill(0.5) },
			],
		);
		const bytes = await readFile(path);
		const header = readHeader(bytes);
		if (!header.ok) throw new Error(header.error);
		expect(header.value.tensors.map((tensor) => tensor.offset)).toEqual([0, 32]);
		const data = bytes.subarray(header.value.dataOffset);
		expect(new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + 20))).toEqual(
			new Float32Array(5).fill(1),
		);
		for (const value of dequantizeQ8(data.subarray(32, 32 + 68))) expect(value).toBeCloseTo(0.5, 3);
		expect(data.length).toBe(32 + 96);
	} finally {
		await rm(folder, { recursive: true });
	}
});
