import type { Clock } from "../base/base.ts";

/** Shows one thing that changes: drawn over on a terminal, a plain line now and then elsewhere. */
export interface LineView {
	/** Shows a text. `isWeighty`: printed at once also where others wait their time. */
	update(text: LineText, isWeighty: boolean): void;
	/** Prints a line that stays, above the one that is drawn over. */
	note(text: string): void;
	/** Leaves the last state standing. */
	end(): void;
}

/** What is shown: with decoration where it is drawn over, plain where it is printed. */
export interface LineText {
	/** Stands before the plain text on a terminal. */
	readonly lead: string;
	readonly plain: string;
}

/** Where the view goes. */
export interface LineStream {
	readonly isTTY?: boolean;
	readonly columns?: number;
	write(text: string): unknown;
}

/** What a terminal is taken for that does not say how wide it is. */
const USUAL_COLUMNS = 80;
const CLEAR_LINE = "\r\u001b[2K";

/** Builds the view for a stream; off a terminal it prints at most one line in `plainEveryMs`. */
export function createLineView(stream: LineStream, clock: Clock, plainEveryMs: number): LineView {
	let lastText = "";
	let lastPlainMs = Number.NEGATIVE_INFINITY;
	let isOpen = false;
	return {
		update({ lead, plain }, isWeighty) {
			if (plain === lastText) return;
			if (stream.isTTY) {
				// Some terminals say 0.
				const columns = stream.columns ? stream.columns : USUAL_COLUMNS;
				stream.write(CLEAR_LINE + `${lead}${plain}`.slice(0, columns - 1));
				isOpen = true;
			} else {
				if (!isWeighty && clock.monotonicMs() - lastPlainMs < plainEveryMs) return;
				lastPlainMs = clock.monotonicMs();
				stream.write(`${plain}\n`);
			}
			lastText = plain;
		},
		note(text) {
			stream.write(`${isOpen ? CLEAR_LINE : ""}${text}\n`);
			isOpen = false;
			// What was drawn over has to be drawn anew below.
			if (stream.isTTY) lastText = "";
		},
		end() {
			if (isOpen) stream.write("\n");
			isOpen = false;
		},
	};
}
