/** Which addresses in an answer may be followed. Pure. */

const FOLLOWED = new Set(["http:", "https:", "mailto:"]);

/** The address, where it is one of the web or of mail; null: it stays text. A model's answer must not lead into this page or run anything. */
export function safeAddress(address: string): string | null {
	const parsed = URL.parse(address);
	return parsed !== null && FOLLOWED.has(parsed.protocol) ? parsed.href : null;
}
