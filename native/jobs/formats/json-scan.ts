/**
 * Finds in JSON what `JSON.parse` passes over in silence: keys that an object has twice, of which it keeps the last, and halves of
 * surrogate pairs, which no file can hold. For texts that `JSON.parse` has accepted; on others it may say anything, but it ends.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** What is odd about a text. */
export interface JsonOddities {
	/** Fields whose key comes twice in one object; the first few. */
	readonly doubledKeys: readonly string[];
	/** First field with half of a surrogate pair; null: none has. */
	readonly brokenText: string | null;
}

/** Doubled keys named of one record: who doubled more made the same mistake again. */
const MOST_DOUBLED = 5;

/** Looks quickly whether there is anything odd at all, and only then for what it is. `value` is what the text was parsed to. */
export function findOddities(text: string, value: unknown): JsonOddities | null {
	const isDoubled = countKeys(text) !== countParsedKeys(value);
	// Bytes that are UTF-8 have no half pairs; only escapes can bring one in.
	if (!isDoubled && (!SURROGATE_ESCAPE.test(text) || isWellFormed(value))) return null;
	return searchOddities(text);
}

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/** Keys in the text, told by the colon after their closing quote. */
function countKeys(text: string): number {
	let count = 0;
	for (let at = text.indexOf('"'); at >= 0; ) {
		const next = afterSpace(text, stringEnd(text, at));
		if (text.charCodeAt(next) === COLON) count += 1;
		at = text.indexOf('"', next);
	}
	return count;
}

/** Keys in the value. Keeps its own stack, so that depth can't overflow the program's. */
function countParsedKeys(value: unknown): number {
	let count = 0;
	const waiting: unknown[] = [value];
	while (waiting.length > 0) {
		const one = waiting.pop();
		if (typeof one !== "object" || one === null) continue;
		if (Array.isArray(one)) {
			for (const item of one) if (typeof item === "object") waiting.push(item);
			continue;
		}
		for (const field of Object.values(one)) {
			count += 1;
			if (typeof field === "object") waiting.push(field);
		}
	}
	return count;
}

/** Whether all texts and keys in the value are free of half pairs. */
function isWellFormed(value: unknown): boolean {
	const waiting: unknown[] = [value];
	while (waiting.length > 0) {
		const one = waiting.pop();
		if (typeof one === "string" && !one.isWellFormed()) return false;
		if (typeof one !== "object" || one === null) continue;
		if (!Array.isArray(one) && Object.keys(one).some((key) => !key.isWellFormed())) return false;
		// Not spread into one call: there may be a million.
		for (const child of Object.values(one)) waiting.push(child);
	}
	return true;
}

/** After the closing quote of the string that opens at `start`. */
function stringEnd(text: string, start: number): number {
	let end = text.indexOf('"', start + 1);
	while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
	return end < 0 ? text.length : end + 1;
}

function isEscaped(text: string, at: number): boolean {
	let backslashes = 0;
	while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
	return backslashes % 2 === 1;
}

function afterSpace(text: string, start: number): number {
	let at = start;
	for (let unit = text.charCodeAt(at); unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d; ) {
		at += 1;
		unit = text.charCodeAt(at);
	}
	return at;
}

/** An object or array that is open at the place of the search. */
interface Frame {
	/** Null: an array. */
	readonly keys: Set<string> | null;
	/** The key or the index that the search is at. */
	at: string | number;
}

function searchOddities(text: string): JsonOddities {
	const open: Frame[] = [];
	const doubledKeys = new Set<string>();
	let brokenText: string | null = null;
	for (let at = 0; at < text.length; ) {
		const unit = text.charCodeAt(at);
		const top = open.at(-1);
		if (unit === QUOTE) {
			const end = stringEnd(text, at);
			const said: unknown = JSON.parse(text.slice(at, end));
			const after = afterSpace(text, end);
			if (top?.keys && text.charCodeAt(after) === COLON) {
				top.at = String(said);
				if (top.keys.has(top.at) && doubledKeys.size < MOST_DOUBLED) doubledKeys.add(pathOf(open));
				top.keys.add(top.at);
			}
			if (brokenText === null && typeof said === "string" && !said.isWellFormed()) brokenText = pathOf(open);
			at = end;
			continue;
		}
		const character = text[at];
		if (character === "{") open.push({ keys: new Set(), at: "" });
		else if (character === "[") open.push({ keys: null, at: 0 });
		else if (character === "}" || character === "]") open.pop();
		else if (character === "," && top !== undefined && typeof top.at === "number") top.at += 1;
		at += 1;
	}
	return { doubledKeys: [...doubledKeys], brokenText };
}

/** Levels of a path that are written out: what is deeper is found by these. */
const MOST_LEVELS = 32;

/** Writes a place as OpenAI does, e.g. `body.messages[0].role`. */
function pathOf(open: readonly Frame[]): string {
	let path = "";
	for (const { at } of open.slice(0, MOST_LEVELS)) {
		path += typeof at === "number" ? `[${at}]` : `${path === "" ? "" : "."}${at.toWellFormed()}`;
	}
	return open.length > MOST_LEVELS ? `${path}…` : path;
}

/** Whether a text, JSON or not, opens more than `limit` braces and brackets within each other. Reads no further than that. */
export function isNestedDeeper(text: string, limit: number): boolean {
	let depth = 0;
	for (let at = 0; at < text.length && depth <= limit; ) {
		const character = text[at];
		if (character === '"') {
			at = stringEnd(text, at);
			continue;
		}
		if (character === "{" || character === "[") depth += 1;
		else if (character === "}" || character === "]") depth -= 1;
		at += 1;
	}
	return depth > limit;
}

/**
 * Keys of the object a text begins with, as far as the text goes: of a line that is cut off or broken, those before the break.
 */
export function leadingKeys(text: string): ReadonlySet<string> {
	const keys = new Set<string>();
	let depth = 0;
	for (let at = afterSpace(text, 0); at < text.length; ) {
		const character = text[at];
		if (character === '"') {
			const end = stringEnd(text, at);
			if (depth === 1 && text.charCodeAt(afterSpace(text, end)) === COLON) keys.add(text.slice(at + 1, end - 1));
			at = end;
			continue;
		}
		if (character === "{" || character === "[") depth += 1;
		else if (character === "}" || character === "]") depth -= 1;
		if (depth <= 0) break;
		at += 1;
	}
	return keys;
}
