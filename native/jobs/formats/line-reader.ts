/** Cuts bytes into lines and lines into text, without ever holding more than one line too many. */
import { isAscii, isUtf8 } from "node:buffer";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/** Room for the line that a chunk's end cuts in two, to begin with; and the most of it kept after a longer one. */
const CARRY_BYTES = 4 * 1024;
const KEPT_CARRY_BYTES = 1024 * 1024;

/** Why the text of a record can't be had. Positions are bytes from the start of the record. */
export type LineTrouble =
	| { readonly kind: "too-long"; readonly limitBytes: number }
	| { readonly kind: "not-utf8"; readonly position: number }
	| { readonly kind: "foreign"; readonly format: string }
	/** Of tables: the quote that opens on line `from` is not closed, or more than a delimiter follows its end on line `to`. */
	| { readonly kind: "open-quote"; readonly from: number; readonly to: number | null }
	/** Of tables: too many open quotes to go on looking for where rows begin. */
	| { readonly kind: "too-many-quotes" };

/** One record of a file: a line, or a row of a table, which may have line ends in quotes. */
export interface FileLine {
	/** 1-based number of the line it begins on. */
	readonly number: number;
	/** Byte range in the file, without byte order mark and line end. */
	readonly offset: number;
	readonly length: number;
	/** Null: see `trouble`. */
	readonly text: string | null;
	readonly trouble: LineTrouble | null;
}

/** Takes a file in chunks and gives its records. */
export interface RecordReader {
	/** Records that end in this chunk. To be read to the end before the next push. */
	push(chunk: Uint8Array): Iterable<FileLine>;
	/** The last record, if the file does not end in a line end. */
	end(): Iterable<FileLine>;
	/** True once it shows that this is no text file or hopelessly broken: nothing after is worth reading. */
	isHopeless(): boolean;
}

type Encoding = "latin1" | "utf8" | null;

/** Reads lines of at most `limitBytes`; of longer ones only the length is kept. */
export function createLineReader(limitBytes: number): RecordReader {
	const carried = createCarry(limitBytes);
	/** Where the current line starts in the file. */
	let lineOffset = 0;
	let lineNumber = 0;
	let foreign = false;

	function read(bytes: Buffer, start: number, end: number, encoding: Encoding): FileLine {
		lineNumber += 1;
		const offset = lineOffset;
		lineOffset += end - start + 1;
		if (lineNumber === 1) return readFirst(bytes, start, end);
		return decodeRecord(lineNumber, bytes, start, end, offset, encoding);
	}

	function readFirst(bytes: Buffer, start: number, end: number): FileLine {
		const format = foreignFormat(bytes.subarray(start, end));
		if (format !== null) {
			foreign = true;
			return { number: 1, offset: 0, length: end - start, text: null, trouble: { kind: "foreign", format } };
		}
		const mark = markLength(bytes, start);
		return decodeRecord(1, bytes, start + mark, end, mark, null);
	}

	function readCarried(rest: Buffer): FileLine {
		carried.add(rest);
		const { bytes, length } = carried.take();
		if (bytes !== null) return read(bytes, 0, length, null);
		lineNumber += 1;
		const offset = lineOffset;
		lineOffset += length + 1;
		return { number: lineNumber, offset, length, text: null, trouble: { kind: "too-long", limitBytes } };
	}

	function* push(chunk: Uint8Array): Generator<FileLine> {
		const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
		let start = 0;
		let end = bytes.indexOf(NEWLINE);
		if (end >= 0 && !carried.isEmpty()) {
			yield readCarried(bytes.subarray(0, end));
			start = end + 1;
			end = bytes.indexOf(NEWLINE, start);
		}
		// One look at all whole lines of the chunk is far cheaper than one at each.
		const encoding = end < 0 ? null : encodingOf(bytes.subarray(start, bytes.lastIndexOf(NEWLINE)));
		while (end >= 0 && !foreign) {
			yield end - start > limitBytes ? readCarried(bytes.subarray(start, end)) : read(bytes, start, end, encoding);
			start = end + 1;
			end = bytes.indexOf(NEWLINE, start);
		}
		carried.add(bytes.subarray(start));
	}

	return {
		push,
		*end() {
			if (!carried.isEmpty() && !foreign) yield readCarried(Buffer.alloc(0));
		},
		isHopeless: () => foreign,
	};
}

/** The line begun in earlier chunks: a copy, so that no chunk is kept alive for its last few bytes. */
interface Carry {
	isEmpty(): boolean;
	add(bytes: Buffer): void;
	/** Empties it. `bytes` begin with the line and hold until the next `add`; null: the line is too long. */
	take(): { readonly bytes: Buffer | null; readonly length: number };
}

function createCarry(limitBytes: number): Carry {
	let room = Buffer.alloc(CARRY_BYTES);
	let carriedBytes = 0;

	function ensureRoom(length: number): void {
		if (length <= room.length) return;
		const larger = Buffer.alloc(Math.min(limitBytes, Math.max(length, room.length * 2)));
		room.copy(larger, 0, 0, carriedBytes);
		room = larger;
	}

	function shrinkTo(keptBytes: number): void {
		if (room.length > keptBytes) room = Buffer.alloc(CARRY_BYTES);
	}

	return {
		isEmpty: () => carriedBytes === 0,
		add(bytes) {
			const length = carriedBytes + bytes.length;
			if (length > limitBytes) shrinkTo(CARRY_BYTES);
			else {
				ensureRoom(length);
				bytes.copy(room, carriedBytes);
			}
			carriedBytes = length;
		},
		take() {
			const taken = { bytes: carriedBytes > limitBytes ? null : room, length: carriedBytes };
			carriedBytes = 0;
			shrinkTo(KEPT_CARRY_BYTES);
			return taken;
		},
	};
}

function encodingOf(bytes: Buffer): Encoding {
	if (isAscii(bytes)) return "latin1";
	return isUtf8(bytes) ? "utf8" : null;
}

/** The record between two places of `bytes`, without the carriage return at its end. `known`: how the bytes are encoded, if known. */
export function decodeRecord(
	number: number,
	bytes: Buffer,
	start: number,
	lineEnd: number,
	offset: number,
	known: Encoding = null,
): FileLine {
	const end = lineEnd > start && bytes[lineEnd - 1] === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;
	const length = end - start;
	const encoding = known ?? encodingOf(bytes.subarray(start, end));
	if (encoding === null) {
		const position = firstNonUtf8(bytes.subarray(start, end));
		return { number, offset, length, text: null, trouble: { kind: "not-utf8", position } };
	}
	return { number, offset, length, text: bytes.toString(encoding, start, end), trouble: null };
}

/** Where bytes stop being UTF-8: the first replacement character of a lenient decoding that is not in the bytes themselves. */
function firstNonUtf8(bytes: Buffer): number {
	let position = 0;
	for (const character of bytes.toString("utf8")) {
		const isReal = bytes[position] === 0xef && bytes[position + 1] === 0xbf && bytes[position + 2] === 0xbd;
		if (character === "\uFFFD" && !isReal) return position;
		position += Buffer.byteLength(character);
	}
	return position;
}

/** Bytes of the byte order mark that stands at a place; 0: none does. */
export function markLength(bytes: Uint8Array, start: number): number {
	return BYTE_ORDER_MARK.every((byte, index) => bytes[start + index] === byte) ? BYTE_ORDER_MARK.length : 0;
}

/** First bytes of files that people send for JSONL by mistake. */
const FOREIGN_FORMATS: readonly (readonly [format: string, start: readonly number[]])[] = [
	["UTF-16 text", [0xff, 0xfe]],
	["UTF-16 text", [0xfe, 0xff]],
	["UTF-16 text", [0x7b, 0x00]],
	["UTF-16 text", [0x00, 0x7b]],
	["a gzip archive", [0x1f, 0x8b]],
	["a zip archive", [0x50, 0x4b, 0x03, 0x04]],
	["a Zstandard archive", [0x28, 0xb5, 0x2f, 0xfd]],
	["a PDF document", [0x25, 0x50, 0x44, 0x46]],
];

/** What a file really is whose first bytes are these; null: it may be text. */
export function foreignFormat(line: Buffer): string | null {
	const found = FOREIGN_FORMATS.find(([, start]) => start.every((byte, index) => line[index] === byte));
	return found?.[0] ?? null;
}
