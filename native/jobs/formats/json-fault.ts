/** Says where a text stops being JSON, and why: `JSON.parse` knows that it does, but not always where or what to do about it. */

/** Where a text stops being JSON. */
export interface JsonFault {
	/** 0-based, in UTF-16 units; the length of the text where it ends too soon. */
	readonly position: number;
	/** What is there and what to do, without a full stop. */
	readonly reason: string;
}

type Expected = "value" | "first-value" | "first-key" | "key" | "colon" | "comma-or-end" | "end";

const WHITESPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Brackets shown of those that are not closed. */
const MOST_SHOWN = 20;

/** Null exactly where `JSON.parse` accepts the text. Keeps its own stack, so that depth can't overflow the program's. */
export function findJsonFault(text: string): JsonFault | null {
	const open: ("{" | "[")[] = [];
	let expected: Expected = "value";
	let at = matchEnd(WHITESPACE, text, 0);
	while (at < text.length) {
		const step: Step = takeToken(text, at, expected, open);
		if ("reason" in step) return step;
		expected = step.expected;
		at = matchEnd(WHITESPACE, text, step.end);
	}
	if (expected === "end") return null;
	const opened = open.slice(0, MOST_SHOWN).join("") + (open.length > MOST_SHOWN ? "…" : "");
	const missing = open.length === 0 ? "" : `: ${open.length} opened with '${opened}' and not closed`;
	return { position: text.length, reason: `the line ends too soon${missing}; a request must stand on one line` };
}

type Step = JsonFault | { readonly end: number; readonly expected: Expected };

function takeToken(text: string, at: number, expected: Expected, open: ("{" | "[")[]): Step {
	const character = text[at];
	const after = (): Expected => (open.length === 0 ? "end" : "comma-or-end");
	const closes = character === (open.at(-1) === "{" ? "}" : "]");
	switch (expected) {
		case "end":
			return { position: at, reason: "there is more after the end of the object; put one object on a line" };
		case "colon":
			if (character === ":") return { end: at + 1, expected: "value" };
			return { position: at, reason: "a colon is missing after the key" };
		case "comma-or-end":
			if (character === ",") return { end: at + 1, expected: open.at(-1) === "{" ? "key" : "value" };
			if (!closes) return { position: at, reason: `a comma or '${open.at(-1) === "{" ? "}" : "]"}' is missing` };
			open.pop();
			return { end: at + 1, expected: after() };
		case "first-key":
		case "key": {
			if (character === '"') {
				const end = stringEnd(text, at);
				return typeof end === "number" ? { end, expected: "colon" } : end;
			}
			if (!closes || expected === "key") return { position: at, reason: keyReason(character) };
			open.pop();
			return { end: at + 1, expected: after() };
		}
		case "first-value":
			if (!closes) return takeValue(text, at, open, after());
			open.pop();
			return { end: at + 1, expected: after() };
		case "value":
			return takeValue(text, at, open, after());
	}
}

function takeValue(text: string, at: number, open: ("{" | "[")[], after: Expected): Step {
	const character = text[at];
	if (character === "{" || character === "[") {
		open.push(character);
		return { end: at + 1, expected: character === "{" ? "first-key" : "first-value" };
	}
	if (character === '"') {
		const end = stringEnd(text, at);
		return typeof end === "number" ? { end, expected: after } : end;
	}
	const end = Math.max(matchEnd(NUMBER, text, at), matchEnd(LITERAL, text, at));
	return end > at ? { end, expected: after } : { position: at, reason: valueReason(text, at) };
}

/** Where a string ends, its closing quote included. */
function stringEnd(text: string, start: number): number | JsonFault {
	let at = start + 1;
	for (; at < text.length; at += 1) {
		const character = text[at] ?? "";
		if (character === '"') return at + 1;
		if (character === "\\") {
			const end = matchEnd(ESCAPE, text, at);
			if (end === at) return { position: at, reason: "there is no such escape; write a backslash as '\\\\'" };
			at = end - 1;
		} else if (character < " ") {
			const name = character === "\0" ? "a NUL byte" : "a control character";
			const escaped = JSON.stringify(character).slice(1, -1);
			return { position: at, reason: `${name} stands in a string; write it as '${escaped}'` };
		}
	}
	return { position: start, reason: "a string begins here and does not end on this line" };
}

function keyReason(character: string | undefined): string {
	if (character === "}") return "a comma stands before the closing brace; take it away";
	if (character === "'") return "keys need double quotes, not single ones";
	return "a key in double quotes is missing";
}

function valueReason(text: string, at: number): string {
	const character = text[at] ?? "";
	if (character === "'") return "strings need double quotes, not single ones";
	if (character === "]") return "a comma stands before the closing bracket; take it away";
	if (character === "\uFEFF") return "a byte order mark stands inside the file; take it away";
	if (character === "\0") return "there is a NUL byte; the file may be damaged or not text at all";
	const word = text.slice(at, matchEnd(WORD, text, at));
	if (word === "NaN" || word === "Infinity") return `JSON has no ${word}; use null or a number`;
	if (["None", "True", "False"].includes(word)) return `${word} is Python's; JSON writes ${PYTHON_WORDS.get(word)}`;
	return word === "" ? "a value is missing" : `'${word.slice(0, 20)}' is not a JSON value; strings need double quotes`;
}

const PYTHON_WORDS: ReadonlyMap<string, string> = new Map([
	["None", "null"],
	["True", "true"],
	["False", "false"],
]);

function matchEnd(pattern: RegExp, text: string, at: number): number {
	pattern.lastIndex = at;
	return pattern.test(text) ? pattern.lastIndex : at;
}
