/** How a failure looks to whoever sent the request. */
import { assertNever } from "../../base/base.ts";
import { type ErrorEnvelope, GEMINI_GENERATE_URL } from "../../contract/contract.ts";
import type { EngineFailure } from "../engine.ts";
import type { ReplyFault, RequestFault } from "./translation.ts";

/** OpenAI's envelope around a fault. */
export function renderErrorEnvelope(fault: ReplyFault): ErrorEnvelope {
	const { message, type, param, code } = fault;
	return { error: { message, type, param, code } };
}

/** The 400 for a request that could not be read, or that can't be honoured. */
export function refusal({ message, param, code }: RequestFault): ReplyFault {
	return { status: 400, type: "invalid_request_error", message, param, code };
}

/** The reply for a request the engine gave no result for. `endpoint`, where known, decides which words fit. */
export function renderFailure(failure: EngineFailure, endpoint: string | null = null): ReplyFault {
	switch (failure.kind) {
		case "invalid-request":
			return refusal({ message: failure.message, param: failure.param, code: "invalid_value" });
		case "context-exceeded":
			return refusal(contextFault(failure.promptTokens, failure.contextTokens, endpoint));
		case "process-died": {
			const end = failure.cause === "crashed" ? "crashed" : "was stopped";
			const message = `The inference process ${end} while it held this request (${failure.detail}). Send it again.`;
			return serverFault(500, message, "inference_process_died");
		}
		case "aborted":
			return serverFault(503, "The request was stopped before it was answered. Send it again.", "aborted");
		case "not-loaded":
			return serverFault(503, failure.message, "model_not_loaded");
		default:
			return assertNever(failure);
	}
}

const NOUNS: ReadonlyMap<string | null, string> = new Map([
	["/v1/chat/completions", "messages"],
	["/v1/completions", "prompt"],
	["/v1/embeddings", "input"],
	["/v1/responses", "input"],
]);

/** Says that a prompt is too long, in the words clients look for. */
export function contextFault(promptTokens: number, contextTokens: number, endpoint: string | null): RequestFault {
	const code = "context_length_exceeded";
	if (endpoint === "/v1/messages") {
		// Anthropic's own words: editors look for them to know that it is time to sum the conversation up.
		const message = `prompt is too long: ${promptTokens} tokens > ${contextTokens} maximum`;
		return { message, param: "messages", code };
	}
	if (endpoint === GEMINI_GENERATE_URL) {
		const message = `The input token count (${promptTokens}) exceeds the maximum number of tokens allowed (${contextTokens}).`;
		return { message, param: "contents", code };
	}
	const param = NOUNS.get(endpoint) ?? null;
	const noun = param ?? "prompt";
	return {
		message: `This model's maximum context length is ${contextTokens} tokens. However, your ${noun} resulted in ${promptTokens} tokens. Please reduce the length of the ${noun}.`,
		param,
		code,
	};
}

/** Not the request's fault. `status` is 500 for what broke, 503 for what will be better soon. */
export function serverFault(status: 500 | 503, message: string, code: string): ReplyFault {
	return { status, type: "server_error", message, param: null, code };
}
