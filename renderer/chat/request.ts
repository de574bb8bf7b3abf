/** What is asked of the model for a conversation. Pure. */
import type { MachineModel, ThreadMessage, ThreadOptions } from "../../native/contract/contract.ts";
import type { Conversation } from "./conversation.ts";

/** One message as `/v1/chat/completions` takes it. */
interface AskedMessage {
	readonly role: "system" | "user" | "assistant";
	readonly content: string;
}

/** The body of a request. */
export interface AskBody {
	readonly model: string;
	readonly messages: readonly AskedMessage[];
	readonly stream: true;
	readonly stream_options: { readonly include_usage: true };
	readonly temperature?: number;
	readonly top_p?: number;
	readonly max_completion_tokens?: number;
}

/** The body that asks for the next answer. */
export function bodyOf({ options, messages }: Pick<Conversation, "options" | "messages">, model: string): AskBody {
	const { system, temperature, top_p, max_tokens } = options;
	return {
		model,
		messages: [...(system.trim() === "" ? [] : [{ role: "system" as const, content: system }]), ...askedOf(messages)],
		stream: true,
		stream_options: { include_usage: true },
		...(temperature === null ? {} : { temperature }),
		...(top_p === null ? {} : { top_p }),
		...(max_tokens === null ? {} : { max_completion_tokens: max_tokens }),
	};
}

/**
 * Turns that alternate, as many models' templates demand: answers without a word are left out, and what one said twice in a row is
 * one message. Thoughts are not sent back: models are trained without them.
 */
function askedOf(messages: readonly ThreadMessage[]): readonly AskedMessage[] {
	const asked: AskedMessage[] = [];
	for (const { role, text } of messages) {
		if (text === "") continue;
		const last = asked.at(-1);
		if (last?.role === role) asked[asked.length - 1] = { role, content: `${last.content}\n\n${text}` };
		else asked.push({ role, content: text });
	}
	return asked;
}

/** What is asked of a model to be chosen. */
export type ChatModel = Pick<MachineModel, "name" | "is_embedding" | "problem" | "roles">;

/** Models that can chat. */
export function chatModels<Model extends ChatModel>(models: readonly Model[]): readonly Model[] {
	return models.filter(({ is_embedding, problem }) => !is_embedding && problem === null);
}

/** The model that answers where the conversation names none: the owner's for chat, else the owner's default, else the first. */
export function defaultModelOf(models: readonly ChatModel[]): string | null {
	const able = chatModels(models);
	const chosen =
		able.find(({ roles }) => roles.includes("chat")) ?? able.find(({ roles }) => roles.includes("default")) ?? able[0];
	return chosen?.name ?? null;
}

/** The model that answers; null: there is none. */
export function modelOf(options: ThreadOptions, models: readonly ChatModel[]): string | null {
	return options.model ?? defaultModelOf(models);
}
