const MEBIBYTE = 1024 * 1024;

/** Size chunks aim at: large enough that a gigabyte is a hundred files, small enough to copy between machines one by one. */
export const CHUNK_TARGET_BYTES = 8 * MEBIBYTE;

/** Size at which a chunk is cut inside a line. Above the longest line a batch may have (32 MB), so that only junk is cut. */
export const CHUNK_MAX_BYTES = 40 * MEBIBYTE;

/** Sizes of the chunks; tests pass small ones. */
export interface ChunkSizes {
	readonly targetBytes: number;
	readonly maxBytes: number;
	/** After so many chunks larger ones follow: the operation that names them all has a limit. Null: never. */
	readonly larger: { readonly afterChunks: number; readonly targetBytes: number } | null;
}

/** The product's sizes: a file of 64 GiB, the largest there may be, is 2,500 chunks. */
export const CHUNK_SIZES: ChunkSizes = {
	targetBytes: CHUNK_TARGET_BYTES,
	maxBytes: CHUNK_MAX_BYTES,
	larger: { afterChunks: 500, targetBytes: 32 * MEBIBYTE },
};

const LINE_FEED = 0x0a;

/**
 * Cuts a stream into chunks that end with a line: after the last line end within the target size, or, where a line is longer
 * than that, after its end, or hard at the maximum. Holds one chunk at a time; a chunk is valid until the next is asked for.
 */
export async function* lineChunks(source: AsyncIterable<Uint8Array>, given: ChunkSizes): AsyncGenerator<Uint8Array> {
	let sizes = given;
	let chunks = 0;
	let buffer: Buffer = Buffer.allocUnsafe(Math.min(sizes.targetBytes, MEBIBYTE));
	let filled = 0;
	for await (const piece of source) {
		let taken = 0;
		while (taken < piece.length) {
			const room = (filled < sizes.targetBytes ? sizes.targetBytes : sizes.maxBytes) - filled;
			const size = Math.min(room, piece.length - taken);
			buffer = withRoom(buffer, filled, size, sizes.maxBytes);
			buffer.set(piece.subarray(taken, taken + size), filled);
			const cut = cutPosition(buffer, filled, filled + size, sizes);
			filled += size;
			taken += size;
			if (cut === 0) continue;
			yield buffer.subarray(0, cut);
			buffer.copyWithin(0, cut, filled);
			filled -= cut;
			chunks += 1;
			if (chunks === given.larger?.afterChunks) sizes = { ...given, targetBytes: given.larger.targetBytes };
		}
	}
	if (filled > 0) yield buffer.subarray(0, filled);
}

/** Where to cut now that the bytes from `before` to `filled` were added; 0: not yet. */
function cutPosition(buffer: Buffer, before: number, filled: number, sizes: ChunkSizes): number {
	if (filled < sizes.targetBytes) return 0;
	if (before < sizes.targetBytes) return buffer.lastIndexOf(LINE_FEED, filled - 1) + 1;
	const lineEnd = buffer.subarray(0, filled).indexOf(LINE_FEED, before);
	if (lineEnd >= 0) return lineEnd + 1;
	return filled >= sizes.maxBytes ? filled : 0;
}

/** The buffer, or a copy of at least twice its size, with room for `size` more bytes. */
function withRoom(buffer: Buffer, filled: number, size: number, maxBytes: number): Buffer {
	if (filled + size <= buffer.length) return buffer;
	const larger = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(buffer.length * 2, filled + size)));
	buffer.copy(larger, 0, 0, filled);
	return larger;
}
