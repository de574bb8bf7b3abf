/**
 * Reads and writes the header of a GGUF file (version 3, little endian): metadata pairs and tensor descriptions. Written
 * after ggml/docs/gguf.md. Values are carried as raw bytes, so a vocabulary is copied without being understood. Must never
 * read or write tensor data.
 */
import { err, ok, type Result } from "../../native/base/base.ts";

/** Ids of GGUF's value types; the rest are not needed here. */
export const ggufTypes = { uint32: 4, float32: 6, bool: 7, string: 8, array: 9 } as const;

/** Ids of ggml's tensor types; the rest are not needed here. */
export const tensorTypes = { f32: 0, q8_0: 8 } as const;

/** Tensor data starts, and every tensor in it, at a multiple of this; GGUF's default where `general.alignment` is absent. */
export const alignmentBytes = 32;

/** One metadata pair; `bytes` is the value as the file holds it, without its type. */
export interface MetadataPair {
	readonly key: string;
	readonly type: number;
	readonly bytes: Uint8Array;
}

/** Name, shape and place of a tensor. `shape` has the fastest dimension first; `offset` counts from the start of the data. */
export interface TensorDescription {
	readonly name: string;
	readonly shape: readonly number[];
	readonly type: number;
	readonly offset: number;
}

/** All that stands before a file's tensor data. */
export interface GgufHeader {
	readonly metadata: readonly MetadataPair[];
	readonly tensors: readonly TensorDescription[];
	/** Where tensor data starts. */
	readonly dataOffset: number;
}

const magic = 0x46554747;
const version = 3;
/** Sizes in bytes of GGUF's scalar types, by id; string (8) and array (9) have none. */
const scalarSizes: readonly number[] = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
const utf8 = new TextEncoder();

/** A pair holding a text. */
export function stringPair(key: string, value: string): MetadataPair {
	return { key, type: ggufTypes.string, bytes: encodeString(value) };
}

/** A pair holding a whole number, 0 to 2^32 - 1. */
export function uint32Pair(key: string, value: number): MetadataPair {
	return { key, type: ggufTypes.uint32, bytes: encode(4, (view) => view.setUint32(0, value, true)) };
}

/** A pair holding a single precision number. */
export function float32Pair(key: string, value: number): MetadataPair {
	return { key, type: ggufTypes.float32, bytes: encode(4, (view) => view.setFloat32(0, value, true)) };
}

/** A pair holding true or false. */
export function boolPair(key: string, value: boolean): MetadataPair {
	return { key, type: ggufTypes.bool, bytes: Uint8Array.of(value ? 1 : 0) };
}

/** The header as a file holds it, padded so that tensor data follows at once. */
export function writeHeader(
	metadata: readonly MetadataPair[],
	tensors: readonly TensorDescription[],
): Uint8Array<ArrayBuffer> {
	const parts: Uint8Array[] = [
		encode(24, (view) => {
			view.setUint32(0, magic, true);
			view.setUint32(4, version, true);
			view.setBigUint64(8, BigInt(tensors.length), true);
			view.setBigUint64(16, BigInt(metadata.length), true);
		}),
	];
	for (const pair of metadata) {
		parts.push(
			encodeString(pair.key),
			encode(4, (view) => view.setUint32(0, pair.type, true)),
			pair.bytes,
		);
	}
	for (const tensor of tensors) {
		parts.push(encodeString(tensor.name), encodeShape(tensor));
	}
	const lengthBytes = parts.reduce((total, part) => total + part.length, 0);
	parts.push(new Uint8Array(padding(lengthBytes)));
	return concatenate(parts);
}

/** Bytes missing to the next multiple of the alignment. */
export function padding(lengthBytes: number): number {
	return (alignmentBytes - (lengthBytes % alignmentBytes)) % alignmentBytes;
}

/** Reads a header; the error names what is wrong with the file. */
export function readHeader(file: Uint8Array): Result<GgufHeader, string> {
	const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
	let at = 0;
	const size = (): number => {
		at += 8;
		return Number(view.getBigUint64(at - 8, true));
	};
	const uint32 = (): number => {
		at += 4;
		return view.getUint32(at - 4, true);
	};
	const text = (): string => {
		const length = size();
		at += length;
		return Buffer.from(file.subarray(at - length, at)).toString("utf8");
	};
	const skipValue = (type: number): void => {
		if (type === ggufTypes.string) {
			const length = size();
			at += length;
		} else if (type === ggufTypes.array) {
			const elementType = uint32();
			const count = size();
			for (let index = 0; index < count; index++) skipValue(elementType);
		} else {
			const bytes = scalarSizes[type];
			if (bytes === undefined) throw new RangeError(`value type ${type} is unknown`);
			at += bytes;
		}
	};
	try {
		if (uint32() !== magic) return err("not a GGUF file: it does not begin with GGUF");
		const found = uint32();
		if (found !== version) return err(`GGUF version ${found} is not understood, only ${version}`);
		const tensorCount = size();
		const pairCount = size();
		const metadata: MetadataPair[] = [];
		for (let index = 0; index < pairCount; index++) {
			const key = text();
			const type = uint32();
			const start = at;
			skipValue(type);
			metadata.push({ key, type, bytes: file.slice(start, at) });
		}
		const tensors: TensorDescription[] = [];
		for (let index = 0; index < tensorCount; index++) {
			const name = text();
			const shape = Array.from({ length: uint32() }, size);
			tensors.push({ name, shape, type: uint32(), offset: size() });
		}
		return ok({ metadata, tensors, dataOffset: at + padding(at) });
	} catch (error) {
		// A DataView throws where the file ends too early: an expected fault of a file from outside.
		if (error instanceof RangeError) return err(`damaged GGUF header near byte ${at}: ${error.message}`);
		throw error;
	}
}

function encode(lengthBytes: number, fill: (view: DataView) => void): Uint8Array {
	const bytes = new Uint8Array(lengthBytes);
	fill(new DataView(bytes.buffer));
	return bytes;
}

function encodeString(value: string): Uint8Array {
	const text = utf8.encode(value);
	return concatenate([encode(8, (view) => view.setBigUint64(0, BigInt(text.length), true)), text]);
}

function encodeShape(tensor: TensorDescription): Uint8Array {
	return encode(4 + 8 * tensor.shape.length + 12, (view) => {
		view.setUint32(0, tensor.shape.length, true);
		tensor.shape.forEach((length, index) => {
			view.setBigUint64(4 + 8 * index, BigInt(length), true);
		});
		const end = 4 + 8 * tensor.shape.length;
		view.setUint32(end, tensor.type, true);
		view.setBigUint64(end + 4, BigInt(tensor.offset), true);
	});
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
