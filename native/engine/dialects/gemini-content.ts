/**
 * The conversation: Gemini's contents into the engine's messages. One content may be several of ours (responses of functions, then
 * words), and several of one speaker are one, as for Anthropic: many chat templates insist on turns.
 */
import type { GeminiContent, GeminiPart, GenerateContentRequest } from "../../contract/contract.ts";
import type { ChatMessage, ToolCall } from "../request.ts";
import type { BodyPath } from "./content-parts.ts";
import { type CallPairs, createCallPairs } from "./gemini-calls.ts";
import { formatPath } from "./issues.ts";
import { appendMessage, assistantMessage } from "./join-messages.ts";
import type { RequestFault } from "./translation.ts";

/** Keys of a part that say something about it, but are not what it holds. */
const METADATA: ReadonlySet<string> = new Set([
	"thought",
	"thoughtSignature",
	"videoMetadata",
	"mediaResolution",
	"partMetadata",
]);

/** Reads the system instruction and all contents; what can't be honoured goes to `faults`. */
export function translateContents(
	{ systemInstruction, contents }: Pick<GenerateContentRequest, "systemInstruction" | "contents">,
	faults: RequestFault[],
): readonly ChatMessage[] {
	const parts = systemInstruction?.parts ?? [];
	const system = parts.map((part, index) => textOnly(part, ["systemInstruction", "parts", index], faults)).join("\n");
	const messages: ChatMessage[] = system === "" ? [] : [{ role: "system", content: system }];
	const pairs = createCallPairs();
	for (const [index, content] of contents.entries()) {
		for (const message of translateContent(content, ["contents", index], pairs, faults))
			appendMessage(messages, message);
	}
	return messages;
}

function translateContent(
	{ role, parts }: GeminiContent,
	path: BodyPath,
	pairs: CallPairs,
	faults: RequestFault[],
): readonly ChatMessage[] {
	const given = parts ?? [];
	if (given.length === 0) {
		const param = formatPath([...path, "parts"]);
		const message = `Missing required parameter: '${param}'. Give it as an array with at least one part.`;
		faults.push({ message, param, code: "missing_required_parameter" });
	}
	const place = [...path, "parts"];
	return role === "model" ? [translateModel(given, place, pairs, faults)] : translateUser(given, place, pairs, faults);
}

/** What functions gave comes first: it answers the message before. */
function translateUser(
	parts: readonly GeminiPart[],
	path: BodyPath,
	pairs: CallPairs,
	faults: RequestFault[],
): readonly ChatMessage[] {
	const results: ChatMessage[] = [];
	const texts: string[] = [];
	for (const [index, part] of parts.entries()) {
		const { functionResponse, text } = part;
		const place = [...path, index];
		if (isGiven(functionResponse)) {
			if ((functionResponse.parts ?? []).length > 0) {
				faults.push(unreadable([...place, "functionResponse", "parts"]));
			}
			const { id, name, response } = functionResponse;
			const toolCallId = pairs.answer(id ?? null, name);
			results.push({ role: "tool", content: JSON.stringify(response ?? {}), toolCallId, name });
		} else if (isGiven(text)) {
			texts.push(text);
		} else {
			refusePart(part, "user", place, faults);
		}
	}
	return texts.length === 0 && results.length > 0 ? results : [...results, { role: "user", content: texts.join("\n") }];
}

/** Gemini cuts what a model wrote into parts anywhere, so that its texts are joined without a break. */
function translateModel(
	parts: readonly GeminiPart[],
	path: BodyPath,
	pairs: CallPairs,
	faults: RequestFault[],
): ChatMessage {
	let text = "";
	let thoughts = "";
	const calls: ToolCall[] = [];
	for (const [index, part] of parts.entries()) {
		const { functionCall } = part;
		if (isGiven(functionCall)) {
			const { id, name, args } = functionCall;
			calls.push({ id: pairs.call(id ?? null, name), name, argumentsJson: JSON.stringify(args ?? {}) });
		} else if (isGiven(part.text)) {
			if (part.thought === true) thoughts += part.text;
			else text += part.text;
		} else {
			refusePart(part, "model", [...path, index], faults);
		}
	}
	return assistantMessage(text, thoughts, calls);
}

function textOnly(part: GeminiPart, path: BodyPath, faults: RequestFault[]): string {
	if (!isGiven(part.text)) refusePart(part, "system", path, faults);
	return part.text ?? "";
}

const READABLE = {
	system: "'text'",
	user: "'text' and 'functionResponse'",
	model: "'text' and 'functionCall'",
} as const;

function refusePart(part: GeminiPart, speaker: keyof typeof READABLE, path: BodyPath, faults: RequestFault[]): void {
	const held = Object.keys(part).find((key) => isGiven(part[key]) && !METADATA.has(key));
	if (held === "functionCall" || held === "functionResponse") {
		const param = formatPath([...path, held]);
		const message = `Unsupported '${param}': parts of ${speaker === "system" ? "the system instruction" : `role '${speaker}'`} can hold ${READABLE[speaker]}.`;
		faults.push({ message, param, code: "unsupported_value" });
	} else if (held !== undefined) {
		faults.push(unreadable([...path, held]));
	} else if (!isGiven(part.thoughtSignature)) {
		// A signature alone, as Google's streams have it, says nothing to a model here.
		const param = formatPath([...path, "text"]);
		const message = `Missing required parameter: '${param}'. Give it as a string.`;
		faults.push({ message, param, code: "missing_required_parameter" });
	}
}

function unreadable(path: BodyPath): RequestFault {
	const param = formatPath(path);
	const message = `Unsupported '${param}'. Models here read text only; leave out images, audio and files.`;
	return { message, param, code: "unsupported_value" };
}

function isGiven<Value>(value: Value): value is NonNullable<Value> {
	return value !== undefined && value !== null;
}
