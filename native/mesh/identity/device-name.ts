/** The name a machine goes by among people. Others choose it and we show it, so it is bounded and holds nothing that hides. */
import { z } from "zod";

/** Longer ones break every list they are shown in. */
const MOST_CHARACTERS = 64;

/**
 * Schema of a machine's name. No control, format, private or lone surrogate characters: they would turn the text around in a
 * list, or be signed as one name and shown as another.
 */
export const deviceNameSchema = z
	.string()
	.min(1)
	.max(MOST_CHARACTERS)
	.regex(/^[^\p{C}]*$/u)
	.refine((name) => name.trim() === name, "A name begins and ends with something visible");

/** A name that the schema takes, from whatever the operating system calls this machine. */
export function toDeviceName(hostname: string): string {
	const plain = hostname
		.toWellFormed()
		.replaceAll(/\p{C}/gu, "")
		.trim()
		.slice(0, MOST_CHARACTERS)
		// Cutting may have split a pair of surrogates, or left a space at the end.
		.replaceAll(/\p{C}/gu, "")
		.trim();
	return plain === "" ? "unnamed" : plain;
}
