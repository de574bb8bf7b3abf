/** Server-sent events out of a body that is read piece by piece. Pure. */

/** Reads events out of pieces of text. */
export interface SseReader {
	/** Takes the next piece; answers the data of the events that are whole by now. */
	push(piece: string): readonly string[];
}

/** Longest event: a chunk of an answer has a few hundred characters; what has more is no answer of ours. */
export const LONGEST_EVENT_LENGTH = 4_000_000;

/** Starts a reader. Names, ids and comments are left out: completions have none. Lines end as the standard allows: LF, CR or both. */
export function createSseReader(): SseReader {
	let rest = "";
	let data: string[] = [];
	let dataLength = 0;

	function takeLine(line: string): string | null {
		if (line === "") {
			const event = data.length === 0 ? null : data.join("\n");
			data = [];
			dataLength = 0;
			return event;
		}
		const colon = line.indexOf(":");
		const field = colon < 0 ? line : line.slice(0, colon);
		if (field !== "data") return null;
		const value = colon < 0 ? "" : line.slice(colon + 1);
		data.push(value.startsWith(" ") ? value.slice(1) : value);
		dataLength += value.length;
		return null;
	}

	return {
		push(piece) {
			rest += piece;
			const events: string[] = [];
			let start = 0;
			for (let at = 0; at < rest.length; at++) {
				const sign = rest[at];
				if (sign !== "\n" && sign !== "\r") continue;
				// What follows a CR decides whether it was half of a line's end; it may come with the next piece.
				if (sign === "\r" && at + 1 === rest.length) break;
				const event = takeLine(rest.slice(start, at));
				if (event !== null) events.push(event);
				if (sign === "\r" && rest[at + 1] === "\n") at++;
				start = at + 1;
			}
			rest = rest.slice(start);
			if (rest.length + dataLength > LONGEST_EVENT_LENGTH) throw new Error("An event of the answer has no end.");
			return events;
		},
	};
}
