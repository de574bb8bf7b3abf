/** Several pieces of one speaker as one message: APIs send what a model wrote in one go in parts, chat templates want turns. */
import type { ChatMessage, ToolCall } from "../request.ts";

type AssistantMessage = Extract<ChatMessage, { role: "assistant" }>;

/** Texts as one, less those that say nothing. By default joined as the parts of one content are (`joinContent`). */
export function joinTexts(texts: readonly string[], separator = "\n"): string {
	return texts.filter((text) => text !== "").join(separator);
}

/** A message of the model; thoughts and calls are left out where there are none. */
export function assistantMessage(content: string, reasoning: string, toolCalls: readonly ToolCall[]): AssistantMessage {
	return {
		role: "assistant",
		content,
		...(reasoning === "" ? {} : { reasoning }),
		...(toolCalls.length === 0 ? {} : { toolCalls }),
	};
}

/** Two messages of the model, one after the other, as one. */
export function joinAnswers(first: AssistantMessage, second: AssistantMessage): AssistantMessage {
	return assistantMessage(
		joinTexts([first.content, second.content]),
		joinTexts([first.reasoning ?? "", second.reasoning ?? ""]),
		[...(first.toolCalls ?? []), ...(second.toolCalls ?? [])],
	);
}

/** Adds a message to a chat; to one of the same speaker, user or model, it is joined. */
export function appendMessage(messages: ChatMessage[], message: ChatMessage): void {
	const last = messages.at(-1);
	if (last?.role === "user" && message.role === "user") {
		messages.splice(-1, 1, { role: "user", content: joinTexts([last.content, message.content]) });
	} else if (last?.role === "assistant" && message.role === "assistant") {
		messages.splice(-1, 1, joinAnswers(last, message));
	} else {
		messages.push(message);
	}
}
