/** Walks through the bytes of a GGUF header with one small window of memory; used by gguf.ts alone. */
import type { FileHandle } from "node:fs/promises";

/** Why there is no header. */
export interface GgufFault {
	/** `cut-short`: the file ends before what its header promises. */
	readonly kind: "unreadable" | "not-gguf" | "unsupported" | "broken" | "cut-short";
	/** In words, for people. */
	readonly message: string;
}

/** Ends the reading of a header. Thrown from deep within, and made a value where the reading began. */
export class GgufBroken extends Error {
	readonly fault: GgufFault;

	constructor(kind: GgufFault["kind"], message: string) {
		super(message);
		this.name = "GgufBroken";
		this.fault = { kind, message };
	}
}

/** A place in a header that moves forward as it is read. All reading throws `GgufBroken` at the end of the file or header. */
export interface GgufCursor {
	readonly position: number;
	/** An unsigned number of 1, 2, 4 or 8 bytes; beyond 2^53 the nearest there is. */
	number(sizeBytes: number): Promise<number>;
	signed(sizeBytes: number): Promise<number>;
	float(sizeBytes: 4 | 8): Promise<number>;
	/** A length in bytes or elements; none is larger than what is left. */
	length(): Promise<number>;
	/** As `length` where it needs no reading; null: it does. */
	lengthAtHand(): number | null;
	/** A number of things, at most `most`. */
	count(most: number, things: string): Promise<number>;
	text(sizeBytes: number): Promise<string>;
	skip(sizeBytes: number): Promise<void>;
	/** As `skip` where it needs no reading; false: it does, and nothing was passed over. */
	skipAtHand(sizeBytes: number): boolean;
}

/** Memory for one look at the file: a vocabulary is read in some hundred steps. */
const WINDOW_BYTES = 256 << 10;

/** Opens a cursor at the beginning of a file of `sizeBytes`. */
export function openCursor(file: FileHandle, sizeBytes: number, mostBytes: number): GgufCursor {
	const end = Math.min(sizeBytes, mostBytes);
	const window = Buffer.alloc(Math.min(WINDOW_BYTES, Math.max(end, 8)));
	let windowStart = 0;
	let windowLength = 0;
	let position = 0;

	function check(size: number): void {
		if (position + size <= end) return;
		if (position + size > sizeBytes) throw new GgufBroken("cut-short", "The file ends within its header.");
		throw new GgufBroken("broken", "The file is damaged: its header has no end.");
	}

	function isAtHand(size: number): boolean {
		return position >= windowStart && position + size <= windowStart + windowLength;
	}

	/** Brings the next bytes, at most a window of them, into memory; answers where they begin in it. */
	async function bring(size: number): Promise<number> {
		check(size);
		if (!isAtHand(size)) {
			windowStart = position;
			windowLength = 0;
			while (windowLength < size) {
				const room = Math.min(window.byteLength, end - windowStart) - windowLength;
				const { bytesRead } = await file.read(window, windowLength, room, windowStart + windowLength);
				if (bytesRead === 0) throw new GgufBroken("cut-short", "The file ends within its header.");
				windowLength += bytesRead;
			}
		}
		const offset = position - windowStart;
		position += size;
		return offset;
	}

	function checkedLength(value: bigint): number {
		const number = Number(value);
		check(number);
		return number;
	}

	return {
		get position() {
			return position;
		},
		async number(size) {
			const offset = await bring(size);
			return size === 8 ? Number(window.readBigUInt64LE(offset)) : window.readUIntLE(offset, size);
		},
		async signed(size) {
			const offset = await bring(size);
			return size === 8 ? Number(window.readBigInt64LE(offset)) : window.readIntLE(offset, size);
		},
		async float(size) {
			const offset = await bring(size);
			return size === 4 ? window.readFloatLE(offset) : window.readDoubleLE(offset);
		},
		async length() {
			return checkedLength(window.readBigUInt64LE(await bring(8)));
		},
		lengthAtHand() {
			if (!isAtHand(8)) return null;
			const length = window.readBigUInt64LE(position - windowStart);
			position += 8;
			return checkedLength(length);
		},
		async count(most, things) {
			const count = window.readBigUInt64LE(await bring(8));
			if (count <= BigInt(most)) return Number(count);
			throw new GgufBroken("broken", `The file is damaged: it claims to have ${count} ${things}.`);
		},
		async text(size) {
			const offset = await bring(size);
			return window.toString("utf8", offset, offset + size);
		},
		async skip(size) {
			check(size);
			position += size;
		},
		skipAtHand(size) {
			if (!isAtHand(size)) return false;
			position += size;
			return true;
		},
	};
}
