/** The conversation: items of a responses request into the engine's messages. */
import { assertNever } from "../../base/base.ts";
import type { ResponsesInput, ResponsesInputItem } from "../../contract/contract.ts";
import type { ChatMessage, ToolCall } from "../request.ts";
import { type BodyPath, joinContent } from "./content-parts.ts";
import { formatPath } from "./issues.ts";
import { joinAnswers, joinTexts } from "./join-messages.ts";
import { customArguments, offeredName } from "./responses-tools.ts";
import type { RequestFault } from "./translation.ts";

const TEXT_TYPES: ReadonlySet<string> = new Set(["input_text", "output_text", "text"]);

/** Reads the input, with the instructions before it; what can't be honoured goes to `faults`. */
export function translateInput(
	input: ResponsesInput,
	instructions: string | null,
	faults: RequestFault[],
): readonly ChatMessage[] {
	const known = faults.length;
	const read: ChatMessage[] = instructions === null ? [] : [{ role: "system", content: instructions }];
	if (typeof input === "string") read.push({ role: "user", content: input });
	else for (const [index, item] of input.entries()) read.push(...translateItem(item, ["input", index], faults));
	if (read.length === 0 && faults.length === known) {
		const message =
			"'input' holds nothing to answer to: none of its items is a message, a call, an output or a thought to read.";
		faults.push({ message, param: "input", code: "invalid_value" });
	}
	return join(read);
}

/** The message an item comes to; none for thoughts that can't be read. */
function translateItem(item: ResponsesInputItem, path: BodyPath, faults: RequestFault[]): readonly ChatMessage[] {
	switch (item.type) {
		case "message": {
			const role = item.role === "developer" ? "system" : item.role;
			return [{ role, content: joinContent(item.content, [...path, "content"], TEXT_TYPES, faults) }];
		}
		case "function_call":
			return [callOf({ id: item.call_id, name: offeredName(item), argumentsJson: item.arguments })];
		case "custom_tool_call":
			return [callOf({ id: item.call_id, name: offeredName(item), argumentsJson: customArguments(item.input) })];
		case "function_call_output":
		case "custom_tool_call_output": {
			const content = joinContent(item.output, [...path, "output"], TEXT_TYPES, faults);
			return [{ role: "tool", content, toolCallId: item.call_id }];
		}
		case "reasoning": {
			const parts = (item.content ?? []).length > 0 ? item.content : item.summary;
			const reasoning = (parts ?? []).map((part) => part.text).join("\n");
			return reasoning === "" ? [] : [{ role: "assistant", content: "", reasoning }];
		}
		case "additional_tools":
			return [];
		case "other":
			faults.push(refuseItem(item.given, formatPath([...path, "type"])));
			return [];
		default:
			return assertNever(item);
	}
}

function refuseItem(type: string, param: string | null): RequestFault {
	const message =
		type === "item_reference"
			? `Unsupported '${param}': 'item_reference'. Nothing is kept here between requests; send the item itself.`
			: `Unsupported '${param}': '${type}'. Items that can be read are messages, reasoning, and calls of functions and custom tools with their outputs.`;
	return { message, param, code: "unsupported_value" };
}

function callOf(call: ToolCall): ChatMessage {
	return { role: "assistant", content: "", toolCalls: [call] };
}

/**
 * What the model wrote in one go, thoughts, text and calls, comes as items of their own; chat templates know it as one message.
 * The same holds for the system messages at the start: most templates know one.
 */
function join(messages: readonly ChatMessage[]): readonly ChatMessage[] {
	const joined: ChatMessage[] = [];
	for (const message of messages) {
		const last = joined.at(-1);
		if (last?.role === "assistant" && message.role === "assistant") {
			joined.splice(-1, 1, joinAnswers(last, message));
		} else if (joined.length === 1 && last?.role === "system" && message.role === "system") {
			joined.splice(-1, 1, { role: "system", content: joinTexts([last.content, message.content], "\n\n") });
		} else {
			joined.push(message);
		}
	}
	return joined;
}
