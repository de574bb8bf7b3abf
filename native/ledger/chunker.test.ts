import fc from "fast-check";
import { expect, it } from "vitest";
import { type ChunkSizes, lineChunks } from "./chunker.ts";
import { streamOf } from "./testing/fixtures.ts";

async function chunksOf(
	text: string,
	pieceBytes: number,
	sizes: Pick<ChunkSizes, "targetBytes" | "maxBytes"> & Partial<ChunkSizes>,
) {
	const chunks: string[] = [];
	for await (const chunk of lineChunks(streamOf(text, pieceBytes), { larger: null, ...sizes }))
		chunks.push(Buffer.from(chunk).toString());
	return chunks;
}

it("cuts after the last line end within the target", async () => {
	expect(await chunksOf("aa\nbb\ncc\ndd", 3, { targetBytes: 7, maxBytes: 20 })).toEqual(["aa\nbb\n", "cc\ndd"]);
});

it("makes larger chunks of what follows many", async () => {
	const larger = { afterChunks: 2, targetBytes: 6 };
	const sizes = { targetBytes: 2, maxBytes: 9, larger };
	expect(await chunksOf("a\nb\nc\nd\ne\nf\n", 3, sizes)).toEqual(["a\n", "b\n", "c\nd\ne\n", "f\n"]);
});

it("lets a long line have a longer chunk, and cuts it hard at the maximum", async () => {
	expect(await chunksOf("123456\nx\n", 2, { targetBytes: 4, maxBytes: 8 })).toEqual(["123456\n", "x\n"]);
	expect(await chunksOf("1234567890ab\nx", 5, { targetBytes: 4, maxBytes: 8 })).toEqual(["12345678", "90ab\n", "x"]);
});

it("loses no byte, keeps to the maximum and ends chunks with a line wherever it can", async () => {
	const lines = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 40 });
	await fc.assert(
		fc.asyncProperty(lines, fc.boolean(), fc.integer({ min: 1, max: 40 }), async (lengths, ends, pieceBytes) => {
			const text = lengths.map((length) => "x".repeat(length)).join("\n") + (ends ? "\n" : "");
			const chunks = await chunksOf(text, pieceBytes, { targetBytes: 16, maxBytes: 24 });
			expect(chunks.join("")).toBe(text);
			for (const chunk of chunks.slice(0, -1)) {
				expect(chunk.length).toBeLessThanOrEqual(24);
				if (!chunk.endsWith("\n")) expect([chunk.length, chunk.includes("\n")]).toEqual([24, false]);
			}
		}),
	);
});
