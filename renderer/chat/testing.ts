/** Parts of the chat's tests. */
import type { Thread, ThreadMessage } from "../../native/contract/contract.ts";
import { type Conversation, newConversation, usualOptions } from "./conversation.ts";

/** A moment. */
export const NOW_MS = 1_700_000_000_000;

/** A message; an answer where its id begins with `a`. */
export function message(id: string, text: string, changes: Partial<ThreadMessage> = {}): ThreadMessage {
	const role = id.startsWith("a") ? "assistant" : "user";
	return { id, role, text, thinking: null, figures: null, stopped: null, at: NOW_MS / 1_000, ...changes };
}

/** A conversation of questions and answers. */
export function conversation(changes: Partial<Conversation> = {}): Conversation {
	return { ...newConversation("thread_1", usualOptions, NOW_MS), ...changes };
}

/** A conversation as the service has it. */
export function thread(changes: Partial<Thread> = {}): Thread {
	const at = NOW_MS / 1_000;
	return {
		id: "thread_1",
		revision: 3,
		title: "Boats",
		options: usualOptions,
		messages: [message("u1", "Why do boats float?"), message("a1", "They displace water.")],
		created_at: at,
		changed_at: at,
		...changes,
	};
}

/** What a service answers; `null` in `events` breaks the connection there. */
export interface FakeReply {
	readonly status?: number;
	readonly body?: object;
	readonly events?: AsyncIterable<string>;
}

/** A fetch that answers by what `reply` says, and keeps what was asked. */
export function fakeFetch(reply: (method: string, path: string, body: string) => FakeReply | Promise<FakeReply>) {
	const asked: { readonly method: string; readonly path: string; readonly body: string }[] = [];
	const fetch = async (path: string, init: RequestInit = {}): Promise<Response> => {
		const method = init.method ?? "GET";
		const body = typeof init.body === "string" ? init.body : "";
		asked.push({ method, path, body });
		const { status = 200, body: json = {}, events } = await reply(method, path, body);
		if (events === undefined) return Response.json(json, { status });
		return new Response(streamOf(events, init.signal ?? null), { status });
	};
	return { fetch, asked };
}

function streamOf(events: AsyncIterable<string>, signal: AbortSignal | null): ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	return new ReadableStream({
		async start(controller) {
			signal?.addEventListener("abort", () => controller.error(signal.reason));
			try {
				for await (const event of events) controller.enqueue(encoder.encode(event));
				controller.close();
			} catch (error) {
				controller.error(error);
			}
		},
	});
}
