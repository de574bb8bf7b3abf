/**
 * How requests of other people's APIs become ours, and our results theirs. Owns the translation and nothing else: pure
 * functions, no clock, no randomness, no I/O. Must never know of batches, HTTP or the inference process.
 *
 * One table, from url to dialect, serves the lines of a batch and the HTTP API alike, so that a body means the same in both.
 */
import type { BatchEndpoint } from "../../contract/contract.ts";
import { parseChat } from "./openai-chat.ts";
import { parseCompletion } from "./openai-completions.ts";
import { parseEmbedding } from "./openai-embeddings.ts";
import type { Dialect } from "./translation.ts";

export { contextFault, faultEnvelope, type RenderedFailure, renderFailure } from "./failures.ts";
export { describeIssues, formatPath } from "./issues.ts";
export type {
	Dialect,
	ParseOptions,
	RenderContext,
	ReplyBody,
	RequestFault,
	RequestFaults,
	Translation,
} from "./translation.ts";
export { isUnsupported } from "./translation.ts";

/** Every dialect by the url its requests are sent to, e.g. `/v1/chat/completions`. */
export const dialects: Readonly<Record<BatchEndpoint, Dialect>> = {
	"/v1/chat/completions": { parse: parseChat },
	"/v1/completions": { parse: parseCompletion },
	"/v1/embeddings": { parse: parseEmbedding },
};

/** The dialect spoken at a url, or null: no requests can be sent there. */
export function dialectFor(url: string): Dialect | null {
	return isEndpoint(url) ? dialects[url] : null;
}

function isEndpoint(url: string): url is BatchEndpoint {
	return Object.hasOwn(dialects, url);
}
