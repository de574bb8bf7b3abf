/**
 * Tool calls in a model's output: which style a model speaks, and what a finished text says in it. Reading calls while they
 * grow is `tool-stream.ts`. Pure text work.
 */

/** Ways models write calls, named after who made them common. */
export type ToolStyleName = "hermes" | "llama" | "mistral";

/** How a model writes calls. */
export interface ToolStyle {
	readonly name: ToolStyleName;
	/** Texts that begin a call. */
	readonly openers: readonly string[];
	/** Text that ends one call, where the style has one. */
	readonly closer: string | null;
	/** Whether output that starts with a brace is a call too. */
	readonly bareJson: boolean;
}

const HERMES: ToolStyle = { name: "hermes", openers: ["<tool_call>"], closer: "</tool_call>", bareJson: false };
const LLAMA: ToolStyle = { name: "llama", openers: ["<|python_tag|>"], closer: null, bareJson: true };
const MISTRAL: ToolStyle = { name: "mistral", openers: ["[TOOL_CALLS]"], closer: null, bareJson: false };

/** The style a template shows. Hermes is what models without a word of their own understand best. */
export function detectToolStyle(templateSource: string): ToolStyle {
	if (templateSource.includes("<tool_call>")) return HERMES;
	if (templateSource.includes("[TOOL_CALLS]")) return MISTRAL;
	if (templateSource.includes("<|python_tag|>") || /"parameters"\s*:\s*dictionary/i.test(templateSource)) return LLAMA;
	return HERMES;
}

/** A call without its id. */
export interface ParsedCall {
	readonly name: string;
	readonly argumentsJson: string;
}

/** Calls in the whole text of one or more, in any form the style has; none when it is malformed. */
export function parseCalls(style: ToolStyle, raw: string): readonly ParsedCall[] {
	let body = raw.trim();
	for (const opener of style.openers) if (body.startsWith(opener)) body = body.slice(opener.length);
	if (style.closer !== null && body.endsWith(style.closer)) body = body.slice(0, -style.closer.length);
	body = body.trim();
	if (style.name === "mistral") {
		// Newer Mistral models write name[ARGS]{...} instead of a JSON list.
		const named = /^([\w.-]+)(?:\[CALL_ID\][\w-]*)?(?:\[ARGS\])?(\{[\s\S]*\})$/.exec(body);
		if (named?.[1] !== undefined && named[2] !== undefined && isJson(named[2])) {
			return [{ name: named[1], argumentsJson: named[2] }];
		}
	}
	const value = parseJson(
		style.name === "llama" ? body.replaceAll(/\}\s*;\s*\{/g, "},{").replace(/^\{[\s\S]*\}$/, "[$&]") : body,
	);
	const items: readonly unknown[] = Array.isArray(value) ? value : [value];
	const parsed = items.map(toCall);
	return parsed.every((call) => call !== null) && parsed.length > 0 ? parsed : [];
}

function toCall(value: unknown): ParsedCall | null {
	if (typeof value !== "object" || value === null || !("name" in value) || typeof value.name !== "string") return null;
	const given = "arguments" in value ? value.arguments : "parameters" in value ? value.parameters : {};
	return { name: value.name, argumentsJson: typeof given === "string" ? given : JSON.stringify(given ?? {}) };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// Not JSON is an expected answer of a model: the caller keeps it as text.
		return undefined;
	}
}

function isJson(text: string): boolean {
	return parseJson(text) !== undefined;
}

/** An id for a call: OpenAI's shape, or Mistral's nine letters and digits, which its templates insist on. */
export function callId(style: ToolStyle, nextId: () => string): string {
	return style.name === "mistral" ? nextId().slice(0, 9) : `call_${nextId()}`;
}

/** How a call in the usual order begins, up to where its arguments start. */
export interface CallHead {
	/** Length of what was matched; the brace of the arguments comes next. */
	readonly length: number;
	readonly name: string;
	/** The arguments are a field of an object that goes on behind them. */
	readonly isObject: boolean;
}

// A name with an escape or an angle bracket in it is left to the reading of whole calls: a closer might begin in it.
const OBJECT_HEAD = String.raw`\{\s*(?:"type"\s*:\s*"function"\s*,\s*)?"name"\s*:\s*"([^"\\<]+)"\s*,\s*"(?:arguments|parameters)"\s*:\s*(?=\{)`;
const OBJECT_HEADS: Readonly<Record<ToolStyleName, RegExp>> = {
	hermes: new RegExp(String.raw`^\s*<tool_call>\s*${OBJECT_HEAD}`),
	llama: new RegExp(String.raw`^\s*(?:<\|python_tag\|>\s*)?${OBJECT_HEAD}`),
	mistral: new RegExp(String.raw`^\s*(?:\[TOOL_CALLS\]\s*)?(?:\[\s*)?${OBJECT_HEAD}`),
};
/** Newer Mistral models write `name[ARGS]{…}`. */
const NAMED_HEAD = /^\s*\[TOOL_CALLS\]\s*([\w.-]+)(?:\[CALL_ID\][\w-]*)?(?:\[ARGS\])?\s*(?=\{)/;

/** The head of a call at the beginning of `text`, or null: it is not whole yet, or the call has another form. */
export function matchHead(style: ToolStyle, text: string): CallHead | null {
	const object = OBJECT_HEADS[style.name].exec(text);
	if (object?.[1] !== undefined) return { length: object[0].length, name: object[1], isObject: true };
	const named = style.name === "mistral" ? NAMED_HEAD.exec(text) : null;
	return named?.[1] === undefined ? null : { length: named[0].length, name: named[1], isObject: false };
}

/** What comes after a call: null while that can't be told; else how much still belongs to it, and whether another one follows. */
export function matchEnd(
	style: ToolStyle,
	text: string,
): { readonly length: number; readonly another: boolean } | null {
	// Models that lose count write a brace too many.
	const stray = /^[\s}]*/.exec(text)?.[0].length ?? 0;
	const rest = text.slice(stray);
	if (style.closer !== null) {
		if (rest.startsWith(style.closer)) return { length: stray + style.closer.length, another: false };
		return style.closer.startsWith(rest) ? null : { length: stray, another: false };
	}
	if (/^[;,]?\s*$/.test(rest)) return null;
	const separator = /^[;,]?\s*(?=\{)/.exec(rest);
	if (separator !== null) return { length: stray + separator[0].length, another: true };
	return { length: stray + (style.name === "mistral" && rest.startsWith("]") ? 1 : 0), another: false };
}
