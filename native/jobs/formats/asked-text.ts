/** What requests say, without their wrapping: for people who look through a file. Never fails, however odd a request is. */
import { isObject } from "./json-record.ts";
import type { JsonObject } from "./line-format.ts";

/**
 * The last thing said to the model: the text of the last message that is the user's, of whatever dialect, or the prompt or input
 * where there are no messages. Empty: nothing in text.
 */
export function askedText({ messages, contents, input, prompt }: JsonObject): string {
	return turnText(messages) ?? turnText(contents) ?? turnText(input) ?? plainText(input) ?? plainText(prompt) ?? "";
}

/** The text of the last turn that is the user's, or else of the last one; null: these are no turns. */
function turnText(turns: unknown): string | null {
	if (!Array.isArray(turns)) return null;
	const objects = turns.filter(isObject).filter(({ type }) => type === undefined || type === "message");
	// Gemini's turns may leave the role out, and then they are the user's.
	const last = objects.findLast(({ role }) => role === "user" || role === undefined) ?? objects.at(-1);
	if (last === undefined) return null;
	return partsText(last.content ?? last.parts);
}

function partsText(content: unknown): string {
	if (typeof content === "string") return content;
	if (!Array.isArray(content)) return "";
	return joined(content.map((part) => (isObject(part) ? part.text : part)));
}

/** A prompt or an input: a text, or several. */
function plainText(value: unknown): string | null {
	if (typeof value === "string") return value;
	return Array.isArray(value) ? joined(value) : null;
}

function joined(texts: readonly unknown[]): string {
	return texts.filter((text) => typeof text === "string").join("\n");
}
