/** Why an answer did not come, and what one can do about it. Pure. */
import type { ApiFailure } from "../api/client.ts";
import { words } from "../words/words.ts";

/** Why an answer did not come. */
export interface TurnFailure {
	/** `context`: the conversation is too long; `no-model`: none of that name. They differ in what one can do. */
	readonly kind: "offline" | "context" | "no-model" | "other";
	/** As the service says it. */
	readonly message: string;
}

/** Reads a refusal. */
export function turnFailureOf({ kind, code, message }: Pick<ApiFailure, "kind" | "code" | "message">): TurnFailure {
	if (kind === "offline") return { kind: "offline", message };
	if (code === "context_length_exceeded") return { kind: "context", message };
	if (code === "model_not_found") return { kind: "no-model", message };
	return { kind: "other", message };
}

/** How a failure is told: what it is, and what to do. */
export function failureWords({ kind, message }: TurnFailure): { readonly title: string; readonly body: string } {
	const said = words.chat.failure;
	switch (kind) {
		case "offline":
			return { title: said.offlineTitle, body: said.offlineBody };
		case "context":
			return { title: said.contextTitle, body: said.contextBody };
		case "no-model":
			return { title: said.noModelTitle, body: said.noModelBody };
		case "other":
			return { title: said.otherTitle, body: message };
		default:
			return kind satisfies never;
	}
}
