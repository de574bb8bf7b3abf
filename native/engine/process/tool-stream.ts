/**
 * Reads tool calls out of growing text, piece by piece, so that whoever listens sees a long call being written. Pure text work.
 *
 * A call in the usual order, name before arguments, counts as one from the brace that opens its arguments. Arguments are then
 * the model's own text up to the matching brace, good JSON or not, and to the end of the output where no brace matches: what has
 * been told can't be taken back. A call in any other form is read when it is whole, and is text when it is malformed.
 */
import type { ToolCall } from "../request.ts";
import { type BraceCounter, createBraceCounter } from "./braces.ts";
import { longestOpenSuffix } from "./stop.ts";
import { callId, matchEnd, matchHead, parseCalls, type ToolStyle } from "./tools.ts";

/** How calls are to be read. */
export interface ToolReaderOptions {
	readonly style: ToolStyle;
	/** After so many calls nothing more is read, text neither. */
	readonly callLimit: number;
	/** Letters and digits for the id of the next call. */
	readonly nextId: () => string;
}

/** Reads calls out of growing text; what is no call comes out as text. */
export interface ToolReader {
	/** Text that is certainly not part of a call. */
	push(piece: string): string;
	/** The end of the output: what was withheld and is no call after all. */
	flush(): string;
	/** The calls so far. They only grow: in number, and the last in its arguments. */
	readonly calls: readonly ToolCall[];
	/** True while the arguments of the last call go on. */
	readonly isOpen: boolean;
}

/** Where a reader stands. */
type Phase =
	| "text"
	/** A call may have begun. */
	| "head"
	| "arguments"
	/** Between the arguments and the brace of the object around them. */
	| "behind"
	/** In fields that come after the arguments. */
	| "fields"
	/** Behind the object: what ends a call, or parts it from the next. */
	| "end"
	/** As many calls as there may be have been read. */
	| "over";

interface Reading extends ToolReaderOptions {
	readonly calls: ToolCall[];
	phase: Phase;
	/** Text not yet understood. */
	held: string;
	/** Nothing but calls and white space so far. */
	atStart: boolean;
	isObject: boolean;
	braces: BraceCounter;
}

/** A reader for one answer. */
export function createToolReader(options: ToolReaderOptions): ToolReader {
	const reading: Reading = {
		...options,
		calls: [],
		phase: "text",
		held: "",
		atStart: true,
		isObject: true,
		braces: createBraceCounter(0),
	};
	return {
		calls: reading.calls,
		get isOpen() {
			return reading.phase === "arguments";
		},
		push(piece) {
			reading.held += piece;
			let text = "";
			let before: Phase;
			do {
				before = reading.phase;
				text += READERS[before](reading);
			} while (reading.phase !== before);
			return text;
		},
		flush: () => flush(reading),
	};
}

/** One a phase: takes what it understands of the held text, gives what is text for sure, and moves on where the phase ends. */
const READERS: Readonly<Record<Phase, (reading: Reading) => string>> = {
	text: readText,
	head: readHead,
	arguments: readArguments,
	behind: readBehind,
	fields: readFields,
	end: readEnd,
	over(reading) {
		reading.held = "";
		return "";
	},
};

function readText(reading: Reading): string {
	const { style, held } = reading;
	if (reading.atStart && style.bareJson) {
		const text = held.trimStart();
		if (text.length === 0) return "";
		if (text.startsWith("{")) {
			reading.phase = "head";
			return "";
		}
	}
	const position = firstOf(held, style.openers);
	if (position >= 0) {
		reading.phase = "head";
		return take(reading, held.slice(0, position).trimEnd().length);
	}
	// White space before a call is the call's, not the text's.
	const open = longestOpenSuffix(held, style.openers);
	const sure = take(reading, held.slice(0, held.length - open).trimEnd().length);
	if (sure.length > 0) reading.atStart = false;
	return sure;
}

function readHead(reading: Reading): string {
	const { style, held } = reading;
	const head = matchHead(style, held);
	if (head !== null) {
		take(reading, head.length);
		reading.calls.push({ id: callId(style, reading.nextId), name: head.name, argumentsJson: "" });
		reading.isObject = head.isObject;
		reading.braces = createBraceCounter(0);
		reading.phase = "arguments";
		return "";
	}
	const end = style.closer === null ? -1 : held.indexOf(style.closer);
	if (style.closer === null || end < 0) return "";
	const raw = take(reading, end + style.closer.length);
	const isText = addWholeCalls(reading, raw) === 0;
	reading.phase = nextAfterCall(reading, "text");
	return isText ? raw : "";
}

function readArguments(reading: Reading): string {
	const piece = take(reading, reading.braces.count(reading.held));
	const call = reading.calls.pop();
	if (call === undefined) throw new Error("Arguments without a call");
	reading.calls.push({ ...call, argumentsJson: call.argumentsJson + piece });
	if (reading.braces.depth === 0) reading.phase = nextAfterCall(reading, reading.isObject ? "behind" : "end");
	return "";
}

/** A model that forgets the brace of the object is understood all the same. */
function readBehind(reading: Reading): string {
	reading.held = reading.held.trimStart();
	if (reading.held.length === 0) return "";
	reading.phase = "end";
	if (reading.held.startsWith(",")) {
		reading.phase = "fields";
		reading.braces = createBraceCounter(1);
	}
	return "";
}

function readFields(reading: Reading): string {
	take(reading, reading.braces.count(reading.held));
	if (reading.braces.depth === 0) reading.phase = "end";
	return "";
}

function readEnd(reading: Reading): string {
	const end = matchEnd(reading.style, reading.held);
	if (end === null) return "";
	take(reading, end.length);
	reading.phase = end.another ? "head" : "text";
	return "";
}

function flush(reading: Reading): string {
	const rest = take(reading, reading.held.length);
	if (reading.phase === "text") return reading.calls.length > 0 ? rest.trimEnd() : rest;
	if (reading.phase !== "head") return "";
	// A later call of a list comes without the bracket that the first one had.
	const isRestOfList = reading.style.name === "mistral" && rest.trimStart().startsWith("{");
	return addWholeCalls(reading, isRestOfList ? `[${rest}` : rest) === 0 ? rest : "";
}

/** Adds the calls in a whole text; how many there were. */
function addWholeCalls(reading: Reading, raw: string): number {
	const { style, calls, callLimit, nextId } = reading;
	const parsed = parseCalls(style, raw);
	for (const call of parsed.slice(0, callLimit - calls.length)) calls.push({ id: callId(style, nextId), ...call });
	return parsed.length;
}

function nextAfterCall(reading: Reading, next: Phase): Phase {
	return reading.calls.length >= reading.callLimit ? "over" : next;
}

function take(reading: Reading, length: number): string {
	const taken = reading.held.slice(0, length);
	reading.held = reading.held.slice(length);
	return taken;
}

function firstOf(text: string, markers: readonly string[]): number {
	const positions = markers.map((marker) => text.indexOf(marker)).filter((position) => position >= 0);
	return positions.length === 0 ? -1 : Math.min(...positions);
}
