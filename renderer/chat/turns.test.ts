import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { MachineModel, Thread, ThreadWrite } from "../../native/contract/contract.ts";
import { words } from "../words/words.ts";
import { isUnsaved } from "./conversation.ts";
import { save } from "./saving.ts";
import { conversationIn, happen, noChats, useChat } from "./store.ts";
import { type FakeReply, fakeFetch, thread } from "./testing.ts";
import { answer, SAVE_EVERY_MS } from "./turns.ts";
import { answerAgain, editMessage, remove, send, stop } from "./work.ts";

const model: MachineModel = {
	name: "demo",
	path: "/models/demo.gguf",
	place: "bundled",
	size_bytes: 1,
	architecture: null,
	parameters: null,
	quantization: null,
	trained_context_tokens: null,
	is_embedding: false,
	problem: null,
	fit: { kind: "processor", words: "" },
	measured_tokens_per_second: null,
	roles: [],
	can_delete: false,
};
const usage = { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 };

function chunk(delta: object, finish: string | null = null): string {
	return `data: ${JSON.stringify({ model: "demo", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

async function* whole(...texts: readonly string[]): AsyncGenerator<string> {
	for (const content of texts) yield chunk({ content });
	yield chunk({}, "stop");
	yield `data: ${JSON.stringify({ model: "demo", choices: [], usage })}\n\ndata: [DONE]\n\n`;
}

/** Says something, and no more until the connection ends. */
async function* endless(content: string): AsyncGenerator<string> {
	yield chunk({ content });
	await new Promise<never>(() => undefined);
}

/** A service that keeps conversations by their revisions, and answers by `reply`. */
function serve(reply: () => FakeReply, kept = new Map<string, Thread>()) {
	const { fetch, asked } = fakeFetch((method, path, body) => {
		if (path === "/v1/chat/completions") return reply();
		const id = path.slice("/api/threads/".length);
		const present = kept.get(id);
		if (method === "DELETE") return kept.delete(id) ? {} : { status: 404 };
		if (method === "GET") return present === undefined ? { status: 404 } : { body: present };
		const write: ThreadWrite = JSON.parse(body);
		if ((present?.revision ?? 0) !== write.revision) return { status: present === undefined ? 404 : 409 };
		const next = thread({ ...write, id, revision: write.revision + 1 });
		kept.set(id, next);
		return { body: next };
	});
	vi.stubGlobal("fetch", fetch);
	return { asked, kept };
}

const texts = ({ messages }: Pick<Thread, "messages">) => messages.map(({ text }) => text);
const present = (id: string) => conversationIn(useChat.getState(), id);

beforeEach(() => {
	useChat.setState(noChats, true);
	happen({ kind: "models", models: { state: "there", value: [model] } });
});
afterEach(() => {
	vi.unstubAllGlobals();
	vi.useRealTimers();
});

test("has a new conversation answered and kept", async () => {
	const { kept, asked } = serve(() => ({ events: whole("Be", "cause.") }));
	const id = send(null, "Why?");
	await vi.waitFor(() => expect(kept.get(id)?.messages.at(-1)?.figures).toMatchObject({ output_tokens: 3 }));
	expect(kept.get(id)).toMatchObject({ title: "Why?" });
	expect(texts(kept.get(id) ?? thread())).toEqual(["Why?", "Because."]);
	expect(JSON.parse(asked.find(({ path }) => path.startsWith("/v1"))?.body ?? "")).toMatchObject({
		model: "demo",
		messages: [{ role: "user", content: "Why?" }],
		stream: true,
	});
});

test("stops an answer and keeps what came", async () => {
	const { kept } = serve(() => ({ events: endless("Be") }));
	const id = send(null, "Why?");
	await vi.waitFor(() => expect(present(id)?.messages.at(-1)?.text).toBe("Be"));
	stop(id);
	await vi.waitFor(() =>
		expect(kept.get(id)?.messages.at(-1)).toMatchObject({ text: "Be", stopped: words.chat.message.stopped }),
	);
	expect(present(id)?.running).toBeNull();
});

test("keeps an answer every few seconds while it grows, as one that broke off", async () => {
	vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
	const { kept } = serve(() => ({ events: endless("Be") }));
	const id = send(null, "Why?");
	await vi.waitFor(() => expect(texts(kept.get(id) ?? thread())).toEqual(["Why?"]));
	await vi.waitFor(() => expect(present(id)?.messages.at(-1)?.text).toBe("Be"));
	expect(texts(kept.get(id) ?? thread())).toEqual(["Why?"]);
	vi.advanceTimersByTime(SAVE_EVERY_MS);
	vi.useRealTimers();
	const brokenOff = { text: "Be", stopped: words.chat.message.brokenOff };
	await vi.waitFor(() => expect(kept.get(id)?.messages.at(-1)).toMatchObject(brokenOff));
	expect(present(id)?.messages.at(-1)?.stopped).toBeNull();
	stop(id);
	await vi.waitFor(() => expect(kept.get(id)?.messages.at(-1)?.stopped).toBe(words.chat.message.stopped));
});

test("answers again, and anew from an edited message", async () => {
	let round = 0;
	const { kept } = serve(() => ({ events: whole(`Answer ${++round}`) }));
	const id = send(null, "Why?");
	await vi.waitFor(() => expect(texts(kept.get(id) ?? thread())).toEqual(["Why?", "Answer 1"]));
	answerAgain(id);
	await vi.waitFor(() => expect(texts(kept.get(id) ?? thread())).toEqual(["Why?", "Answer 2"]));
	send(id, "Sure?");
	await vi.waitFor(() => expect(texts(kept.get(id) ?? thread())).toEqual(["Why?", "Answer 2", "Sure?", "Answer 3"]));
	editMessage(id, present(id)?.messages[0]?.id ?? "", "Where?");
	await vi.waitFor(() => expect(texts(kept.get(id) ?? thread())).toEqual(["Where?", "Answer 4"]));
});

test("says why no answer came, and keeps the question", async () => {
	const error = { message: "too long", type: "invalid_request_error", param: null, code: "context_length_exceeded" };
	const { kept } = serve(() => ({ status: 400, body: { error } }));
	const id = send(null, "Why?");
	await vi.waitFor(() => expect(present(id)?.failure).toEqual({ kind: "context", message: "too long" }));
	await vi.waitFor(() => expect(texts(kept.get(id) ?? thread())).toEqual(["Why?"]));
});

test("keeps an answer that broke off in the middle", async () => {
	async function* cut(): AsyncGenerator<string> {
		yield chunk({ content: "Be" });
	}
	serve(() => ({ events: cut() }));
	const id = send(null, "Why?");
	await vi.waitFor(() =>
		expect(present(id)?.messages.at(-1)).toMatchObject({ text: "Be", stopped: words.chat.message.lostStream }),
	);
});

test("keeps both where another window wrote in between", async () => {
	const { kept } = serve(
		() => ({ events: whole("Mine.") }),
		new Map([["thread_1", thread({ revision: 8, title: "Theirs" })]]),
	);
	happen({ kind: "opened", thread: thread({ revision: 3 }) });
	await answer("thread_1", "demo");
	await vi.waitFor(() => expect(kept.size).toBe(2));
	expect(present("thread_1")).toMatchObject({ title: "Theirs", revision: 8, running: null });
	const copy = [...kept.values()].find(({ id }) => id !== "thread_1");
	expect(copy?.title).toBe(words.chat.threads.copyOf("Boats"));
	await vi.waitFor(() => expect(kept.get(copy?.id ?? "")?.messages.at(-1)?.text).toBe("Mine."));
});

test("takes its own write for its own when the answer to it was lost", async () => {
	const { kept } = serve(
		() => ({ events: whole("Mine.") }),
		new Map([["thread_1", thread({ revision: 4, title: "Ships" })]]),
	);
	happen({ kind: "opened", thread: thread({ revision: 3 }) });
	happen({ kind: "titled", id: "thread_1", title: "Ships", nowMs: 0 });
	await save("thread_1");
	expect(kept.size).toBe(1);
	expect(present("thread_1")).toMatchObject({ revision: 4, title: "Ships" });
});

test("keeps as new what another window deleted", async () => {
	const { kept } = serve(() => ({ events: whole("Mine.") }));
	happen({ kind: "opened", thread: thread({ revision: 3 }) });
	happen({ kind: "titled", id: "thread_1", title: "Ships", nowMs: 0 });
	await save("thread_1");
	expect(kept.get("thread_1")).toMatchObject({ title: "Ships", revision: 1 });
});

test("does not bring a conversation back that is deleted while it is answered", async () => {
	const { kept } = serve(() => ({ events: endless("Be") }));
	const id = send(null, "Why?");
	await vi.waitFor(() => expect(present(id)?.messages.at(-1)?.text).toBe("Be"));
	await vi.waitFor(() => expect(kept.has(id)).toBe(true));
	expect(await remove(id)).toMatchObject({ ok: true });
	expect(present(id)).toBeNull();
	await save(id);
	expect(kept.has(id)).toBe(false);
});

test("says that it could not be kept, and keeps it later", async () => {
	vi.stubGlobal("fetch", () => Promise.reject(new TypeError("away")));
	happen({ kind: "opened", thread: thread({ revision: 3 }) });
	happen({ kind: "titled", id: "thread_1", title: "Ships", nowMs: 0 });
	await save("thread_1");
	expect(present("thread_1")?.saveError?.kind).toBe("offline");
	const { kept } = serve(() => ({}), new Map([["thread_1", thread({ revision: 3 })]]));
	await save("thread_1");
	expect(present("thread_1")).toMatchObject({ saveError: null, revision: 4 });
	const after = present("thread_1");
	expect(after !== null && !isUnsaved(after)).toBe(true);
	expect(kept.get("thread_1")?.title).toBe("Ships");
});
