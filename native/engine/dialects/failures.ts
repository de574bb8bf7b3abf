/** How a failure looks to whoever sent the request. */
import { assertNever } from "../../base/base.ts";
import type { ErrorEnvelope } from "../../contract/contract.ts";
import type { EngineFailure } from "../engine.ts";
import type { RequestFault } from "./translation.ts";

/** HTTP status and body of a reply that is not a success. */
export interface RenderedFailure {
	readonly status: number;
	readonly body: ErrorEnvelope;
}

/** Body of the 400 for a request that could not be read. */
export function faultEnvelope(fault: RequestFault): ErrorEnvelope {
	const { message, param, code } = fault;
	return { error: { message, type: "invalid_request_error", param, code } };
}

/** The reply for a request the engine gave no result for. `endpoint`, where known, decides which words fit. */
export function renderFailure(failure: EngineFailure, endpoint: string | null = null): RenderedFailure {
	switch (failure.kind) {
		case "invalid-request":
			return refusal({ message: failure.message, param: failure.param, code: "invalid_value" });
		case "context-exceeded":
			return refusal(contextFault(failure.promptTokens, failure.contextTokens, endpoint));
		case "process-died": {
			const end = failure.cause === "crashed" ? "crashed" : "was stopped";
			const message = `The inference process ${end} while it held this request (${failure.detail}). Send it again.`;
			return serverError(500, message, "inference_process_died");
		}
		case "aborted":
			return serverError(503, "The request was stopped before it was answered. Send it again.", "aborted");
		case "not-loaded":
			return serverError(503, failure.message, "model_not_loaded");
		default:
			return assertNever(failure);
	}
}

const NOUNS: ReadonlyMap<string | null, string> = new Map([
	["/v1/chat/completions", "messages"],
	["/v1/completions", "prompt"],
	["/v1/embeddings", "input"],
]);

/** Says that a prompt is too long, in the words clients look for. */
export function contextFault(promptTokens: number, contextTokens: number, endpoint: string | null): RequestFault {
	const param = NOUNS.get(endpoint) ?? null;
	const noun = param ?? "prompt";
	return {
		message: `This model's maximum context length is ${contextTokens} tokens. However, your ${noun} resulted in ${promptTokens} tokens. Please reduce the length of the ${noun}.`,
		param,
		code: "context_length_exceeded",
	};
}

function refusal(fault: RequestFault): RenderedFailure {
	return { status: 400, body: faultEnvelope(fault) };
}

function serverError(status: number, message: string, code: string): RenderedFailure {
	return { status, body: { error: { message, type: "server_error", param: null, code } } };
}
