/** Numbers as people type them. Pure. */

/** What was typed: a number, nothing, or neither. */
export type Typed =
	| { readonly kind: "number"; readonly value: number }
	| { readonly kind: "empty" }
	| { readonly kind: "unreadable" };

/** Reads it. A comma may stand for the point; spaces may part thousands. `perUnit` turns the unit shown into the one that is kept. */
export function readNumber(text: string, perUnit = 1): Typed {
	const plain = text.replaceAll(/\s/g, "").replace(",", ".");
	if (plain === "") return { kind: "empty" };
	if (!/^-?(?:\d+\.?\d*|\.\d+)$/.test(plain)) return { kind: "unreadable" };
	// Twelve digits: 0.1 × 3 is 0.3 again.
	return { kind: "number", value: Number((Number(plain) * perUnit).toPrecision(12)) };
}

/** A kept value as it stands in a field; empty for none. */
export function writeNumber(value: number | null, perUnit = 1): string {
	return value === null ? "" : String(Number((value / perUnit).toPrecision(12)));
}
