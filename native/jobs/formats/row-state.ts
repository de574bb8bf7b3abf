/** How quotes, delimiters and line ends make a row of a table (RFC 4180), byte by byte. */

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Where in a row the reading is. `quote`: behind one that ends a field or begins an escape; `return`: behind a carriage return
 * after such a quote; `skipping`: behind a fault, until the line ends.
 */
export type RowState = "field" | "plain" | "quoted" | "quote" | "return" | "skipping";

/**
 * What the reading stopped at: the row's end; a line end within quotes; a quote that opens a field; a byte that can't follow the quote
 * before it. `null`: the bytes are out.
 */
export type RowEvent = "end" | "line" | "open" | "bad" | null;

/** A place in a row. */
export interface RowPlace {
	/** The next byte. */
	at: number;
	state: RowState;
}

/** Reads on to the next event, or to `end`. The byte that made the event has been read then. */
export function readOn(place: RowPlace, bytes: Uint8Array, end: number, delimiter: number): RowEvent {
	let { at, state } = place;
	let event: RowEvent = null;
	while (at < end && event === null) {
		const byte = bytes[at];
		at += 1;
		if (byte === NEWLINE) event = state === "quoted" ? "line" : "end";
		else if (state === "plain") {
			// A quote within a field that did not begin with one is text.
			if (byte === delimiter) state = "field";
		} else if (state === "quoted") {
			if (byte === QUOTE) state = "quote";
		} else if (state === "field") {
			if (byte === QUOTE) event = "open";
			state = byte === QUOTE ? "quoted" : byte === delimiter ? "field" : "plain";
		} else if (state === "quote") {
			if (byte === QUOTE) state = "quoted";
			else if (byte === delimiter) state = "field";
			else if (byte === CARRIAGE_RETURN) state = "return";
			else event = "bad";
		} else if (state === "return") event = "bad";
	}
	place.at = at;
	place.state = state;
	return event;
}
