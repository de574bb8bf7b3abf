import { UPLOAD_LIMITS } from "../contract/contract.ts";

/** Every size and time the server bounds, each with its reason. Tests pass smaller ones. */
export interface ApiLimits {
	/** A JSON body: the largest real one, `part_ids` of a full upload, is under 100 kB. Line bodies travel in files. */
	readonly jsonBytes: number;
	/**
	 * A live request: a prompt of 128,000 tokens with its tools is 1 MB of text and twice that once escaped; pictures that the
	 * model then refuses come in megabytes. Parsing this much holds up everything else for a third of a second at most.
	 */
	readonly liveJsonBytes: number;
	/** A file, as OpenAI's Uploads allow. Batch lines are indexed, not held, so nothing here needs less. */
	readonly fileBytes: number;
	/** One part of an upload, as OpenAI has it; the official helpers cut at exactly this. */
	readonly partBytes: number;
	/** Parts of one upload: 10,000 lets 8 GiB come in pieces of 1 MiB, and bounds the list a completion walks. */
	readonly partCount: number;
	/** Parts may be sent twice when a connection broke; this much more than the announced size is kept for it. */
	readonly repeatedPartBytes: number;
	/** A form field: the longest one with a meaning is a purpose. */
	readonly fieldBytes: number;
	/** Parts of a form: file, purpose, two of expiry; the rest is room for fields other servers know. */
	readonly formParts: number;
	/** Headers of one part of a form: a name, a file name and a type. */
	readonly partHeaderBytes: number;
	/** What a form may weigh beyond its file: fields, headers, boundaries. Checked against Content-Length before reading. */
	readonly formOverheadBytes: number;
	/** A body that brings no byte for this long is given up: a suspended laptop wakes in time, a dead peer does not linger. */
	readonly bodyIdleMs: number;
}

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const gibibyte = 1024 * mebibyte;

/** What the product runs with. */
export const apiLimits: ApiLimits = {
	jsonBytes: 1 * mebibyte,
	liveJsonBytes: 32 * mebibyte,
	fileBytes: UPLOAD_LIMITS.totalBytes,
	partBytes: UPLOAD_LIMITS.partBytes,
	partCount: 10_000,
	repeatedPartBytes: 1 * gibibyte,
	fieldBytes: 16 * kibibyte,
	formParts: 32,
	partHeaderBytes: 16 * kibibyte,
	formOverheadBytes: 1 * mebibyte,
	bodyIdleMs: 120_000,
};

/** Bytes in words for a message to people, e.g. `8 GiB`, `1500 bytes`. Exact or not rounded at all. */
export function describeBytes(bytes: number): string {
	for (const [unit, size] of [
		["GiB", gibibyte],
		["MiB", mebibyte],
		["KiB", kibibyte],
	] as const) {
		if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`;
	}
	return `${bytes} bytes`;
}
