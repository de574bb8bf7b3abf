/** Finds where a JSON object ends in growing text. Pure text work; judges nothing but braces and quotes. */

/** Counts braces that stand outside of strings. */
export interface BraceCounter {
	/** Takes text up to the brace that closes the outermost one, or all of it; gives how much it took. */
	count(text: string): number;
	/** Braces that are open. */
	readonly depth: number;
}

/** A counter that begins with so many braces open. */
export function createBraceCounter(openBraces: number): BraceCounter {
	let depth = openBraces;
	let inString = false;
	let isEscaped = false;
	const step = (character: string): void => {
		if (isEscaped) isEscaped = false;
		else if (inString && character === "\\") isEscaped = true;
		else if (character === '"') inString = !inString;
		else if (!inString && character === "{") depth++;
		else if (!inString && character === "}") depth--;
	};
	return {
		count(text) {
			for (let index = 0; index < text.length; index++) {
				step(text.charAt(index));
				if (depth === 0) return index + 1;
			}
			return text.length;
		},
		get depth() {
			return depth;
		},
	};
}
