/**
 * Reads the header of a GGUF file: its metadata and the sizes of its tensors, never their data. The file may be anybody's, so every
 * count and length in it is doubted: nothing is kept or read beyond the limits, whatever it says.
 */
import { type FileHandle, open } from "node:fs/promises";
import { err, errorCode, ok, type Result } from "../base/base.ts";
import { GgufBroken, type GgufCursor, type GgufFault, openCursor } from "./gguf-cursor.ts";

/** A value of the metadata that is kept: lists only of numbers and flags, and only short ones. */
export type GgufValue = string | number | boolean | readonly number[];

/** What a header says. */
export interface GgufHeader {
	/** By name, e.g. `general.architecture`; without those of the tokenizer. */
	readonly values: ReadonlyMap<string, GgufValue>;
	/** Numbers in all tensors of this file. */
	readonly parameterCount: number;
}

export type { GgufFault } from "./gguf-cursor.ts";

/** How far a header is trusted. */
export interface GgufLimits {
	/** All before the tensors' data: a vocabulary of 262,144 words takes some 15 MB. */
	readonly headerBytes: number;
	/** Entries of the metadata: real files have 30 to 80. */
	readonly entries: number;
	/** A text or name that is kept; longer texts are passed over. */
	readonly textBytes: number;
	/** A list that is kept: one number a layer. */
	readonly listLength: number;
	/** Models with hundreds of experts a layer have some 50,000. */
	readonly tensors: number;
}

/** The limits that hold. */
export const ggufLimits: GgufLimits = {
	headerBytes: 128 << 20,
	entries: 1_024,
	textBytes: 4_096,
	listLength: 1_024,
	tensors: 200_000,
};

/** Bytes of a value by its type; null: no fixed size. Types as the format numbers them. */
const typeBytes: readonly (number | null)[] = [1, 1, 2, 2, 4, 4, 4, 1, null, null, 8, 8, 8];
const TEXT = 8;
const LIST = 9;
/** Lists of lists are in the format, but in no model. */
const DEEPEST_LIST = 2;
/** A tensor has four sizes at most. */
const MOST_DIMENSIONS = 8;
/** More numbers than a double counts one by one: made up. */
const MOST_PARAMETERS = Number.MAX_SAFE_INTEGER;

/** Reads the header of the file at a path. Never rejects for what is in the file. */
export async function readGgufHeader(path: string, limits = ggufLimits): Promise<Result<GgufHeader, GgufFault>> {
	let file: FileHandle;
	try {
		file = await open(path, "r");
	} catch (error) {
		return err({ kind: "unreadable", message: `The file can't be read (${errorCode(error) || String(error)}).` });
	}
	try {
		const { size } = await file.stat();
		return ok(await readHeader(openCursor(file, size, limits.headerBytes), size, limits));
	} catch (error) {
		if (error instanceof GgufBroken) return err(error.fault);
		if (errorCode(error) === "") throw error;
		return err({ kind: "unreadable", message: `The file can't be read (${errorCode(error)}).` });
	} finally {
		await file.close();
	}
}

async function readHeader(cursor: GgufCursor, sizeBytes: number, limits: GgufLimits): Promise<GgufHeader> {
	if (sizeBytes < 4 || (await cursor.text(4)) !== "GGUF") {
		throw new GgufBroken("not-gguf", "The file is no GGUF file.");
	}
	const version = await cursor.number(4);
	if (version !== 2 && version !== 3) {
		throw new GgufBroken("unsupported", "The file is of a version of GGUF that can't be read.");
	}
	const tensors = await cursor.count(limits.tensors, "tensors");
	const entries = await cursor.count(limits.entries, "entries");
	const values = new Map<string, GgufValue>();
	for (let index = 0; index < entries; index++) {
		const key = await readText(cursor, limits.textBytes);
		if (key === null) throw new GgufBroken("broken", "The file is damaged: a name in its header is too long.");
		const value = await readValue(cursor, await cursor.number(4), !key.startsWith("tokenizer."), limits);
		if (value !== null) values.set(key, value);
	}
	return { values, parameterCount: await countParameters(cursor, tensors, sizeBytes, limits) };
}

async function readValue(
	cursor: GgufCursor,
	type: number,
	isKept: boolean,
	limits: GgufLimits,
): Promise<GgufValue | null> {
	if (type === TEXT) return readText(cursor, isKept ? limits.textBytes : 0);
	if (type === LIST) return readList(cursor, isKept, limits);
	const size = typeBytes[type] ?? unknownType();
	if (isKept) return readScalar(cursor, type);
	await cursor.skip(size);
	return null;
}

/** Null: longer than is kept; it is passed over. */
async function readText(cursor: GgufCursor, mostBytes: number): Promise<string | null> {
	const length = await cursor.length();
	if (length > mostBytes) {
		await cursor.skip(length);
		return null;
	}
	return cursor.text(length);
}

async function readScalar(cursor: GgufCursor, type: number): Promise<number | boolean> {
	switch (type) {
		case 1:
		case 3:
		case 5:
		case 11:
			return cursor.signed(typeBytes[type] ?? unknownType());
		case 6:
		case 12:
			return cursor.float(type === 6 ? 4 : 8);
		case 7:
			return (await cursor.number(1)) !== 0;
		default:
			return cursor.number(typeBytes[type] ?? unknownType());
	}
}

async function readList(cursor: GgufCursor, isKept: boolean, limits: GgufLimits): Promise<readonly number[] | null> {
	const type = await cursor.number(4);
	const length = await cursor.length();
	if (isKept && type !== TEXT && type !== LIST && length <= limits.listLength) {
		const list: number[] = [];
		while (list.length < length) list.push(Number(await readScalar(cursor, type)));
		return list;
	}
	await skipList(cursor, type, length, 1);
	return null;
}

async function skipList(cursor: GgufCursor, type: number, length: number, depth: number): Promise<void> {
	if (type !== TEXT && type !== LIST) return cursor.skip((typeBytes[type] ?? unknownType()) * length);
	// Each element says its own length in at least eight bytes, so a made-up count ends at the end of the header.
	for (let index = 0; index < length; index++) {
		if (type === TEXT) {
			const textLength = cursor.lengthAtHand() ?? (await cursor.length());
			if (!cursor.skipAtHand(textLength)) await cursor.skip(textLength);
		} else if (depth >= DEEPEST_LIST) {
			throw new GgufBroken("broken", "The file is damaged: lists within lists in its header.");
		} else {
			const inner = await cursor.number(4);
			await skipList(cursor, inner, await cursor.length(), depth + 1);
		}
	}
}

/** Also sees a file that ends before its last tensor begins, as a download does that was broken off. */
async function countParameters(
	cursor: GgufCursor,
	tensors: number,
	sizeBytes: number,
	limits: GgufLimits,
): Promise<number> {
	let total = 0;
	let furthest = 0;
	for (let index = 0; index < tensors; index++) {
		await cursor.skip(await cursor.length());
		const dimensions = await cursor.number(4);
		if (dimensions > MOST_DIMENSIONS)
			throw new GgufBroken("broken", "The file is damaged: a tensor has no real shape.");
		let count = 1;
		for (let dimension = 0; dimension < dimensions; dimension++) count *= await cursor.number(8);
		total += count;
		await cursor.skip(4);
		furthest = Math.max(furthest, await cursor.number(8));
	}
	if (total > MOST_PARAMETERS)
		throw new GgufBroken("broken", "The file is damaged: its tensors are larger than can be.");
	if (tensors > 0 && cursor.position + furthest >= sizeBytes && limits.headerBytes > cursor.position) {
		throw new GgufBroken("cut-short", "The file is cut short: it was not copied or downloaded to its end.");
	}
	return total;
}

function unknownType(): never {
	throw new GgufBroken("broken", "The file is damaged: a value in its header is of no known type.");
}
