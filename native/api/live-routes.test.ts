import { connect } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { statusSchema } from "../contract/contract.ts";
import { continueText } from "../engine/testing.ts";
import {
	createLiveRooms,
	demoModel,
	isIdle,
	type LiveRooms,
	longCompletion,
	post,
	ticketChat,
} from "./live-testing.ts";
import { startTestApi, type TestApi } from "./testing.ts";

/** The real engine with the bundled model behind a real server. */
let rooms: LiveRooms;
let api: TestApi;

/** For a busy machine; what is waited for takes milliseconds. */
const patience = { timeout: 30_000 };

beforeAll(async () => {
	rooms = createLiveRooms({ models: [demoModel] });
	api = await startTestApi({ rooms });
});
afterAll(async () => {
	await api.stop();
});

test("a reply in pieces says what the whole reply says", async () => {
	const whole = await api.client.chat.completions.create({ ...ticketChat, stream: false });
	expect(whole.choices[0]?.message.content).toBe("billing");
	expect(whole.id).toMatch(/^chatcmpl-[0-9a-f]{32}$/);
	expect(whole.system_fingerprint).toMatch(/^fp_[0-9a-f]{12}$/);
	expect(Math.abs(whole.created - Date.now() / 1000)).toBeLessThan(60);
	const chunks = [];
	for await (const chunk of await api.client.chat.completions.create({ ...ticketChat, stream: true }))
		chunks.push(chunk);
	expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("billing");
	expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("stop");
});

test("a reply in pieces is kept by nobody on the way", async () => {
	const answer = await post(api, "/v1/chat/completions", { ...ticketChat, stream: true });
	expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
	expect(answer.headers.get("cache-control")).toBe("no-store");
	expect(answer.headers.get("x-accel-buffering")).toBe("no");
	expect(await answer.text()).toMatch(/^data: {.*}\n\n(data: {.*}\n\n)+data: \[DONE\]\n\n$/);
});

test.each([
	["/v1/chat/completions", { ...ticketChat }, { object: "chat.completion" }],
	["/v1/completions", { model: "demo", prompt: "The", max_tokens: 3 }, { object: "text_completion" }],
	["/v1/responses", { model: "demo", input: "I was charged twice." }, { object: "response", status: "completed" }],
	["/v1/messages", { ...ticketChat }, { type: "message", role: "assistant" }],
	["/v1/messages/count_tokens", { model: "demo", messages: ticketChat.messages }, { input_tokens: 14 }],
])("%s is answered in its own words", async (path, body, expected) => {
	const answer = await post(api, path, body);
	expect(await answer.json()).toMatchObject(expected);
	expect(answer.status).toBe(200);
});

const openaiError = (code: string, param: string | null) => ({ error: { type: "invalid_request_error", code, param } });

test.each([
	["/v1/chat/completions", { ...ticketChat, model: "gpt-9" }, 404, openaiError("model_not_found", "model")],
	["/v1/messages", { ...ticketChat, model: "gpt-9" }, 404, { type: "error", error: { type: "not_found_error" } }],
	["/v1/chat/completions", { model: "demo" }, 400, openaiError("missing_required_parameter", "messages")],
	[
		"/v1/completions",
		{ ...longCompletion, prompt: "many ".repeat(9_000) },
		400,
		openaiError("context_length_exceeded", "prompt"),
	],
	["/v1/messages/count_tokens", {}, 400, { type: "error", error: { type: "invalid_request_error" } }],
])("%s refuses with the real status, stream or not", async (path, body, status, expected) => {
	for (const stream of [false, true]) {
		const answer = await post(api, path, { ...body, stream });
		expect(await answer.json()).toMatchObject(expected);
		expect(answer.status).toBe(status);
		expect(answer.headers.get("content-type")).toBe("application/json");
	}
});

test("Anthropic's clients find the models in their own words", async () => {
	const headers = { "anthropic-version": "2023-06-01" };
	const model = { type: "model", id: "demo", display_name: "demo", created_at: "2023-11-14T22:13:20.000Z" };
	const api = await startTestApi({ models: { list: () => [demoModel] } });
	const list = await fetch(`${api.url}/v1/models`, { headers });
	expect(await list.json()).toMatchObject({ data: [model], has_more: false, first_id: "demo", last_id: "demo" });
	expect(await (await fetch(`${api.url}/v1/models/demo`, { headers })).json()).toMatchObject(model);
	expect((await fetch(`${api.url}/v1/models/other`, { headers })).status).toBe(404);
	await api.stop();
});

test("batch work has stepped aside before the body comes, and goes on at once after a bad one", async () => {
	await vi.waitFor(() => expect(rooms.stepAside.isAside).toBe(false), patience);
	const before = rooms.gateCalls.length;
	const socket = connect(api.port, "127.0.0.1");
	const head = ["POST /v1/chat/completions HTTP/1.1", `host: 127.0.0.1:${api.port}`, "user-agent: slow/1.0 (test)"];
	socket.write(`${[...head, "content-length: 5", "connection: close"].join("\r\n")}\r\n\r\n`);
	await vi.waitFor(() => expect(rooms.stepAside.isAside).toBe(true), patience);
	const received: Buffer[] = [];
	const closed = new Promise((resolve) => socket.on("close", resolve));
	socket.on("data", (data) => received.push(data));
	socket.write("{bad}");
	await closed;
	expect(Buffer.concat(received).toString()).toMatch(/^HTTP\/1\.1 400 /);
	await vi.waitFor(() => expect(rooms.stepAside.isAside).toBe(false), patience);
	expect(rooms.gateCalls.slice(before)).toEqual(["close", "open"]);
});

test("a client that goes before its body is complete leaves nothing behind", async () => {
	const socket = connect(api.port, "127.0.0.1");
	socket.write(`POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:${api.port}\r\ncontent-length: 50\r\n\r\n{`);
	await vi.waitFor(() => expect(rooms.stepAside.isAside).toBe(true), patience);
	socket.destroy();
	await vi.waitFor(() => expect(rooms.stepAside.isAside).toBe(false), patience);
});

test("twenty clients that go at any moment free their lanes, and the next is served", async () => {
	const drops = Array.from({ length: 20 }, async (_, index) => {
		const client = new AbortController();
		const body = { ...longCompletion, stream: index % 2 === 0 };
		const answering = post(api, "/v1/completions", body, client.signal).then(async (answer) => {
			await answer.body?.getReader().read();
		});
		// Some go while they wait for a lane, some with the first piece in hand, the whole ones while they wait for the end.
		if (index % 4 === 0) await answering;
		else await vi.waitFor(() => expect(rooms.live.status.running).toBeGreaterThan(0), patience);
		client.abort();
		await answering.catch((error: unknown) => expect(error).toMatchObject({ name: "AbortError" }));
	});
	await Promise.all(drops);
	await vi.waitFor(async () => expect(await isIdle(rooms)).toBe(true), patience);
	const next = await api.client.chat.completions.create({ ...ticketChat, stream: false });
	expect(next.choices[0]?.message.content).toBe("billing");
});

test("a request during a batch freezes it, loses nothing of it, and is in the status", async () => {
	const held = await rooms.residency.acquire({ name: demoModel.name, path: demoModel.path }, "batch");
	if (!held.ok) throw new Error(JSON.stringify(held.error));
	const { engine, release } = held.value;
	const started = Promise.withResolvers<void>();
	// Enough of them that all lanes have work when the request comes, however slow it is to come.
	const lines = Array.from({ length: 24 }, (_, index) => {
		const request = continueText(`Ticket ${index}`, { maxTokens: 300 });
		return engine.run(request, { priority: "batch", onStart: () => started.resolve() });
	});
	await started.promise;
	await (await post(api, "/v1/chat/completions", { ...ticketChat, stream: true })).text();
	for (const line of await Promise.all(lines)) expect(line).toMatchObject({ ok: true });
	release();
	await vi.waitFor(() => expect(rooms.stepAside.totals.count).toBe(1), patience);
	const headers = { authorization: `Bearer ${api.token}` };
	const status: unknown = await (await fetch(`${api.url}/api/status`, { headers })).json();
	const cause = { kind: "request", endpoint: "/v1/chat/completions", client: "test/1.0" };
	expect(status).toMatchObject({
		stepAside: {
			totals: { count: 1, recomputedTokens: 0 },
			yields: [{ number: 1, cause, requests: 1, recomputedTokens: 0 }],
		},
	});
	expect(rooms.stepAside.yields[0]?.frozenLanes).toBeGreaterThan(0);
});

test("the status tells how everything does", async () => {
	const answer = await fetch(`${api.url}/api/status`, { headers: { authorization: `Bearer ${api.token}` } });
	const status = statusSchema.parse(await answer.json());
	expect(status).toMatchObject({
		version: "0.0.0-test",
		models: [{ name: "demo", state: "ready", gpu: "none", batchLanes: 4, interactiveLanes: 2, usedByBatch: false }],
		live: { running: 0, waiting: 0, limit: 64 },
		batches: [],
	});
});
