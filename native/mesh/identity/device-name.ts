/** The name a machine goes by among people. Others choose it and we show it, so it is bounded and holds nothing that hides. */
import { z } from "zod";

/** Longer ones break every list they are shown in. */
const MOST_CHARACTERS = 64;

/**
 * What a name must not hold: control characters, and those that show nothing or turn the text around. Written out instead of asked
 * of Unicode's tables (but for Cc, which never changes), for names are signed: what one version of the tables takes and another
 * refuses would be a member here and a stranger there.
 */
const HIDING =
	/[\p{Cc}\u{ad}\u{61c}\u{180e}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}\u{e0000}-\u{e007f}]/gu;

/** Schema of a machine's name. */
export const deviceNameSchema = z
	.string()
	.min(1)
	.max(MOST_CHARACTERS)
	.refine(
		(name) => name.isWellFormed() && name.trim() === name && name.replace(HIDING, "") === name,
		"A name holds nothing that hides, and begins and ends with something visible",
	);

/** A name that the schema takes, from whatever the operating system calls this machine. */
export function toDeviceName(hostname: string): string {
	const plain = hostname.toWellFormed().replace(HIDING, "").trim().slice(0, MOST_CHARACTERS);
	// Cutting may have split a pair of surrogates, or left a space at the end.
	const whole = plain.isWellFormed() ? plain.trim() : plain.slice(0, -1).trim();
	return whole === "" ? "unnamed" : whole;
}
