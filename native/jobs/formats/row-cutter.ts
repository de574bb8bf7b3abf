/**
 * Cuts a table into rows without understanding more of it than quotes. A row whose quotes are wrong is given up, and the next one is
 * looked for on the line after the one it began on, so that one forgotten quote costs one row and not the rest of the file.
 */
import {
	decodeRecord,
	type FileLine,
	foreignFormat,
	type LineTrouble,
	markLength,
	type RecordReader,
} from "./line-reader.ts";
import { createRoom, type Room } from "./room.ts";
import { type RowPlace, readOn } from "./row-state.ts";

/** Bytes that show a file of another kind, or a byte order mark. */
const SIGN_BYTES = 4;

/** Bytes read again behind wrong quotes, in longest rows: a file made of nothing else must not take hours. */
const MOST_ROWS_AGAIN = 8;

/** The row in hand. Places are counted from the start of the room. */
interface Row {
	readonly start: number;
	/** Bytes of it that were let go, since it can't be read anyway. */
	readonly lostBytes: number;
	/** 1-based line it begins on, and the one that the reading is at. */
	readonly firstLine: number;
	readonly line: number;
	/** Bytes of its first line, if it has several. */
	readonly firstLength: number | null;
	/** Line of the last quote that opened a field. */
	readonly quoteLine: number;
	readonly trouble: LineTrouble | null;
}

/** Cuts rows of at most `limitBytes`, whose fields `delimiter` parts. The first row is one like any other. */
export function createRowCutter(delimiter: number, limitBytes: number): RecordReader {
	const room = createRoom();
	const place: RowPlace = { at: 0, state: "field" };
	let row = beginRow(0, 1);
	let againBytes = 0;
	let hasBegun = false;
	let isHopeless = false;

	/** The row in hand ends before `end`; the next one begins at `next`, on the line `nextLine`. */
	function finish(end: number, next: number, nextLine: number, trouble: LineTrouble | null): FileLine {
		const record = recordOf(room, row, end, trouble);
		place.at = next;
		place.state = "field";
		row = beginRow(next, nextLine);
		return record;
	}

	/** Its quotes are wrong. Null: the row goes on until its line ends. */
	function giveUp(to: number | null): FileLine | null {
		const trouble: LineTrouble = { kind: "open-quote", from: row.quoteLine, to };
		if (row.firstLength === null) return skip(trouble);
		const end = row.start + row.firstLength;
		againBytes += place.at - end;
		isHopeless = againBytes > MOST_ROWS_AGAIN * limitBytes;
		if (isHopeless) return finish(place.at, place.at, row.line, { kind: "too-many-quotes" });
		return finish(end, end + 1, row.firstLine + 1, trouble);
	}

	function skip(trouble: LineTrouble): null {
		row = { ...row, trouble };
		place.state = "skipping";
		return null;
	}

	/** Reads on to the next thing of note. Answers the row that it ends. */
	function step(): FileLine | null {
		const isSkipping = place.state === "skipping";
		const reach = isSkipping ? room.filled : Math.min(room.filled, row.start + limitBytes + 1);
		const event = readOn(place, room.bytes, reach, delimiter);
		if (event === "end") return finish(place.at - 1, place.at, row.line + 1, row.trouble);
		if (event === "bad") return giveUp(row.line);
		if (event === "open") row = { ...row, quoteLine: row.line };
		if (event === "line")
			row = { ...row, line: row.line + 1, firstLength: row.firstLength ?? place.at - 1 - row.start };
		if (isSkipping || place.at - row.start <= limitBytes) return null;
		return place.state === "quoted" && row.firstLength !== null ? giveUp(null) : skip({ kind: "too-long", limitBytes });
	}

	function* scan(): Generator<FileLine> {
		if (!hasBegun) {
			hasBegun = true;
			const format = foreignFormat(room.bytes.subarray(0, room.filled));
			place.at = markLength(room.bytes.subarray(0, room.filled), 0);
			row = beginRow(place.at, 1);
			isHopeless = format !== null;
			if (format !== null) yield finish(room.filled, room.filled, 1, { kind: "foreign", format });
		}
		while (place.at < room.filled && !isHopeless) {
			const found = step();
			if (found !== null) yield found;
		}
	}

	/** Lets go of what is not needed any more. */
	function tidy(): void {
		const start = place.state === "skipping" ? place.at : row.start;
		row = { ...row, start: 0, lostBytes: row.lostBytes + start - row.start };
		room.dropBefore(start);
		place.at -= start;
	}

	function* finishAll(): Generator<FileLine> {
		yield* scan();
		// Each turn gives up one row with an open quote and looks at what it had swallowed.
		while (place.state === "quoted" && !isHopeless) {
			const found = giveUp(null);
			if (found !== null) yield found;
			yield* scan();
		}
		if (isHopeless || (room.filled === row.start && row.lostBytes === 0)) return;
		yield finish(room.filled, room.filled, row.line, row.trouble);
	}

	return {
		*push(chunk) {
			if (isHopeless) return;
			room.add(chunk);
			if (room.filled < SIGN_BYTES && !hasBegun) return;
			yield* scan();
			tidy();
		},
		end: finishAll,
		isHopeless: () => isHopeless,
	};
}

function beginRow(start: number, firstLine: number): Row {
	return { start, lostBytes: 0, firstLine, line: firstLine, firstLength: null, quoteLine: firstLine, trouble: null };
}

function recordOf(room: Room, row: Row, end: number, trouble: LineTrouble | null): FileLine {
	const { firstLine: number, start, lostBytes } = row;
	const offset = room.offset + start;
	if (trouble === null) return decodeRecord(number, room.bytes, start, end, offset);
	return { number, offset: offset - lostBytes, length: lostBytes + end - start, text: null, trouble };
}
