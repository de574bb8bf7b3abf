/**
 * What a line asks and what came of it, as people read it, whatever dialect the file is written in. What it does not know it leaves to
 * the JSON beside it. Pure.
 */
import { words } from "../words/words.ts";

/** One turn of what was asked. */
export interface Turn {
	/** e.g. `User`; a column's name in a table. */
	readonly who: string;
	readonly text: string;
}

type Json = Readonly<Record<string, unknown>>;

/** The turns of a request; empty where there is nothing to read. */
export function turnsOf(request: Json): readonly Turn[] {
	const body = objectIn(request, "body") ?? objectIn(request, "params") ?? objectIn(request, "request") ?? request;
	const turns = [
		...systemOf(body),
		...listIn(body, "messages").flatMap(messageTurn),
		...listIn(body, "contents").flatMap(messageTurn),
		...inputOf(body.input ?? body.prompt),
	];
	if (turns.length > 0 || body !== request) return turns;
	// A row of a table: its columns.
	return Object.entries(request).flatMap(([who, value]) => (isText(value) ? [{ who, text: value }] : []));
}

/** What a result says, an error's message too; null: nothing that is text. */
export function textOf(result: Json): string | null {
	const body = objectIn(objectIn(result, "response"), "body") ?? objectIn(result, "response") ?? result;
	const outcome = objectIn(result, "result");
	const texts = [
		...listIn(body, "choices").flatMap((choice) => choiceText(choice)),
		...listIn(body, "output").flatMap((item) => itemText(item)),
		...listIn(body, "candidates").flatMap((one) => contentText(objectIn(asObject(one), "content"))),
		...contentText(objectIn(outcome, "message")),
		...listIn(body, "data").flatMap(vectorText),
		...[...new Set([result, body, outcome])].flatMap(errorText),
	].filter((text) => text !== "");
	return texts.length === 0 ? null : texts.join("\n\n");
}

function systemOf(body: Json): readonly Turn[] {
	const system = body.system ?? body.instructions ?? body.systemInstruction ?? body.system_instruction;
	const text = isText(system)
		? system
		: Array.isArray(system)
			? partsText(system)
			: contentText(asObject(system)).join("\n");
	return text === "" ? [] : [{ who: words.jobs.line.roles.system, text }];
}

function messageTurn(message: unknown): readonly Turn[] {
	const object = asObject(message);
	if (object === null) return [];
	const text = contentText(object).join("\n");
	return text === "" ? [] : [{ who: roleWord(object.role), text }];
}

/** `input` of responses and embeddings, `prompt` of completions: a text, texts, or messages. */
function inputOf(input: unknown): readonly Turn[] {
	if (isText(input)) return [{ who: roleWord("user"), text: input }];
	if (!Array.isArray(input)) return [];
	return input.flatMap((one) => (isText(one) ? [{ who: roleWord("user"), text: one }] : messageTurn(one)));
}

/** Text of whatever carries `content` or `parts`. */
function contentText(object: Json | null): readonly string[] {
	if (object === null) return [];
	const content = object.content ?? object.parts ?? object.output;
	const text = isText(content) ? content : Array.isArray(content) ? partsText(content) : "";
	const calls = listIn(object, "tool_calls").flatMap((call) => toolText(objectIn(asObject(call), "function")));
	return [text, ...calls].filter((one) => one !== "");
}

function partsText(parts: readonly unknown[]): string {
	return parts
		.flatMap((part) => {
			const object = asObject(part);
			if (object === null) return isText(part) ? [part] : [];
			if (object.thought === true) return [];
			if (object.type === "tool_use") return toolText(object);
			const inner = object.text ?? object.refusal;
			return isText(inner) ? [inner] : [...toolText(objectIn(object, "functionCall")), ...contentText(object)];
		})
		.join("\n");
}

function choiceText(choice: unknown): readonly string[] {
	const object = asObject(choice);
	const text = object?.text;
	return isText(text) ? [text] : contentText(objectIn(object, "message"));
}

function itemText(item: unknown): readonly string[] {
	const object = asObject(item);
	return object?.type === "function_call" ? toolText(object) : contentText(object);
}

function toolText(call: Json | null): readonly string[] {
	const name = call?.name;
	if (call === null || !isText(name)) return [];
	const given = call.arguments ?? call.input ?? call.args ?? {};
	return [words.jobs.line.tool(name, isText(given) ? given : JSON.stringify(given))];
}

function vectorText(one: unknown): readonly string[] {
	const vector = asObject(one)?.embedding;
	return Array.isArray(vector) ? [words.jobs.line.vector(vector.length.toLocaleString())] : [];
}

/** Envelopes put an error into an error. */
function errorText(object: Json | null): readonly string[] {
	const error = objectIn(object, "error") ?? objectIn(object, "status");
	const inner = objectIn(error, "error") ?? error;
	const message = inner?.message;
	return isText(message) ? [message] : [];
}

function roleWord(role: unknown): string {
	const known: Readonly<Record<string, string>> = words.jobs.line.roles;
	return isText(role) ? (known[role] ?? role) : words.jobs.line.roles.user;
}

function isText(value: unknown): value is string {
	return typeof value === "string" && value !== "";
}

function isObject(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): Json | null {
	return isObject(value) ? value : null;
}

function objectIn(object: Json | null, key: string): Json | null {
	return asObject(object?.[key]);
}

function listIn(object: Json, key: string): readonly unknown[] {
	const value = object[key];
	return Array.isArray(value) ? value : [];
}
