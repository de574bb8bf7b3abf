/**
 * Turns the bytes of tokens into text as they come: a token may be part of a character, and a model may write bytes that are
 * none. Must count characters as llama.cpp's grammar does, or an answer forced into a schema would break its lengths.
 */

/** Reads one text. */
export interface TextReader {
	/** What is certain of the text with these bytes. */
	push(bytes: Uint8Array): string;
	/** What is left when no more bytes come. */
	end(): string;
}

/** U+FFFD in UTF-8. */
const REPLACEMENT = [0xef, 0xbf, 0xbd] as const;

/**
 * A reader of an empty text. llama.cpp takes every lead byte with its number of continuation bytes for one character, also where
 * the character does not exist (RFC 3629: overlong forms, surrogates, beyond U+10FFFF). Such a one is one U+FFFD here; the
 * Encoding Standard's decoder would make it one a byte.
 */
export function createTextReader(): TextReader {
	const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
	/** The lead byte of a character and the continuation bytes so far. */
	const begun: number[] = [];

	const decode = (bytes: readonly number[]): string => decoder.decode(Uint8Array.from(bytes), { stream: true });

	return {
		push(bytes) {
			const sure: number[] = [];
			for (const byte of bytes) {
				if (begun.length > 0 && !isContinuation(byte)) sure.push(...begun.splice(0));
				if (begun.length === 0 && lengthFrom(byte) === 1) {
					sure.push(byte);
					continue;
				}
				begun.push(byte);
				if (begun.length < lengthFrom(begun[0] ?? 0)) continue;
				const character = begun.splice(0);
				sure.push(...(exists(character) ? character : REPLACEMENT));
			}
			return decode(sure);
		},
		end() {
			const rest = decode(begun.splice(0));
			return rest + decoder.decode();
		},
	};
}

function isContinuation(byte: number): boolean {
	return byte >> 6 === 0b10;
}

/** Bytes of a character by its first, as llama.cpp's grammar counts them. A stray continuation byte stands alone. */
function lengthFrom(lead: number): number {
	if (lead < 0xc0) return 1;
	if (lead < 0xe0) return 2;
	return lead < 0xf0 ? 3 : 4;
}

/** Least code point that needs a character of so many bytes. */
const LEAST_OF_LENGTH = [0, 0, 0x80, 0x800, 0x1_0000] as const;

function exists(character: readonly number[]): boolean {
	const [lead = 0, ...rest] = character;
	const { length } = character;
	if (lead >= 0xf8) return false;
	const value = rest.reduce((sum, byte) => (sum << 6) | (byte & 0x3f), lead & (0x7f >> length));
	const isSurrogate = value >= 0xd800 && value <= 0xdfff;
	return value >= (LEAST_OF_LENGTH[length] ?? 0) && value <= 0x10_ffff && !isSurrogate;
}
