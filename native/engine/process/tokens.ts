/**
 * Text to tokens and back. Owns the rule that text from users can never become a control token, and the bytes behind each
 * token. Must never know of lanes or requests.
 */
import type { LlamaModel, Token } from "node-llama-cpp";

/** A model's vocabulary, as far as running requests needs it. */
export interface Vocabulary {
	readonly size: number;
	/** Tells an id of this model from any other number. */
	isToken(id: number): id is Token;
	isEndOfGeneration(token: Token): boolean;
	/** Bytes a token stands for; empty for control tokens, which are not text. */
	bytes(token: Token): Uint8Array;
	/** Text of a token for people: the text of its bytes, or its name for a control token. */
	name(token: Token): string;
	/** Text in which control tokens' names mean the tokens. Only for text whose author may steer the model. */
	tokenizeTrusted(text: string): Token[];
	/** Text in which nothing can become a control token. */
	tokenizePlain(text: string): Token[];
	/** The token that `text` is, when it is exactly one token. */
	single(text: string): Token | null;
	/** Puts the token in front that the model expects at the start of everything, unless it is there. */
	withBeginning(tokens: Token[]): Token[];
	/** Matches names of control tokens; null when there are none. */
	readonly controlNames: RegExp | null;
	readonly beginningText: string;
	readonly endText: string;
}

/** Token types in a GGUF's `tokenizer.ggml.token_type`, from ggml's gguf specification. */
const TYPE_NORMAL = 1;
const TYPE_UNKNOWN = 2;
const TYPE_CONTROL = 3;
const TYPE_BYTE = 6;

/** Reads the vocabulary of a loaded model. */
export function createVocabulary(model: LlamaModel): Vocabulary {
	const { tokens: texts = [], token_type: types = [], model: kind } = model.fileInfo.metadata.tokenizer?.ggml ?? {};
	const size = texts.length;
	const toBytes = byteReader(String(kind ?? "none"));
	const known: (Uint8Array | undefined)[] = new Array(size);
	const isControl = (token: number): boolean => types[token] === TYPE_CONTROL || types[token] === TYPE_UNKNOWN;
	const isToken = (id: number): id is Token => Number.isInteger(id) && id >= 0 && id < size;

	return {
		size,
		isToken,
		isEndOfGeneration: (token) => model.isEogToken(token),
		bytes(token) {
			const cached = known[token];
			if (cached !== undefined) return cached;
			const bytes = isControl(token) ? new Uint8Array(0) : toBytes(texts[token] ?? "", types[token] ?? TYPE_NORMAL);
			known[token] = bytes;
			return bytes;
		},
		name(token) {
			return isControl(token) ? (texts[token] ?? "") : new TextDecoder().decode(this.bytes(token));
		},
		tokenizeTrusted: (text) => model.tokenize(text, true),
		tokenizePlain: (text) => model.tokenize(text, false),
		single(text) {
			const tokens = model.tokenize(text, true);
			return tokens.length === 1 ? (tokens[0] ?? null) : null;
		},
		withBeginning(tokens) {
			const beginning = model.tokens.bos;
			if (!model.tokens.shouldPrependBosToken || beginning === null || tokens[0] === beginning) return tokens;
			return [beginning, ...tokens];
		},
		controlNames: namesPattern(texts.filter((text, index) => types[index] === TYPE_CONTROL && text.length > 0)),
		beginningText: model.tokens.bosString ?? "",
		endText: model.tokens.eosString ?? "",
	};
}

function namesPattern(names: readonly string[]): RegExp | null {
	if (names.length === 0) return null;
	// Longest first, so that a name that begins another one does not win over it.
	const sorted = [...names].sort((a, b) => b.length - a.length);
	return new RegExp(sorted.map((name) => name.replace(/[\\^$.*+?()[\]{}|\-/]/g, "\\$&")).join("|"), "g");
}

type ByteReader = (text: string, type: number) => Uint8Array;

/** How a vocabulary spells bytes, by the tokenizer's name in the file. */
function byteReader(kind: string): ByteReader {
	const encoder = new TextEncoder();
	if (kind === "gpt2") {
		const table = gpt2Bytes();
		return (text, type) => {
			if (type !== TYPE_NORMAL) return encoder.encode(text);
			const bytes: number[] = [];
			for (const character of text) {
				const byte = table.get(character);
				if (byte === undefined) bytes.push(...encoder.encode(character));
				else bytes.push(byte);
			}
			return Uint8Array.from(bytes);
		};
	}
	return (text, type) => {
		const hexadecimal = type === TYPE_BYTE ? /^<0x([0-9A-Fa-f]{2})>$/.exec(text) : null;
		if (hexadecimal?.[1] !== undefined) return Uint8Array.of(Number.parseInt(hexadecimal[1], 16));
		return encoder.encode(text.replaceAll("\u2581", " "));
	};
}

/** GPT-2's spelling of bytes as printable characters (`bytes_to_unicode` in OpenAI's encoder.py). */
function gpt2Bytes(): Map<string, number> {
	const table = new Map<string, number>();
	let next = 256;
	for (let byte = 0; byte < 256; byte++) {
		const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
		table.set(String.fromCodePoint(printable ? byte : next++), byte);
	}
	return table;
}
