/** The conversation: OpenAI's messages into the engine's. */
import { assertNever } from "../../base/base.ts";
import type { ChatMessageParam } from "../../contract/contract.ts";
import type { ChatMessage, ToolCall } from "../request.ts";
import { type BodyPath, joinContent } from "./content-parts.ts";
import { formatPath } from "./issues.ts";
import type { RequestFault } from "./translation.ts";

const TEXT_TYPES: ReadonlySet<string> = new Set(["text"]);

type AssistantParam = Extract<ChatMessageParam, { role: "assistant" }>;

/** Reads all messages; what can't be honoured goes to `faults`. */
export function translateMessages(
	messages: readonly ChatMessageParam[],
	faults: RequestFault[],
): readonly ChatMessage[] {
	return messages.map((message, index) => translateMessage(message, ["messages", index], faults));
}

function translateMessage(message: ChatMessageParam, path: BodyPath, faults: RequestFault[]): ChatMessage {
	switch (message.role) {
		case "system":
		case "developer":
			return { role: "system", content: joinContent(message.content, [...path, "content"], TEXT_TYPES, faults) };
		case "user":
			return { role: "user", content: joinContent(message.content, [...path, "content"], TEXT_TYPES, faults) };
		case "assistant":
			return translateAssistant(message, path, faults);
		case "tool":
			return {
				role: "tool",
				content: joinContent(message.content, [...path, "content"], TEXT_TYPES, faults),
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

function translateAssistant(message: AssistantParam, path: BodyPath, faults: RequestFault[]): ChatMessage {
	const toolCalls = translateToolCalls(message, path, faults);
	const text = message.content ?? message.refusal ?? null;
	const reasoning = message.reasoning_content ?? message.reasoning ?? null;
	// Editors send back what they have of an answer that was stopped while the model was still thinking.
	if (text === null && reasoning === null && toolCalls.length === 0) {
		faults.push({
			message: `Missing '${formatPath([...path, "content"])}': an assistant message without tool calls needs a content.`,
			param: formatPath([...path, "content"]),
			code: "missing_required_parameter",
		});
	}
	return {
		role: "assistant",
		content: text === null ? "" : joinContent(text, [...path, "content"], TEXT_TYPES, faults),
		...(reasoning === null || reasoning === "" ? {} : { reasoning }),
		...(toolCalls.length === 0 ? {} : { toolCalls }),
	};
}

function translateToolCalls(message: AssistantParam, path: BodyPath, faults: RequestFault[]): readonly ToolCall[] {
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
