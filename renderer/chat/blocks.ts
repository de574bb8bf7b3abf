/** Cuts markdown where it can be cut, so that of an answer that grows only the last part is read anew. Pure. */

/** Opens or closes a block of code. */
const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/;
/** A new block can't begin with these: they belong to the list, quote or footnote before. */
const goesOn = /^(?:\s|[-*+>] |\d+[.)] |\[\^)/;
/** A definition counts in the whole text. */
const definition = /^ {0,3}\[[^\]]+\]:/m;

/** The parts of a text; joined they are the text again. Each means the same by itself as in the whole. */
export function splitBlocks(text: string): readonly string[] {
	if (definition.test(text)) return [text];
	const blocks: string[] = [];
	let block: string[] = [];
	let open: string | null = null;
	let isAfterBlank = false;
	for (const line of text.split("\n")) {
		if (open === null && isAfterBlank && line !== "" && !goesOn.test(line)) {
			blocks.push(`${block.join("\n")}\n`);
			block = [];
		}
		block.push(line);
		open = fenceAfter(open, line);
		isAfterBlank = line.trim() === "";
	}
	blocks.push(block.join("\n"));
	return blocks;
}

/** The fence that is open after a line; null: none. */
function fenceAfter(open: string | null, line: string): string | null {
	const [, marks = "", info = ""] = fence.exec(line) ?? [];
	if (marks === "") return open;
	if (open === null) return marks.startsWith("`") && info.includes("`") ? null : marks;
	const closes = marks[0] === open[0] && marks.length >= open.length && info.trim() === "";
	return closes ? null : open;
}
