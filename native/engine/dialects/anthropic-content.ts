/**
 * The conversation: Anthropic's messages into the engine's. One of Anthropic's may be several of ours (results of tools, then
 * words), and several of one speaker are one, as Anthropic has it: many chat templates insist on turns.
 */
import { assertNever } from "../../base/base.ts";
import {
	type ContentBlock,
	type CountTokensRequest,
	type MessageParam,
	toolResultContentSchema,
} from "../../contract/contract.ts";
import type { ChatMessage, ToolCall } from "../request.ts";
import { missing } from "./anthropic-faults.ts";
import { type BodyPath, joinContent } from "./content-parts.ts";
import { formatPath } from "./issues.ts";
import { appendMessage, assistantMessage, joinTexts } from "./join-messages.ts";
import type { RequestFault } from "./translation.ts";

const TEXT_TYPES: ReadonlySet<string> = new Set(["text"]);

/**
 * Claude Code puts a line of accounting before its system prompt, with a part that differs in every request. It says nothing to
 * a model, but would make every prompt new from its first token on, so that nothing computed before could be used again.
 */
const ACCOUNTING_LINE = /^x-anthropic-billing-header:[^\n]*\n?/;

/** Reads `system` and all messages; what can't be honoured goes to `faults`. */
export function translateConversation(
	request: Pick<CountTokensRequest, "system" | "messages">,
	faults: RequestFault[],
): readonly ChatMessage[] {
	const system = translateSystem(request.system ?? "", ["system"], faults);
	const messages: ChatMessage[] = system === "" ? [] : [{ role: "system", content: system }];
	for (const [index, param] of request.messages.entries()) {
		for (const message of translateMessage(param, ["messages", index, "content"], faults))
			appendMessage(messages, message);
	}
	return messages;
}

function translateMessage(param: MessageParam, path: BodyPath, faults: RequestFault[]): readonly ChatMessage[] {
	const { role, content } = param;
	switch (role) {
		case "system":
			return [{ role, content: translateSystem(content, path, faults) }];
		case "user":
			return typeof content === "string" ? [{ role, content }] : translateUser(content, path, faults);
		case "assistant":
			return [typeof content === "string" ? { role, content } : translateAssistant(content, path, faults)];
		default:
			return assertNever(role);
	}
}

function translateSystem(content: string | readonly ContentBlock[], path: BodyPath, faults: RequestFault[]): string {
	return joinContent(content, path, TEXT_TYPES, faults).replace(ACCOUNTING_LINE, "");
}

/** What tools gave comes first: it answers the message before, and Anthropic wants it first as well. */
function translateUser(
	blocks: readonly ContentBlock[],
	path: BodyPath,
	faults: RequestFault[],
): readonly ChatMessage[] {
	const results: ChatMessage[] = [];
	const texts: string[] = [];
	for (const [index, block] of blocks.entries()) {
		const place = [...path, index];
		if (block.type === "tool_result") results.push(translateToolResult(block, place, faults));
		else if (block.type === "text") texts.push(textOf(block, "text", place, faults));
		else refuseBlock(block, "user", place, faults);
	}
	return texts.length === 0 && results.length > 0 ? results : [...results, { role: "user", content: texts.join("\n") }];
}

function translateToolResult(block: ContentBlock, path: BodyPath, faults: RequestFault[]): ChatMessage {
	if (block.tool_use_id === undefined) faults.push(missing([...path, "tool_use_id"], "a string"));
	const place = [...path, "content"];
	const content = toolResultContentSchema.safeParse(block.content ?? "");
	if (!content.success) {
		const param = formatPath(place);
		const message = `Invalid type for '${param}': expected a string or an array of blocks of type 'text'.`;
		faults.push({ message, param, code: "invalid_type" });
	}
	const text = content.success ? joinContent(content.data, place, TEXT_TYPES, faults) : "";
	return {
		role: "tool",
		// Chat templates have no word for failure, so the text says it.
		content: block.is_error === true ? `The tool failed.${text === "" ? "" : `\n${text}`}` : text,
		toolCallId: block.tool_use_id ?? "",
	};
}

function translateAssistant(blocks: readonly ContentBlock[], path: BodyPath, faults: RequestFault[]): ChatMessage {
	const texts: string[] = [];
	const thoughts: string[] = [];
	const toolCalls: ToolCall[] = [];
	for (const [index, block] of blocks.entries()) {
		const place = [...path, index];
		switch (block.type) {
			case "text":
				texts.push(textOf(block, "text", place, faults));
				break;
			case "thinking":
				thoughts.push(textOf(block, "thinking", place, faults));
				break;
			case "redacted_thinking":
				// Readable by Anthropic only.
				break;
			case "tool_use":
				toolCalls.push(translateToolUse(block, place, faults));
				break;
			default:
				refuseBlock(block, "assistant", place, faults);
		}
	}
	return assistantMessage(joinTexts(texts), joinTexts(thoughts), toolCalls);
}

function translateToolUse(block: ContentBlock, path: BodyPath, faults: RequestFault[]): ToolCall {
	for (const field of ["id", "name"] as const) {
		if (block[field] === undefined) faults.push(missing([...path, field], "a string"));
	}
	const { id = "", name = "", input } = block;
	// A call that was no JSON came as its own text in our reply, and goes back to the model as such.
	return { id, name, argumentsJson: typeof input === "string" ? input : JSON.stringify(input ?? {}) };
}

function textOf(block: ContentBlock, field: "text" | "thinking", path: BodyPath, faults: RequestFault[]): string {
	const text = block[field];
	if (text === undefined) faults.push(missing([...path, field], "a string"));
	return text ?? "";
}

const BLOCKS = { user: "'text' and 'tool_result'", assistant: "'text', 'thinking' and 'tool_use'" } as const;

function refuseBlock(block: ContentBlock, role: "user" | "assistant", path: BodyPath, faults: RequestFault[]): void {
	const param = formatPath([...path, "type"]);
	faults.push({
		message: `Unsupported '${param}': '${block.type}'. Models here read text only: a message of role '${role}' can have blocks of type ${BLOCKS[role]}.`,
		param,
		code: "unsupported_value",
	});
}
