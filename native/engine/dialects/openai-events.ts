/** Server-sent events as OpenAI's two completions endpoints write them: data without a name, and a mark at the end. */
import { renderErrorEnvelope } from "./failures.ts";
import type { ReplyFault, StreamEvent } from "./translation.ts";

/** Whether the reply ends with its usage. */
export interface StreamWish {
	/** `stream_options.include_usage`: a last chunk carries the usage, and all before it `usage: null`. */
	readonly includeUsage: boolean;
}

/** An event that carries one chunk. */
export function chunkEvent(chunk: object): StreamEvent {
	return { event: null, data: chunk };
}

/** What every whole stream ends with. */
export const DONE_EVENT: StreamEvent = { event: null, data: "[DONE]" };

/** How a stream breaks off. No `[DONE]` follows: SDKs raise the error, and others must not take the answer for a whole one. */
export function failEvents(fault: ReplyFault): readonly StreamEvent[] {
	return [chunkEvent(renderErrorEnvelope(fault))];
}
