/** Parses JSON that somebody else wrote; null where it is none, which every schema refuses that does not allow it. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return null;
		throw error;
	}
}
