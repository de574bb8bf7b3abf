/**
 * Octet strings put together so that no two lists of values make the same octets: `prepend_len` and `lv_cat` of
 * draft-irtf-cfrg-cpace-21, A.1. What machines sign, and what the pairing hashes, is written in this form.
 */
import { z } from "zod";

/** Seven bits of a length go into each octet of it; the eighth says that more follow (LEB128). */
const BITS_PER_OCTET = 7;
const MORE_FOLLOWS = 1 << BITS_PER_OCTET;

/** A value behind its length. */
export function prependLength(value: Uint8Array): Uint8Array {
	const length: number[] = [];
	let rest = value.length;
	while (rest >= MORE_FOLLOWS) {
		length.push((rest % MORE_FOLLOWS) + MORE_FOLLOWS);
		rest = Math.floor(rest / MORE_FOLLOWS);
	}
	return joinOctets(Uint8Array.of(...length, rest), value);
}

/** Values one after the other, each behind its length. */
export function joinWithLengths(...values: readonly Uint8Array[]): Uint8Array {
	return joinOctets(...values.map(prependLength));
}

/** Values one after the other. Use it where the lengths are fixed, else `joinWithLengths`. */
export function joinOctets(...values: readonly Uint8Array[]): Uint8Array {
	return Uint8Array.from(Buffer.concat(values));
}

/** The UTF-8 of a text. */
export function utf8(text: string): Uint8Array {
	return new TextEncoder().encode(text);
}

/** Octets as text for JSON. */
export function toBase64Url(octets: Uint8Array): string {
	return Buffer.from(octets).toString("base64url");
}

/** Octets of a text that a schema of this file has checked. */
export function fromBase64Url(text: string): Uint8Array {
	return Uint8Array.from(Buffer.from(text, "base64url"));
}

/** So many octets as text. Of the texts that a lenient reader takes for the same octets only the one we write ourselves passes. */
export function octetsSchema(sizeBytes: number) {
	const digits = Math.ceil((sizeBytes * 8) / 6);
	return z.string().length(digits).refine(isCanonical, "These are not octets in base64url");
}

/** Up to so many octets as text. */
export function manyOctetsSchema(mostBytes: number) {
	return z
		.string()
		.max(Math.ceil((mostBytes * 8) / 6))
		.refine(isCanonical, "These are not octets in base64url");
}

function isCanonical(text: string): boolean {
	return toBase64Url(Buffer.from(text, "base64url")) === text;
}
