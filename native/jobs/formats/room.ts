/** Bytes held until what they are part of is whole. */

/** Room to begin with; and the most of it kept after something longer. */
const ROOM_BYTES = 64 * 1024;
const KEPT_ROOM_BYTES = 2 * 1024 * 1024;

/** Takes bytes at its end and gives them up at its start. */
export interface Room {
	/** Hold until the next change; only the first `filled` of them mean anything. */
	readonly bytes: Buffer;
	readonly filled: number;
	/** Where the room begins in the file. */
	readonly offset: number;
	add(chunk: Uint8Array): void;
	/** Lets go of the first bytes, up to `start`. */
	dropBefore(start: number): void;
}

/** An empty room at the start of a file. */
export function createRoom(): Room {
	let bytes = Buffer.alloc(ROOM_BYTES);
	let filled = 0;
	let offset = 0;
	return {
		get bytes() {
			return bytes;
		},
		get filled() {
			return filled;
		},
		get offset() {
			return offset;
		},
		add(chunk) {
			if (filled + chunk.length > bytes.length) {
				const larger = Buffer.alloc(Math.max(filled + chunk.length, bytes.length * 2));
				bytes.copy(larger, 0, 0, filled);
				bytes = larger;
			}
			bytes.set(chunk, filled);
			filled += chunk.length;
		},
		dropBefore(start) {
			bytes.copyWithin(0, start, filled);
			offset += start;
			filled -= start;
			if (bytes.length > KEPT_ROOM_BYTES && filled < ROOM_BYTES) bytes = Buffer.from(bytes.subarray(0, ROOM_BYTES));
		},
	};
}
