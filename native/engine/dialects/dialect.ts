/**
 * How requests of other people's APIs become ours, and our results theirs. Owns the translation and nothing else: pure
 * functions, no clock, no randomness, no I/O. Must never know of batches, HTTP or the inference process.
 *
 * One table, from url to dialect, serves the lines of a batch and the HTTP API alike, so that a body means the same in both.
 */
import { BATCH_ENDPOINTS, type BatchEndpoint, GEMINI_GENERATE_URL } from "../../contract/contract.ts";
import { renderMessagesError } from "./anthropic-faults.ts";
import { parseMessages } from "./anthropic-messages.ts";
import { renderErrorEnvelope } from "./failures.ts";
import { renderGeminiError } from "./gemini-faults.ts";
import { parseGenerateContent } from "./gemini-generate.ts";
import { parseChat } from "./openai-chat.ts";
import { parseCompletion } from "./openai-completions.ts";
import { parseEmbedding } from "./openai-embeddings.ts";
import { parseResponses } from "./openai-responses.ts";
import type { Dialect } from "./translation.ts";

export { messagesErrorType, renderMessagesError } from "./anthropic-faults.ts";
export { type CountTokens, parseCountTokens } from "./anthropic-messages.ts";
export { contextFault, refusal, renderErrorEnvelope, renderFailure, serverFault } from "./failures.ts";
export { geminiErrorStatus, renderGeminiError } from "./gemini-faults.ts";
export { geminiModelName } from "./gemini-model.ts";
export { describeIssues, formatPath } from "./issues.ts";
export type {
	Dialect,
	ParseOptions,
	RenderContext,
	ReplyFault,
	ReplyStream,
	RequestFault,
	RequestFaults,
	StreamEvent,
	Translation,
} from "./translation.ts";
export { isUnsupported } from "./translation.ts";

/** The dialects spoken over HTTP, by the url their requests are sent to. */
export const liveDialects = {
	"/v1/chat/completions": { idPrefix: "chatcmpl-", parse: parseChat, renderFault: renderErrorEnvelope },
	"/v1/completions": { idPrefix: "cmpl-", parse: parseCompletion, renderFault: renderErrorEnvelope },
	"/v1/embeddings": { idPrefix: "", parse: parseEmbedding, renderFault: renderErrorEnvelope },
	"/v1/responses": { idPrefix: "resp_", parse: parseResponses, renderFault: renderErrorEnvelope },
	"/v1/messages": { idPrefix: "msg_", parse: parseMessages, renderFault: renderMessagesError },
} satisfies Readonly<Record<string, Dialect>>;

/** Every dialect by the url its requests are sent to. Gemini's is spoken in files only: its `*` stands for a model's name. */
export const dialects = {
	...liveDialects,
	[GEMINI_GENERATE_URL]: { idPrefix: "", parse: parseGenerateContent, renderFault: renderGeminiError },
} satisfies Readonly<Record<BatchEndpoint, Dialect> & Record<string, Dialect>>;

/** A url that requests can be sent to; those of `BatchEndpoint` in batches too. */
export type DialectUrl = keyof typeof dialects;

/** The dialect of a batch's lines by their url, or null: batches can't have lines for it. */
export function batchDialectFor(url: string): Dialect | null {
	return isBatchEndpoint(url) ? dialects[url] : null;
}

function isBatchEndpoint(url: string): url is BatchEndpoint {
	return BATCH_ENDPOINTS.some((endpoint) => endpoint === url);
}
