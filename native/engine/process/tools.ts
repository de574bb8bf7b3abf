/** Tool calls in a model's output: which style a model speaks, and reading calls out of growing text. Pure text work. */
import type { ToolCall } from "../request.ts";
import { longestOpenSuffix } from "./stop.ts";

/** Ways models write calls, named after who made them common. */
export type ToolStyleName = "hermes" | "llama" | "mistral";

/** How a model writes calls. */
export interface ToolStyle {
	readonly name: ToolStyleName;
	/** Texts that begin a call. */
	readonly openers: readonly string[];
	/** Text that ends one call, where the style has one; else a call goes to the end of the output. */
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

/** Reads calls out of growing text; what is no call comes out as text. */
export interface ToolReader {
	/** Text that is certainly not part of a call. */
	push(piece: string): string;
	/** The end of the output: what was withheld and is no call after all. */
	flush(): string;
	readonly calls: readonly ParsedCall[];
}

/** A reader for one answer. */
export function createToolReader(style: ToolStyle): ToolReader {
	const calls: ParsedCall[] = [];
	let held = "";
	let inCall = false;
	let atStart = true;

	const readText = (): string => {
		if (atStart && style.bareJson) {
			const text = held.trimStart();
			if (text.length === 0) return "";
			if (text.startsWith("{")) {
				inCall = true;
				return "";
			}
		}
		const position = firstOf(held, style.openers);
		if (position >= 0) {
			const text = held.slice(0, position).trimEnd();
			held = held.slice(text.length);
			inCall = true;
			return text + readCall();
		}
		// White space before a call is the call's, not the text's.
		const open = longestOpenSuffix(held, style.openers);
		const sure = held.slice(0, held.length - open).trimEnd();
		held = held.slice(sure.length);
		if (sure.length > 0) atStart = false;
		return sure;
	};

	const readCall = (): string => {
		if (style.closer === null) return "";
		const end = held.indexOf(style.closer);
		if (end < 0) return "";
		const raw = held.slice(0, end + style.closer.length);
		held = held.slice(raw.length);
		inCall = false;
		const parsed = parseCalls(style, raw);
		calls.push(...parsed);
		return (parsed.length === 0 ? raw : "") + readText();
	};

	return {
		calls,
		push(piece) {
			held += piece;
			return inCall ? readCall() : readText();
		},
		flush() {
			const rest = held;
			held = "";
			if (!inCall) return calls.length > 0 ? rest.trimEnd() : rest;
			const parsed = parseCalls(style, rest);
			calls.push(...parsed);
			return parsed.length === 0 ? rest : "";
		},
	};
}

function firstOf(text: string, markers: readonly string[]): number {
	const positions = markers.map((marker) => text.indexOf(marker)).filter((position) => position >= 0);
	return positions.length === 0 ? -1 : Math.min(...positions);
}

/** Calls in text that begins one; none when it is malformed. */
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

/** Gives calls their ids: OpenAI's shape, or Mistral's nine letters and digits, which its templates insist on. */
export function withIds(style: ToolStyle, calls: readonly ParsedCall[], random: () => string): readonly ToolCall[] {
	return calls.map((call) => ({
		id: style.name === "mistral" ? random().slice(0, 9) : `call_${random()}`,
		...call,
	}));
}
