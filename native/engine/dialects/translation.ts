/** What a dialect takes and gives. */

import type { Result } from "../../base/base.ts";
import type { ErrorType } from "../../contract/contract.ts";
import type { Delta, EngineRequest, EngineResult } from "../request.ts";

/** Why a request can't be run; a 400 for whoever sent it. */
export interface RequestFault {
	/** What is wrong and how to mend it. */
	readonly message: string;
	/** The field as OpenAI writes it, e.g. `messages[2].content[0].type`; null: the body as a whole. */
	readonly param: string | null;
	/**
	 * For programs, e.g. `invalid_type`. Codes that begin with `unsupported_` say that the request is sound but asks for what
	 * can't be done here; see `isUnsupported`.
	 */
	readonly code: string | null;
}

/**
 * Whether the request is sound and only asks for what can't be done here. In a batch such a line fails alone, with a 400 of its
 * own; a request that breaks the endpoint's schema is a fault of the file.
 */
export function isUnsupported(fault: RequestFault): boolean {
	return fault.code?.startsWith("unsupported_") ?? false;
}

/** At least one fault; the first is the one to tell where only one can be told. */
export type RequestFaults = readonly [RequestFault, ...RequestFault[]];

/** How a body is to be read. */
export interface ParseOptions {
	/** Batch lines have no one to stream to: there `stream: true` is a fault. */
	readonly allowStream: boolean;
	/** Model of bodies that name none; null: naming one is required. */
	readonly defaultModel: string | null;
}

/** What a reply says beyond the result. For batch output all of it must be the same on every run. */
export interface RenderContext {
	/** Id of the reply, e.g. `chatcmpl-…`. */
	readonly id: string;
	readonly createdSeconds: number;
	/** Name of the model as the reply gives it. */
	readonly model: string;
	readonly systemFingerprint: string | null;
	/** False for batch output: how much was cached depends on luck. */
	readonly includeCachedTokens: boolean;
}

/** One server-sent event. */
export interface StreamEvent {
	/** The `id:` line, for streams that can be taken up where they broke off. */
	readonly id?: string;
	/** The `event:` line; null: none, as OpenAI's chat has it. */
	readonly event: string | null;
	/** The `data:` line: an object to be written as JSON, or a text to be written as it is (`[DONE]`). */
	readonly data: object | string;
}

/** Why a reply ends early or never comes: HTTP status, words for people, and OpenAI's fields for programs. */
export interface ReplyFault extends RequestFault {
	readonly status: number;
	readonly type: ErrorType;
}

/**
 * A reply written piece by piece. Pure but for the memory of what it wrote: equal calls give equal events. Order of calls:
 * `begin` once, `push` any number of times, then `end` or `fail` once. The events joined say what `render` would say.
 */
export interface ReplyStream {
	/** The first events, when the first request has entered a lane. `promptTokens` are those of that request. */
	begin(promptTokens: number): readonly StreamEvent[];
	/** `request` is the place in `Translation.requests` of the one that grew. */
	push(request: number, delta: Delta): readonly StreamEvent[];
	end(results: readonly EngineResult[]): readonly StreamEvent[];
	/** Says in the stream that no more will come, and why. */
	fail(fault: ReplyFault): readonly StreamEvent[];
}

/** A body understood: what to run, and how to write what comes of it. */
export interface Translation<Reply extends object = object> {
	/** The model the body names (or the default). */
	readonly model: string;
	/** To be run all, in any order; a completions body with several prompts is several requests. */
	readonly requests: readonly EngineRequest[];
	/** Begins a reply in pieces; null: it is wanted whole. */
	readonly stream: ((context: RenderContext) => ReplyStream) | null;
	/** Writes the reply, ready for JSON, from the results, one a request and in the order of the requests. Equal input, equal output. */
	render(results: readonly EngineResult[], context: RenderContext): Reply;
}

/** One endpoint's way of asking and answering. */
export interface Dialect {
	/** What ids of its replies begin with, e.g. `chatcmpl-`. */
	readonly idPrefix: string;
	/** Reads a body. On failure every fault that can be told, not just the first. */
	parse(body: unknown, options: ParseOptions): Result<Translation, RequestFaults>;
	/** The body of a reply that is not a success, in this dialect's envelope. */
	renderFault(fault: ReplyFault, requestId: string): object;
}
