/** Values as they come over a message bus, made plain. Pure. */

/** Unwraps variants (which carry their type along) and makes 64-bit numbers plain ones: ours stay far below 2^53. */
export function plainValue(value: unknown): unknown {
	if (typeof value === "bigint") return Number(value);
	if (Array.isArray(value)) return value.map(plainValue);
	if (!isRecord(value)) return value;
	if (typeof value.signature === "string" && "value" in value) return plainValue(value.value);
	return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plainValue(entry)]));
}

/** Whether a value is a dictionary. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}

/** The lists in a list, e.g. of structures; anything else is left out. */
export function rowsIn(value: unknown): readonly (readonly unknown[])[] {
	return Array.isArray(value) ? value.filter((row): row is unknown[] => Array.isArray(row)) : [];
}

/** The texts in a list; anything else is left out. */
export function textsIn(value: unknown): readonly string[] {
	return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];
}
