/** Tells the dialects apart: a line by its keys, a file by its first line that tells or by its name. */
import type { FileFormat } from "../../contract/contract.ts";
import { leadingKeys } from "./json-scan.ts";
import { markLength } from "./line-reader.ts";

/** Dialects of which every line is a JSON object. */
export type JsonFormat = Exclude<FileFormat, "csv" | "tsv">;

/** What the lines of a dialect are called in messages, with what they are known by. */
export const FORMAT_WORDS: Readonly<Record<JsonFormat, string>> = {
	openai: "OpenAI's (custom_id, method, url, body)",
	anthropic: "Anthropic's (custom_id, params)",
	gemini: "Gemini's (key, request)",
	vertex: "Vertex's (request without a key)",
	messages: 'that of bare messages ({"messages": …})',
};

/** Whether something is a key of an object. */
type HasKey = (key: string) => boolean;

const marks: Readonly<Record<JsonFormat, (has: HasKey) => boolean>> = {
	openai: (has) => has("body") || (has("method") && has("url")),
	anthropic: (has) => has("params"),
	gemini: (has) => has("request") && has("key"),
	vertex: (has) => has("request") && !has("key"),
	messages: (has) => has("messages"),
};

/** In this order: a key further up decides where lines have keys of several. */
const JSON_FORMATS: readonly JsonFormat[] = ["openai", "anthropic", "gemini", "vertex", "messages"];

/** The dialect a line's keys show; null: none. */
export function dialectOf(has: HasKey): JsonFormat | null {
	return JSON_FORMATS.find((format) => marks[format](has)) ?? null;
}

/** The dialect that a line in a file of `own` lines is in instead; null: its own, or none that is known. */
export function otherDialect(own: JsonFormat, has: HasKey): JsonFormat | null {
	return marks[own](has) ? null : dialectOf(has);
}

/** Lines looked at for one that tells: the first one does, unless it is blank or broken. */
const LINES_LOOKED_AT = 20;

/**
 * The dialect of a file by its start and its name. A line that shows a dialect goes before the name; where nothing tells, it is
 * OpenAI's, whose faults then say what is missing.
 */
export function detectFormat(head: Uint8Array, filename: string): FileFormat {
	const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
	for (const line of bytes.toString("utf8", markLength(head, 0)).split("\n", LINES_LOOKED_AT)) {
		if (!line.trimStart().startsWith("{")) continue;
		const keys = leadingKeys(line);
		const found = dialectOf((key) => keys.has(key));
		if (found !== null) return found;
	}
	const [, extension] = /\.(csv|tsv)$/i.exec(filename) ?? [];
	return extension === undefined ? "openai" : extension.toLowerCase() === "csv" ? "csv" : "tsv";
}
