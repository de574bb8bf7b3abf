/** Cuts words to the room there is, never through the middle of a character. Pure. */

const ELLIPSIS = "…";
/** Letters of what people see as one, such as a flag or a letter and its accent, stay together. */
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Cuts the end off where text is longer than `mostLength` UTF-16 units. */
export function shorten(text: string, mostLength: number): string {
	if (text.length <= mostLength) return text;
	return head(text, mostLength - ELLIPSIS.length) + ELLIPSIS;
}

/** Cuts a piece out of the middle, for names whose ends tell them apart, e.g. `tickets-of-the…part-12.jsonl`. */
export function shortenMiddle(text: string, mostLength: number): string {
	if (text.length <= mostLength) return text;
	const room = mostLength - ELLIPSIS.length;
	const end = tail(text, Math.floor(room / 2));
	return head(text, room - end.length) + ELLIPSIS + end;
}

function head(text: string, room: number): string {
	let end = 0;
	for (const { index, segment } of graphemes.segment(text)) {
		if (index + segment.length > room) break;
		end = index + segment.length;
	}
	return text.slice(0, end);
}

function tail(text: string, room: number): string {
	for (const { index } of graphemes.segment(text)) {
		if (text.length - index <= room) return text.slice(index);
	}
	return "";
}
