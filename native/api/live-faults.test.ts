import { connect, type Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { err, ok } from "../base/base.ts";
import type { EngineFailure } from "../engine/engine.ts";
import { aborted, createScriptedEngine, type RunScript, sampleAnswer, sampleLoaded } from "../live/testing.ts";
import { eventStreamLimits } from "./event-stream.ts";
import { createLiveRooms, demoModel, type LiveRooms, type LiveRoomsOptions, post, ticketChat } from "./live-testing.ts";
import { startTestApi, type TestApi, type TestApiOptions } from "./testing.ts";

const died: EngineFailure = { kind: "process-died", cause: "crashed", started: true, detail: "signal SIGSEGV" };
const start = { promptTokens: 5, cachedTokens: 0 };
const streamed = { ...ticketChat, stream: true };

const apis: TestApi[] = [];
afterEach(async () => {
	for (const api of apis.splice(0)) await api.stop();
});

/** A real server whose engine does what the test says. */
async function serve(
	run: RunScript,
	options: LiveRoomsOptions = {},
	more: TestApiOptions = {},
): Promise<{ api: TestApi; rooms: LiveRooms }> {
	const rooms = createLiveRooms({ models: [demoModel], createEngine: () => createScriptedEngine(run), ...options });
	const api = await startTestApi({ rooms, ...more });
	apis.push(api);
	return { api, rooms };
}

/** Goes on until the client is gone. */
const endless: RunScript = async (_request, { signal, onStart, onDelta }) => {
	onStart?.(start);
	onDelta?.({ choice: 0, text: "bil" });
	return aborted(signal);
};

/** Sends a request and reads nothing of the answer. */
function stall(api: TestApi): Socket {
	const body = JSON.stringify(streamed);
	const socket = connect(api.port, "127.0.0.1");
	socket.pause();
	const head = ["POST /v1/chat/completions HTTP/1.1", `host: 127.0.0.1:${api.port}`, "connection: close"];
	socket.write(`${[...head, `content-length: ${body.length}`].join("\r\n")}\r\n\r\n${body}`);
	return socket;
}

/** For a busy machine; what is waited for takes milliseconds. */
const patience = { timeout: 30_000 };
const rested = (rooms: LiveRooms) =>
	vi.waitFor(() => {
		expect(rooms.stepAside.isAside).toBe(false);
		expect(rooms.live.status.running).toBe(0);
	}, patience);

test("one request too many is told when to come again, and the others go on", async () => {
	const { api, rooms } = await serve(endless, { limits: { requests: 2 } });
	const client = new AbortController();
	for (let count = 0; count < 2; count++) await post(api, "/v1/chat/completions", streamed, client.signal);
	const refused = await post(api, "/v1/chat/completions", ticketChat);
	expect(refused.status).toBe(429);
	expect(refused.headers.get("retry-after")).toBe("2");
	expect(await refused.json()).toMatchObject({ error: { type: "rate_limit_error", code: "queue_full" } });
	expect((await post(api, "/v1/messages", ticketChat)).status).toBe(429);
	expect(rooms.live.status.running).toBe(2);
	client.abort();
	await rested(rooms);
});

test("as many bodies are read at once as requests may run", async () => {
	const { api, rooms } = await serve(endless, { limits: { requests: 1 } });
	const socket = connect(api.port, "127.0.0.1");
	socket.write(`POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:${api.port}\r\ncontent-length: 50\r\n\r\n`);
	await vi.waitFor(() => expect(rooms.stepAside.isAside).toBe(true), patience);
	expect((await post(api, "/v1/chat/completions", ticketChat)).status).toBe(429);
	socket.destroy();
	await rested(rooms);
});

test("a model that takes long to load is a 503 that says when to come again", async () => {
	const loading = Promise.withResolvers<never>();
	const createEngine = () => createScriptedEngine(endless, () => loading.promise);
	const { api, rooms } = await serve(endless, { createEngine, limits: { loadWaitMs: 5 } });
	const answer = await post(api, "/v1/chat/completions", streamed);
	expect(answer.status).toBe(503);
	expect(answer.headers.get("retry-after")).toBe("5");
	expect(await answer.json()).toMatchObject({ error: { type: "server_error", code: "model_loading" } });
	await rested(rooms);
});

test("a model that can't be loaded is told with its reason, and not to be tried again", async () => {
	const failure = { kind: "out-of-memory", message: "It needs 90 GB, and 16 GB are free." } as const;
	const createEngine = () => createScriptedEngine(endless, async () => err(failure));
	const { api } = await serve(endless, { createEngine });
	const answer = await post(api, "/v1/chat/completions", streamed);
	expect(answer.status).toBe(503);
	expect(answer.headers.get("x-should-retry")).toBe("false");
	expect(await answer.json()).toMatchObject({ error: { code: "model_load_failed", message: failure.message } });
});

test("batch work stays aside until the last byte of the answer is handed over", async () => {
	const going = Promise.withResolvers<void>();
	const { api, rooms } = await serve(async (_request, { onStart }) => {
		onStart?.(start);
		await going.promise;
		return ok(sampleAnswer("bug"));
	});
	const answer = await post(api, "/v1/chat/completions", streamed);
	expect(rooms.gateCalls).toEqual(["close"]);
	going.resolve();
	await answer.text();
	await rested(rooms);
	expect(rooms.gateCalls).toEqual(["close", "open"]);
});

test("a silent answer is kept alive with comments that clients skip", async () => {
	const going = Promise.withResolvers<void>();
	const run: RunScript = async (_request, { onStart, onDelta }) => {
		onStart?.(start);
		await going.promise;
		onDelta?.({ choice: 0, text: "bug" });
		return ok(sampleAnswer("bug"));
	};
	const { api } = await serve(run, {}, { streamLimits: { ...eventStreamLimits, keepAliveMs: 5 } });
	const answer = await post(api, "/v1/chat/completions", streamed);
	let text = "";
	for await (const piece of answer.body ?? []) {
		text += Buffer.from(piece).toString();
		if (text.split(": keep-alive\n\n").length > 3) going.resolve();
	}
	expect(text).toMatch(/keep-alive[\s\S]*"content":"bug"[\s\S]*data: \[DONE\]\n\n$/);
});

test("a failure midway is said in the stream, in the words of each dialect", async () => {
	const { api, rooms } = await serve(async (_request, { onStart, onDelta }) => {
		onStart?.(start);
		onDelta?.({ choice: 0, text: "bil" });
		return err(died);
	});
	const chunks: string[] = [];
	const read = async () => {
		const stream = await api.client.chat.completions.create({ ...ticketChat, stream: true });
		for await (const chunk of stream) chunks.push(chunk.choices[0]?.delta.content ?? "");
	};
	await expect(read()).rejects.toThrow(/crashed/);
	expect(chunks.join("")).toBe("bil");
	const messages = await (await post(api, "/v1/messages", streamed)).text();
	expect(messages).toMatch(/event: error\ndata: {"type":"error","error":{"type":"api_error"/);
	await rested(rooms);
});

test("a crash before the first piece is made good without the client hearing of it", async () => {
	let runs = 0;
	const { api } = await serve(async (_request, { onStart, onDelta }) => {
		onStart?.(start);
		if (++runs === 1) return err(died);
		onDelta?.({ choice: 0, text: "bug" });
		return ok(sampleAnswer("bug"));
	});
	const text = await (await post(api, "/v1/chat/completions", streamed)).text();
	expect(text.match(/"role":"assistant"/g)).toHaveLength(1);
	expect(text).toMatch(/"content":"bug"[\s\S]*\[DONE\]/);
	expect(runs).toBe(2);
});

test.each([true, false])("a client that goes ends the work at once (stream: %s)", async (stream) => {
	const { api, rooms } = await serve(endless);
	const client = new AbortController();
	const answering = post(api, "/v1/chat/completions", { ...ticketChat, stream }, client.signal);
	const heard = answering.then((answer) => answer.text()).catch((error: unknown) => error);
	await vi.waitFor(() => expect(rooms.live.status.running).toBe(1), patience);
	client.abort();
	expect(await heard).toMatchObject({ name: "AbortError" });
	await rested(rooms);
});

test("a client that does not read is given up: its lane is free and batch work goes on", async () => {
	let hasEnded = false;
	const run: RunScript = async (_request, { signal, onStart, onDelta }) => {
		onStart?.(start);
		while (signal?.aborted === false) {
			onDelta?.({ choice: 0, text: "x".repeat(100_000) });
			await new Promise(setImmediate);
		}
		hasEnded = true;
		return aborted(signal);
	};
	const limits = { ...eventStreamLimits, pendingBytes: 1_000_000, lingerMs: 5 };
	const { api, rooms } = await serve(run, {}, { streamLimits: limits });
	const socket = stall(api);
	await vi.waitFor(() => expect(hasEnded).toBe(true), patience);
	await rested(rooms);
	let last = "";
	socket.on("data", (data) => {
		last = (last + data.toString()).slice(-2_000);
	});
	await new Promise((resolve) => {
		socket.on("close", resolve);
		socket.resume();
	});
	expect(last).toMatch(/"code":"answer_not_read"/);
});

test("an answer that nobody reads to its end does not hold batch work back", async () => {
	const run: RunScript = async (_request, { onStart, onDelta }) => {
		onStart?.(start);
		for (let count = 0; count < 400; count++) onDelta?.({ choice: 0, text: "x".repeat(100_000) });
		return ok(sampleAnswer("x"));
	};
	const limits = { ...eventStreamLimits, pendingBytes: 100_000_000, lingerMs: 5 };
	const { api, rooms } = await serve(run, {}, { streamLimits: limits });
	const socket = stall(api);
	await vi.waitFor(() => expect(rooms.gateCalls).toEqual(["close", "open"]), patience);
	socket.destroy();
});

test("the status tells of the request under way", async () => {
	const createEngine = () => createScriptedEngine(endless, async () => ok({ ...sampleLoaded, notes: ["chosen so"] }));
	const { api } = await serve(endless, { createEngine });
	const client = new AbortController();
	await post(api, "/v1/chat/completions", streamed, client.signal);
	const headers = { authorization: `Bearer ${api.token}` };
	const status: unknown = await (await fetch(`${api.url}/api/status`, { headers })).json();
	expect(status).toMatchObject({
		models: [{ name: "demo", state: "ready", notes: ["chosen so"], liveRequests: 1 }],
		live: { running: 1 },
		stepAside: { isAside: true, totals: { count: 0 } },
	});
	client.abort();
});
