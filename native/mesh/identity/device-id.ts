/** What a machine is called by others: the SHA-256 of its public key, so that nobody else can bear the name. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { err, ok, type Result } from "../../base/base.ts";

/** The SHA-256 of a machine's public key (SPKI, DER) in base32 (RFC 4648, no padding): 52 characters. */
export type DeviceId = string;

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BITS_PER_DIGIT = 5;
/** Four groups, a check digit behind each: one group mistyped is told apart from another. The form people know from Syncthing. */
const CHECKED_DIGITS = 13;
const SHOWN_GROUP = 7;

/** Exactly the ids that `deviceIdOf` makes: of 52 digits the last carries one bit. */
export const deviceIdSchema = z.string().regex(/^[A-Z2-7]{51}[AQ]$/);

/** Why a typed text is no id. */
export interface DeviceIdFault {
	readonly kind: "not-an-id" | "mistyped";
	readonly message: string;
}

/** The id of the machine with this public key (SPKI, DER). */
export function deviceIdOf(spki: Uint8Array): DeviceId {
	let bits = 0n;
	for (const octet of createHash("sha256").update(spki).digest()) bits = (bits << 8n) | BigInt(octet);
	// 256 bits are 51 digits and one bit: four bits of padding.
	bits <<= 4n;
	let digits = "";
	for (let at = 51; at >= 0; at -= 1) digits += DIGITS[Number((bits >> BigInt(at * BITS_PER_DIGIT)) & 31n)];
	return digits;
}

/** The digest that an id writes: 32 octets. */
export function fingerprintOf(id: DeviceId): Uint8Array {
	let bits = 0n;
	for (const digit of id) bits = (bits << 5n) | BigInt(DIGITS.indexOf(digit));
	bits >>= 4n;
	return Uint8Array.from({ length: 32 }, (_, at) => Number((bits >> BigInt((31 - at) * 8)) & 255n));
}

/** An id for people, with check digits: eight groups of seven. */
export function showDeviceId(id: DeviceId): string {
	const checked = groupsOf(id, CHECKED_DIGITS)
		.map((group) => group + checkDigit(group))
		.join("");
	return groupsOf(checked, SHOWN_GROUP).join("-");
}

/** Reads what `showDeviceId` wrote, or a bare id, as people type it: in any case, with any spaces and hyphens. */
export function readDeviceId(text: string): Result<DeviceId, DeviceIdFault> {
	const digits = text.replaceAll(/[\s-]/g, "").toUpperCase();
	const groups = groupsOf(digits, CHECKED_DIGITS + 1);
	const bare = digits.length === 56 ? groups.map((group) => group.slice(0, CHECKED_DIGITS)).join("") : digits;
	if (!deviceIdSchema.safeParse(bare).success) {
		return err({ kind: "not-an-id", message: "This is not the id of a machine." });
	}
	if (digits !== bare && groups.some((group) => checkDigit(group.slice(0, CHECKED_DIGITS)) !== group.at(-1))) {
		return err({ kind: "mistyped", message: "This id has a typing mistake in it." });
	}
	return ok(bare);
}

function groupsOf(text: string, length: number): readonly string[] {
	return text.match(new RegExp(`.{1,${length}}`, "g")) ?? [];
}

/** Luhn's check digit over 32 digits: tells every single mistyped digit, and most swapped neighbours. */
function checkDigit(group: string): string {
	let sum = 0;
	let factor = 2;
	for (const digit of [...group].reverse()) {
		const addend = DIGITS.indexOf(digit) * factor;
		sum += Math.floor(addend / DIGITS.length) + (addend % DIGITS.length);
		factor = factor === 2 ? 1 : 2;
	}
	return DIGITS[(DIGITS.length - (sum % DIGITS.length)) % DIGITS.length] ?? "";
}
