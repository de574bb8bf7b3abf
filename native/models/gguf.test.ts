import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { locate } from "../locations/locations.ts";
import { ggufLimits, readGgufHeader } from "./gguf.ts";
import { factsOf, formatParameters, type ModelFacts } from "./gguf-facts.ts";
import { type SampleValue, sampleGguf, sampleModel } from "./gguf-testing.ts";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-gguf-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(bytes: Uint8Array, limits = ggufLimits) {
	const path = join(folder, "model.gguf");
	writeFileSync(path, bytes);
	return readGgufHeader(path, limits);
}

async function facts(values: Readonly<Record<string, SampleValue>>, tensors?: number[][]): Promise<ModelFacts> {
	const header = await read(sampleGguf(values, tensors));
	if (!header.ok) throw new Error(header.error.message);
	return factsOf(header.value);
}

describe("a header", () => {
	test("tells what a model is", async () => {
		expect(
			await facts(sampleModel, [
				[4_096, 1_000_000],
				[4_096, 1_000_000],
			]),
		).toEqual({
			architecture: "qwen3",
			parameters: "8.2B",
			quantization: "Q4_K_M",
			trainedContextTokens: 40_960,
			isEmbedding: false,
			cache: { bytesPerToken: 36 * 8 * 256 * 2, windowBytesPerToken: 0, windowTokens: 0 },
		});
	});

	test("of the demo model is read", async () => {
		const header = await readGgufHeader(locate("/data").demoModelPath);
		expect(header.ok && factsOf(header.value)).toMatchObject({ architecture: "llama", quantization: "F32" });
	});

	test("tells models that make vectors, by architecture, pooling or name", async () => {
		expect(await facts({ "general.architecture": { text: "nomic-bert" } })).toMatchObject({ isEmbedding: true });
		expect(await facts({ ...sampleModel, "qwen3.pooling_type": { u32: 3 } })).toMatchObject({ isEmbedding: true });
		expect(await facts({ ...sampleModel, "general.name": { text: "Qwen3 Embedding" } })).toMatchObject({
			isEmbedding: true,
		});
		expect(await facts({ ...sampleModel, "qwen3.pooling_type": { u32: 0 } })).toMatchObject({ isEmbedding: false });
	});

	test("tells layers that look at the last tokens only, by its architecture or by its own list", async () => {
		const shape = (architecture: string, more: Record<string, SampleValue> = {}) => ({
			"general.architecture": { text: architecture },
			[`${architecture}.block_count`]: { u32: 12 },
			[`${architecture}.embedding_length`]: { u32: 256 },
			[`${architecture}.attention.head_count`]: { u32: 4 },
			[`${architecture}.attention.sliding_window`]: { u32: 1_024 },
			...more,
		});
		const layer = 4 * 128 * 2;
		expect((await facts(shape("gemma3"))).cache).toEqual({
			bytesPerToken: 2 * layer,
			windowBytesPerToken: 10 * layer,
			windowTokens: 1_024,
		});
		expect((await facts(shape("llama"))).cache).toMatchObject({ windowBytesPerToken: 0 });
		const flags = Array.from({ length: 12 }, (_, index) => index < 3);
		const listed = shape("gemma4", { "gemma4.attention.sliding_window_pattern": { flags } });
		expect((await facts(listed)).cache).toMatchObject({ bytesPerToken: 9 * layer, windowBytesPerToken: 3 * layer });
		const heads = { "x.attention.head_count_kv": { numbers: [4, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0] } };
		expect((await facts(shape("x", heads))).cache).toMatchObject({ bytesPerToken: 2 * layer });
	});

	test.each([
		["nothing", Buffer.alloc(0), "not-gguf"],
		["a web page", Buffer.from("<!doctype html><p>Not found"), "not-gguf"],
		["the first bytes alone", sampleGguf(sampleModel).subarray(0, 40), "cut-short"],
		["a tensor that begins after the end", sampleGguf(sampleModel).subarray(0, -256), "cut-short"],
		["a version that was never made", sampleGguf(sampleModel, [], 9), "unsupported"],
		[
			"bytes in the order of other machines",
			Buffer.concat([Buffer.from("GGUF\0\0\0\u0003"), Buffer.alloc(64)]),
			"unsupported",
		],
	])("of %s is a fault in words", async (_what, bytes, kind) => {
		expect(await read(bytes)).toMatchObject({ ok: false, error: { kind, message: expect.stringMatching(/\.$/) } });
	});

	test("of a file that isn't there is a fault", async () => {
		expect(await readGgufHeader(join(folder, "gone.gguf"))).toMatchObject({ ok: false, error: { kind: "unreadable" } });
		expect(await readGgufHeader(folder)).toMatchObject({ ok: false });
	});

	test("keeps nothing that is longer than the limits", async () => {
		const header = await read(
			sampleGguf({
				"general.name": { text: "x".repeat(5_000) },
				"general.tags": { texts: ["a", "b"] },
				"x.list": { numbers: Array.from({ length: 2_000 }, () => 1) },
				"x.after": { u64: 7n },
			}),
		);
		expect(header.ok && [...header.value.values]).toEqual([["x.after", 7]]);
	});

	test("that claims counts and lengths beyond all measure costs neither time nor memory", async () => {
		const huge = Buffer.alloc(8, 0xff);
		for (let place = 8; place < 400; place += 1) {
			const bytes = sampleGguf(sampleModel);
			huge.copy(bytes, place);
			await read(bytes);
		}
		const before = process.memoryUsage().rss;
		for (let place = 8; place < 400; place += 4) {
			const bytes = sampleGguf(sampleModel);
			huge.copy(bytes, place);
			const header = await read(bytes);
			if (!header.ok) expect(header.error.message).toMatch(/\.$/);
		}
		expect(process.memoryUsage().rss - before).toBeLessThan(128 << 20);
	});

	test("of any bytes is a header or a fault, and never anything else", async () => {
		const whole = sampleGguf(sampleModel);
		const changes = fc.array(fc.tuple(fc.nat(whole.byteLength - 1), fc.nat(255)), { maxLength: 8 });
		await fc.assert(
			fc.asyncProperty(changes, fc.nat(whole.byteLength), async (changed, length) => {
				const bytes = Buffer.from(whole);
				for (const [place, value] of changed) bytes[place] = value;
				const header = await read(length % 3 === 0 ? bytes.subarray(0, length) : bytes);
				if (header.ok) factsOf(header.value);
			}),
			{ numRuns: 400 },
		);
	});
});

test("parameters are written as people write them", () => {
	expect([494e6, 999.6e6, 7.62e9, 32.8e9, 235e9, 787_072].map(formatParameters)).toEqual([
		"494M",
		"1B",
		"7.6B",
		"33B",
		"235B",
		"0.8M",
	]);
});
