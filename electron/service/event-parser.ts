/**
 * Reads server-sent events off a stream (HTML standard, 9.2.6). Owns the parsing and its bounds; knows no connection. `retry` is left
 * out: how long to wait is ours to choose.
 */

/** One event. */
export interface ServerSentEvent {
	/** `message` where it has no name. */
	readonly name: string;
	/** The last id that the stream has told; empty: none. */
	readonly id: string;
	readonly data: string;
}

/** Takes pieces of a stream. */
export interface EventParser {
	/** Answers the events that the piece completes; null: an event is too long, and nothing more can be read. */
	take(piece: string): readonly ServerSentEvent[] | null;
}

/** The service itself lets eight megabytes wait for one who does not read; no event of it is longer. */
const MOST_EVENT_LENGTH = 8 * 1024 * 1024;

/** Makes a parser for one stream. */
export function createEventParser(mostLength = MOST_EVENT_LENGTH): EventParser {
	let rest = "";
	let name = "";
	let id = "";
	let data: string[] = [];
	let dataLength = 0;

	function field(line: string): void {
		const colon = line.indexOf(":");
		const key = colon === -1 ? line : line.slice(0, colon);
		const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
		if (key === "event") name = value;
		if (key === "id" && !value.includes("\0")) id = value;
		if (key !== "data") return;
		data.push(value);
		dataLength += value.length + 1;
	}

	function complete(): ServerSentEvent | null {
		const event = data.length === 0 ? null : { name: name || "message", id, data: data.join("\n") };
		name = "";
		data = [];
		dataLength = 0;
		return event;
	}

	return {
		take(piece) {
			// A long line comes in many pieces: each is looked at once.
			if (!/[\r\n]/.test(piece) && !rest.endsWith("\r")) {
				rest += piece;
				return dataLength + rest.length > mostLength ? null : [];
			}
			// A carriage return at the very end may be half a line break: it waits for what follows.
			const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
			rest = lines.pop() ?? "";
			const events: ServerSentEvent[] = [];
			for (const line of lines) {
				if (line !== "") {
					field(line);
					if (dataLength > mostLength) return null;
					continue;
				}
				const event = complete();
				if (event !== null) events.push(event);
			}
			return dataLength + rest.length > mostLength ? null : events;
		},
	};
}
