import { z } from "zod";
import type { LineResult } from "./records.ts";
import { payloadHash } from "./winner.ts";

/** Segments are cut at this size, so that machines exchange them in small pieces. A larger single result has its own. */
export const SEGMENT_MAX_BYTES = 4 * 1024 * 1024;

/** And at so many results, so that the operation that names their lines keeps below `MAX_OP_BYTES`, however scattered they are. */
const SEGMENT_MAX_LINES = 4_000;

/** Where a result lies in its segment, and what the tables keep of it. */
export interface SegmentRow {
	readonly line: number;
	readonly isError: boolean;
	/** SHA-256 of the payload. */
	readonly hash: Uint8Array;
	readonly offset: number;
	/** Without the line end. */
	readonly length: number;
	readonly promptTokens: number;
	readonly cachedTokens: number;
	readonly completionTokens: number;
	readonly reasoningTokens: number;
}

/** A result that goes into a segment, with the hash of its payload. */
export interface HashedResult {
	readonly result: LineResult;
	readonly hash: Uint8Array;
}

/** A segment ready to be written: JSONL bytes and the rows that lie in them. */
export interface EncodedSegment {
	readonly bytes: Buffer;
	readonly rows: readonly SegmentRow[];
	/** What the rows were made of. */
	readonly results: readonly LineResult[];
}

const natural = z.number().int().nonnegative();

const resultSchema = z.object({
	line: natural,
	isError: z.boolean(),
	payload: z.string(),
	provenance: z.object({
		modelDigest: z.string(),
		engineVersion: z.string(),
		machine: z.string(),
		seed: z.number().nullable(),
		promptTokens: natural,
		cachedTokens: natural,
		completionTokens: natural,
		reasoningTokens: natural,
		producedAtMs: z.number(),
		durationMs: z.number(),
		/** Segments from before it was counted. */
		attempts: natural.default(1),
	}),
});

/** Writes results as JSONL, cut into segments. Results keep their order. */
export function encodeSegments(results: readonly HashedResult[]): EncodedSegment[] {
	const segments: EncodedSegment[] = [];
	let texts: string[] = [];
	let rows: SegmentRow[] = [];
	let taken: LineResult[] = [];
	let filled = 0;
	const cut = (): void => {
		if (rows.length > 0) segments.push({ bytes: Buffer.from(texts.join(""), "utf8"), rows, results: taken });
		texts = [];
		rows = [];
		taken = [];
		filled = 0;
	};
	for (const { result, hash } of results) {
		const { line, isError, payload, provenance } = result;
		const text = `${JSON.stringify({ line, isError, payload, provenance })}\n`;
		const sizeBytes = Buffer.byteLength(text);
		if (filled + sizeBytes > SEGMENT_MAX_BYTES || rows.length >= SEGMENT_MAX_LINES) cut();
		rows.push(segmentRow(result, hash, filled, sizeBytes - 1));
		taken.push(result);
		texts.push(text);
		filled += sizeBytes;
	}
	cut();
	return segments;
}

/** Reads one line of a segment. Throws if it is not a result. */
export function parseSegmentLine(bytes: Uint8Array): LineResult {
	return resultSchema.parse(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")));
}

/** Reads the rows of a whole segment, for making the tables anew. */
export function parseSegment(bytes: Buffer): SegmentRow[] {
	const rows: SegmentRow[] = [];
	let offset = 0;
	while (offset < bytes.length) {
		const end = bytes.indexOf(0x0a, offset);
		const length = (end < 0 ? bytes.length : end) - offset;
		const result = parseSegmentLine(bytes.subarray(offset, offset + length));
		rows.push(segmentRow(result, payloadHash(result.payload), offset, length));
		offset += length + 1;
	}
	return rows;
}

function segmentRow(result: LineResult, hash: Uint8Array, offset: number, length: number): SegmentRow {
	const { promptTokens, cachedTokens, completionTokens, reasoningTokens } = result.provenance;
	const tokens = { promptTokens, cachedTokens, completionTokens, reasoningTokens };
	return { line: result.line, isError: result.isError, hash, offset, length, ...tokens };
}
