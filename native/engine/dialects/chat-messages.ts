/** The conversation: OpenAI's messages into the engine's. */
import { assertNever } from "../../base/base.ts";
import type { ChatMessageParam, ContentPart } from "../../contract/contract.ts";
import type { ChatMessage, ToolCall } from "../request.ts";
import { formatPath } from "./issues.ts";
import type { RequestFault } from "./translation.ts";

type Path = readonly (string | number)[];
type AssistantParam = Extract<ChatMessageParam, { role: "assistant" }>;

/** Reads all messages; what can't be honoured goes to `faults`. */
export function translateMessages(
	messages: readonly ChatMessageParam[],
	faults: RequestFault[],
): readonly ChatMessage[] {
	return messages.map((message, index) => translateMessage(message, ["messages", index], faults));
}

function translateMessage(message: ChatMessageParam, path: Path, faults: RequestFault[]): ChatMessage {
	switch (message.role) {
		case "system":
		case "developer":
			return { role: "system", content: joinContent(message.content, path, faults) };
		case "user":
			return { role: "user", content: joinContent(message.content, path, faults) };
		case "assistant":
			return translateAssistant(message, path, faults);
		case "tool":
			return {
				role: "tool",
				content: joinContent(message.content, path, faults),
				toolCallId: message.tool_call_id,
			};
		case "function":
			return {
				role: "tool",
				content: message.content ?? "",
				toolCallId: legacyCallId(message.name),
				name: message.name,
			};
		default:
			return assertNever(message);
	}
}

function translateAssistant(message: AssistantParam, path: Path, faults: RequestFault[]): ChatMessage {
	const toolCalls = translateToolCalls(message, path, faults);
	const text = message.content ?? message.refusal ?? null;
	if (text === null && toolCalls.length === 0) {
		faults.push({
			message: `Missing '${formatPath([...path, "content"])}': an assistant message without tool calls needs a content.`,
			param: formatPath([...path, "content"]),
			code: "missing_required_parameter",
		});
	}
	const reasoning = message.reasoning_content ?? message.reasoning ?? null;
	return {
		role: "assistant",
		content: text === null ? "" : joinContent(text, path, faults),
		...(reasoning === null || reasoning === "" ? {} : { reasoning }),
		...(toolCalls.length === 0 ? {} : { toolCalls }),
	};
}

function translateToolCalls(message: AssistantParam, path: Path, faults: RequestFault[]): readonly ToolCall[] {
	const calls: ToolCall[] = [];
	for (const [index, call] of (message.tool_calls ?? []).entries()) {
		if (call.function === undefined || call.type !== "function") {
			const param = formatPath([...path, "tool_calls", index, "type"]);
			faults.push({
				message: `Unsupported '${param}': only calls of type 'function' can be read here, with their 'function'.`,
				param,
				code: "unsupported_value",
			});
			continue;
		}
		calls.push({ id: call.id, name: call.function.name, argumentsJson: call.function.arguments });
	}
	const legacy = message.function_call ?? null;
	if (legacy !== null) {
		calls.push({ id: legacyCallId(legacy.name), name: legacy.name, argumentsJson: legacy.arguments });
	}
	return calls;
}

/** Legacy calls have no id; the function's name pairs a call with its answer. */
function legacyCallId(name: string): string {
	return `function_${name}`;
}

/** Several text parts are one text here, joined by line breaks as llama.cpp's own server joins them. */
function joinContent(content: string | readonly ContentPart[], path: Path, faults: RequestFault[]): string {
	if (typeof content === "string") return content;
	const texts = content.map((part, index) => partText(part, [...path, "content", index], faults));
	return texts.join("\n");
}

function partText(part: ContentPart, path: Path, faults: RequestFault[]): string {
	const text = part.type === "text" ? part.text : part.type === "refusal" ? part.refusal : null;
	if (typeof text === "string") return text;
	const field = text === null ? "type" : part.type;
	const param = formatPath([...path, field]);
	faults.push(
		text === null
			? {
					message: `Unsupported '${param}': '${part.type}'. Models here read text only; leave out images, audio and files.`,
					param,
					code: "unsupported_value",
				}
			: {
					message: `Missing required parameter: '${param}'. Give it as a string.`,
					param,
					code: "missing_required_parameter",
				},
	);
	return "";
}
