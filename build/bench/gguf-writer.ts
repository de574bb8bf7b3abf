/**
 * Writes whole GGUF files: header first, then tensors streamed one piece at a time, so that a model never has to fit in
 * memory. Owns the Q8_0 format. Must never know what model it writes.
 */
import { open, rename, rm } from "node:fs/promises";
import { type MetadataPair, padding, type TensorDescription, tensorTypes, writeHeader } from "./gguf-header.ts";

/** Numbers in a block of Q8_0: one half precision scale, then this many signed bytes (ggml-common.h, block_q8_0). */
export const blockLength = 32;
const blockBytes = 2 + blockLength;

/** A tensor to write; `fill` gives its numbers from `start` on into `values`, asked for in order. */
export interface TensorSource {
	readonly name: string;
	/** Fastest dimension first. Its first length is a multiple of `blockLength` for Q8_0. */
	readonly shape: readonly number[];
	readonly type: "f32" | "q8_0";
	fill(values: Float32Array, start: number): void;
}

/** Numbers made and written at a time: a few megabytes, enough that writing is not made of small calls. */
const pieceLength = 1 << 20;

/** Writes `path` as a whole or not at all; a file of that name is replaced. Rejects with the system's error. */
export async function writeGguf(
	path: string,
	metadata: readonly MetadataPair[],
	sources: readonly TensorSource[],
): Promise<void> {
	const partial = `${path}.partial`;
	const file = await open(partial, "w");
	try {
		const tensors: TensorDescription[] = [];
		let offset = 0;
		for (const source of sources) {
			tensors.push({ name: source.name, shape: source.shape, type: tensorTypes[source.type], offset });
			const sizeBytes = tensorSizeBytes(source);
			offset += sizeBytes + padding(sizeBytes);
		}
		await file.writeFile(writeHeader(metadata, tensors));
		const values = new Float32Array(pieceLength);
		for (const source of sources) {
			const length = numberCount(source);
			for (let start = 0; start < length; start += pieceLength) {
				const piece = values.subarray(0, Math.min(pieceLength, length - start));
				source.fill(piece, start);
				await file.writeFile(source.type === "q8_0" ? quantizeQ8(piece) : new Uint8Array(piece.slice().buffer));
			}
			await file.writeFile(new Uint8Array(padding(tensorSizeBytes(source))));
		}
		await file.sync();
		await file.close();
		await rename(partial, path);
	} catch (error) {
		await file.close();
		await rm(partial, { force: true });
		throw error;
	}
}

/** How many numbers a tensor has. */
export function numberCount(source: Pick<TensorSource, "shape">): number {
	return source.shape.reduce((product, length) => product * length, 1);
}

function tensorSizeBytes(source: TensorSource): number {
	const length = numberCount(source);
	return source.type === "q8_0" ? (length / blockLength) * blockBytes : length * 4;
}

/** Q8_0 blocks of `values`, whose length is a multiple of `blockLength` (ggml-quants.c, quantize_row_q8_0_ref). */
export function quantizeQ8(values: Float32Array): Uint8Array<ArrayBuffer> {
	const blocks = values.length / blockLength;
	const bytes = new Uint8Array(blocks * blockBytes);
	for (let block = 0; block < blocks; block++) {
		const from = block * blockLength;
		const to = block * blockBytes;
		let largest = 0;
		for (let index = from; index < from + blockLength; index++) {
			largest = Math.max(largest, Math.abs(values[index] ?? 0));
		}
		const inverse = largest === 0 ? 0 : 127 / largest;
		const scale = toHalf(largest / 127);
		bytes[to] = scale & 0xff;
		bytes[to + 1] = scale >> 8;
		for (let index = 0; index < blockLength; index++) {
			// Storing into bytes keeps the low eight bits: two's complement, as ggml reads it.
			bytes[to + 2 + index] = Math.round((values[from + index] ?? 0) * inverse);
		}
	}
	return bytes;
}

/** Numbers that Q8_0 blocks stand for. */
export function dequantizeQ8(bytes: Uint8Array): Float32Array {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const values = new Float32Array((bytes.length / blockBytes) * blockLength);
	for (let index = 0; index < values.length; index++) {
		const block = Math.floor(index / blockLength) * blockBytes;
		values[index] = fromHalf(view.getUint16(block, true)) * view.getInt8(block + 2 + (index % blockLength));
	}
	return values;
}

/** Bits of the half precision number (IEEE 754) nearest to a number; too large ones become infinite. */
export function toHalf(value: number): number {
	const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
	const size = Math.abs(value);
	if (Number.isNaN(size)) return 0x7e00;
	if (size >= 65520) return sign | 0x7c00;
	// Below 2^-14 the steps no longer shrink: those numbers are multiples of 2^-24.
	const exponent = Math.max(-14, Math.floor(Math.log2(size)));
	const fraction = roundHalfToEven(size / 2 ** (exponent - 10));
	// A normal number's fraction is 1024 to 2048; adding it carries into the exponent where it rounded up to 2048.
	return sign | (fraction < 1024 && exponent === -14 ? fraction : ((exponent + 14) << 10) + fraction);
}

/** The number that half precision bits stand for. */
export function fromHalf(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 0x1f;
	const fraction = bits & 0x3ff;
	if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function roundHalfToEven(value: number): number {
	const below = Math.floor(value);
	const rest = value - below;
	if (rest !== 0.5) return Math.round(value);
	return below % 2 === 0 ? below : below + 1;
}
