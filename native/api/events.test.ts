import { afterEach, beforeEach, expect, test } from "vitest";
import { ok } from "../base/base.ts";
import { type NoticeObject, noticeSchema } from "../contract/contract.ts";
import type { Notifier } from "../notify/notify.ts";
import { startTestApi, type TestApi } from "./testing.ts";

const notice = (number: number): NoticeObject => ({
	number,
	at: 1_700_000_000,
	kind: "completed",
	batch_id: "batch_1",
	title: "tickets.jsonl is done",
	body: `${number} of 10 lines answered`,
});

/** A notifier whose news the test makes. */
function createNews() {
	const all: NoticeObject[] = [];
	const listeners = new Set<(one: NoticeObject) => void>();
	const notifier: Notifier = {
		notices: (after, limit) => all.filter(({ number }) => number > after).slice(0, limit),
		watch(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		secret: async () => ok("whsec_none"),
		start() {},
		async stop() {},
	};
	return {
		notifier,
		listeners,
		happens(one: NoticeObject) {
			all.push(one);
			for (const listener of listeners) listener(one);
		},
	};
}

let news: ReturnType<typeof createNews>;
let api: TestApi;

beforeEach(async () => {
	news = createNews();
	api = await startTestApi({ notifier: news.notifier });
});
afterEach(() => api.stop());

/** Opens the stream and reads so many events off it, then leaves. */
async function read(count: number, path = "/api/events", headers: Record<string, string> = {}) {
	const leave = new AbortController();
	const answer = await fetch(`${api.url}${path}`, {
		headers: { authorization: `Bearer ${api.token}`, ...headers },
		signal: leave.signal,
	});
	const read = async () => {
		let text = "";
		const decoder = new TextDecoder();
		for await (const piece of answer.body ?? []) {
			text += decoder.decode(piece, { stream: true });
			if (text.split("\n\n").length > count) break;
		}
		leave.abort();
		return text.split("\n\n").slice(0, count);
	};
	return { answer, events: read() };
}

test("tells what happens, numbered and named", async () => {
	const { answer, events } = await read(1);
	expect(answer.headers.get("content-type")).toMatch(/^text\/event-stream/);
	news.happens(notice(4));
	const [event = ""] = await events;
	expect(event).toMatch(/^id: 4\nevent: notice\ndata: /);
	expect(noticeSchema.parse(JSON.parse(event.split("data: ")[1] ?? ""))).toEqual(notice(4));
});

test("gives a client that comes back all it missed, and then what happens next", async () => {
	for (const number of [1, 3, 7]) news.happens(notice(number));
	const { events } = await read(3, "/api/events", { "last-event-id": "1" });
	news.happens(notice(9));
	expect((await events).map((event) => event.split("\n")[0])).toEqual(["id: 3", "id: 7", "id: 9"]);
	const { events: all } = await read(4, "/api/events?after=0");
	expect((await all).map((event) => event.split("\n")[0])).toEqual(["id: 1", "id: 3", "id: 7", "id: 9"]);
});

test("forgets a client that has left", async () => {
	const { events } = await read(1, "/api/events?after=0");
	news.happens(notice(1));
	await events;
	await expect.poll(() => news.listeners.size).toBe(0);
});

test("ends with the service, which does not wait for those who listen", async () => {
	await api.stop();
	// Far beyond this test.
	api = await startTestApi({ notifier: news.notifier, stopLimitMs: 600_000 });
	const { events } = await read(2, "/api/events?after=0");
	news.happens(notice(1));
	await expect.poll(() => news.listeners.size).toBe(1);
	await api.stop();
	expect((await events)[0]).toMatch(/^id: 1\n/);
	expect(news.listeners.size).toBe(0);
	api = await startTestApi({ notifier: news.notifier });
});

test("opens to the owner only, and says what is wrong with a number that is none", async () => {
	const stranger = await fetch(`${api.url}/api/events`);
	expect(stranger.status).toBe(401);
	const headers = { authorization: `Bearer ${api.token}` };
	const answer = await fetch(`${api.url}/api/events?after=yesterday`, { headers });
	expect(answer.status).toBe(400);
	expect(await answer.json()).toMatchObject({ error: { param: "after" } });
});
