/** Regular expressions of a schema's `pattern`, as far as a grammar can follow them. Pure. */

import { SchemaError, type Translation } from "./parts.ts";
import { quoted } from "./rules.ts";
import { REPETITION_LIMIT, times } from "./shapes.ts";

/** Any character of a JSON text that needs no escape. */
const ANY = `[^"\\\\\\x7F\\x00-\\x1F]`;
const CLASSES: { readonly [letter: string]: string } = { d: "0-9", w: "a-zA-Z0-9_", s: " " };

/**
 * Translates a pattern. Understood are literals, classes, groups, alternatives, repetition and the anchors at its ends;
 * without an anchor anything may stand there, as JSON Schema says.
 */
export function patternRule(translation: Translation, pattern: unknown, path: string): string {
	if (typeof pattern !== "string") throw new SchemaError(path, "pattern", "it must be a text");
	const fail = (what: string): never => {
		throw new SchemaError(path, "pattern", `${what} can't be enforced in a pattern; write it more simply`);
	};
	const startsFixed = pattern.startsWith("^");
	const endsFixed = /(?:^|[^\\])(?:\\\\)*\$$/.test(pattern);
	const body = pattern.slice(startsFixed ? 1 : 0, endsFixed ? -1 : undefined);
	// ^a|b$ anchors one side each; only a group says what is meant.
	if ((startsFixed || endsFixed) && hasTopLevelBar(body)) fail("an alternative beside an anchor");
	const reader = createReader(body, fail);
	const inner = reader.alternatives();
	if (!reader.atEnd()) fail("an unmatched )");
	const name = translation.rules.add("pattern", inner);
	return `${startsFixed ? "" : `${ANY}* `}${name}${endsFixed ? "" : ` ${ANY}*`}`;
}

function hasTopLevelBar(body: string): boolean {
	let depth = 0;
	for (let index = 0; index < body.length; index++) {
		const character = body[index];
		if (character === "\\") index++;
		else if (character === "(") depth++;
		else if (character === ")") depth--;
		else if (character === "|" && depth === 0) return true;
	}
	return false;
}

interface Reader {
	alternatives(): string;
	atEnd(): boolean;
}

function createReader(text: string, fail: (what: string) => never): Reader {
	let at = 0;
	let depth = 0;
	const alternatives = (): string => {
		const parts = [sequence()];
		while (text[at] === "|") {
			at++;
			parts.push(sequence());
		}
		return `( ${parts.join(" | ")} )`;
	};
	const sequence = (): string => {
		const parts: string[] = [];
		while (at < text.length && text[at] !== "|" && text[at] !== ")") parts.push(atom() + repetition());
		return parts.length === 0 ? `""` : parts.join(" ");
	};
	const atom = (): string => {
		const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
		at += character.length;
		if (character === "(") return group();
		if (character === "[") return characterClass();
		if (character === ".") return ANY;
		if (character === "\\") return escaped();
		if ("^$*+?{".includes(character)) return fail(`"${character}" in this place`);
		if (character === '"') return `"\\\\\\""`;
		if (character < " ") return fail("a control character");
		return quoted(character);
	};
	const group = (): string => {
		if (++depth > 16) return fail("groups nested so deep");
		if (text.startsWith("?:", at)) at += 2;
		else if (text[at] === "?") return fail("a lookaround or named group");
		const inner = alternatives();
		if (text[at] !== ")") return fail("an unclosed group");
		at++;
		depth--;
		return inner;
	};
	const escaped = (): string => {
		const letter = text[at++] ?? "";
		const known = CLASSES[letter];
		if (known !== undefined) return `[${known}]`;
		if (/[a-zA-Z0-9]/.test(letter) || letter === "") return fail(`\\${letter}`);
		if (letter === "\\") return `"\\\\\\\\"`;
		return letter === '"' ? `"\\\\\\""` : quoted(letter);
	};
	const characterClass = (): string => {
		const negated = text[at] === "^";
		if (negated) at++;
		let members = "";
		while (at < text.length && text[at] !== "]") {
			const character = text[at++] ?? "";
			const next = character === "\\" ? (text[at++] ?? "") : character;
			const known = character === "\\" ? CLASSES[next] : undefined;
			if (character === "\\" && known === undefined && /[a-zA-Z0-9]/.test(next)) return fail(`\\${next}`);
			if (!negated && (next === '"' || (next === "\\" && known === undefined)))
				return fail("a quote or backslash in a class");
			if (character === "-" && members !== "" && text[at] !== "]") members += "-";
			else
				members += known ?? (/[\]\\^-]/.test(next) ? `\\x${next.charCodeAt(0).toString(16).padStart(2, "0")}` : next);
		}
		if (text[at] !== "]" || members === "") return fail("an unclosed or empty class");
		at++;
		return negated ? `[^${members}"\\\\\\x7F\\x00-\\x1F]` : `[${members}]`;
	};
	const repetition = (): string => {
		const rest = text.slice(at);
		const simple = /^[*+?]/.exec(rest)?.[0];
		const counted = /^\{(\d+)(,(\d*))?\}/.exec(rest);
		if (simple === undefined && counted === null) return "";
		at += (simple ?? counted?.[0] ?? "").length;
		if (/^[?+]/.test(text.slice(at))) return fail("lazy or possessive repetition");
		if (simple !== undefined || counted === null) return simple ?? "";
		const least = Number(counted[1]);
		const most = counted[2] === undefined ? least : counted[3] === "" ? null : Number(counted[3]);
		if (Math.max(least, most ?? 0) > REPETITION_LIMIT || (most !== null && most < least))
			return fail("this repetition");
		return times(least, most);
	};
	return { alternatives, atEnd: () => at >= text.length };
}
