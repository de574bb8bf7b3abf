/** What a line is, as two numbers: by content, for results that can be used again, and by kinship, for the order of work. */
import { hash } from "node:crypto";
import { createDigestTable } from "./digest-table.ts";

/** Bytes of a key. */
const KEY_BYTES = 16;
/** Keys made in one piece of memory: an allocation a line would cost more than the key. */
const KEYS_PER_BLOCK = 1_000;

/** SHA-256 of a text as text of one character a byte (Node calls that "binary"): the fastest form it has. */
export function digestOf(text: string): string {
	return hash("sha256", text, "binary");
}

/** Makes the keys of the lines of one file. */
export interface LineKeys {
	/** The key of the next line. */
	next(url: string, body: unknown): Uint8Array;
	/** Gives memory back; there are no more lines. */
	release(): void;
}

/**
 * Keys of 16 bytes: SHA-256 of `url \n body`, the body as `JSON.stringify` writes it, so that spacing and escapes make no
 * difference. Where an equal line came before, `\n` and the number of such lines follow, so that asking the same thing twice
 * on purpose gives two answers.
 */
export function createLineKeys(): LineKeys {
	const seen = createDigestTable();
	let block = Buffer.alloc(0);
	let used = 0;
	function next(url: string, body: unknown): Uint8Array {
		const content = `${url}\n${JSON.stringify(body)}`;
		const digest = digestOf(content);
		const before = seen.increment(digest);
		if (used === block.length) {
			block = Buffer.alloc(KEYS_PER_BLOCK * KEY_BYTES);
			used = 0;
		}
		const unique = before === 0 ? digest : digestOf(`${content}\n${before}`);
		block.write(unique.slice(0, KEY_BYTES), used, "latin1");
		const key = new Uint8Array(block.buffer, block.byteOffset + used, KEY_BYTES);
		used += KEY_BYTES;
		return key;
	}
	return { next, release: seen.release };
}

/** Characters of the first message or prompt that decide the family: system prompts that differ do so well before. */
const FAMILY_CHARACTERS = 1_024;

/** Answers the family of each line: a whole number below 2^48, the same for lines that begin with the same prompt. */
export type LineFamilies = (model: string, body: { readonly [key: string]: unknown }) => number;

/** Families by model and start of the prompt. */
export function createLineFamilies(): LineFamilies {
	let lastModel = "";
	let lastStart: string | null = null;
	let lastFamily = 0;
	return (model, body) => {
		const start = promptStart(body);
		// Neighbours are mostly kin, and comparing is cheaper than hashing.
		if (start === lastStart && model === lastModel) return lastFamily;
		lastModel = model;
		lastStart = start;
		lastFamily = hash48(`${model}\n${start}`);
		return lastFamily;
	};
}

function promptStart(body: { readonly [key: string]: unknown }): string {
	const { messages, contents, prompt } = body;
	// Anthropic and Google have the system prompt beside the messages.
	const system = body.system ?? body.systemInstruction ?? body.system_instruction ?? body.instructions;
	if (system !== undefined && system !== null) return textOf(system);
	if (Array.isArray(messages)) return textOf(contentOf(messages[0]));
	if (Array.isArray(contents)) return textOf(contents[0]);
	if (prompt !== undefined) return textOf(Array.isArray(prompt) && typeof prompt[0] === "string" ? prompt[0] : prompt);
	return "";
}

function contentOf(message: unknown): unknown {
	return typeof message === "object" && message !== null && "content" in message ? message.content : null;
}

function textOf(value: unknown): string {
	const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
	return text.length > FAMILY_CHARACTERS ? text.slice(0, FAMILY_CHARACTERS) : text;
}

const FNV_PRIME = 0x01000193;
const FNV_BASIS = 0x811c9dc5;
/** A second, unlike basis, for the upper 16 bits. */
const OTHER_BASIS = 0x9747b28c;

/** FNV-1a twice: a family that is wrong by a collision costs a little order, nothing else. */
function hash48(text: string): number {
	let low = FNV_BASIS;
	let high = OTHER_BASIS;
	for (let index = 0; index < text.length; index += 1) {
		const unit = text.charCodeAt(index);
		low = Math.imul(low ^ unit, FNV_PRIME);
		high = Math.imul(high ^ unit, FNV_PRIME) + index;
	}
	return (low >>> 0) + ((high >>> 16) & 0xffff) * 2 ** 32;
}
