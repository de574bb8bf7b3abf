import { afterEach, beforeEach, expect, test } from "vitest";
import { type ThreadWrite, threadListSchema, threadSchema } from "../contract/contract.ts";
import { startTestApi, type TestApi } from "./testing.ts";

let api: TestApi;
beforeEach(async () => {
	api = await startTestApi({ limits: { liveJsonBytes: 4_000_000 } });
});
afterEach(() => api.stop());

function call(method: string, path: string, body?: object) {
	return api.app.request(path, {
		method,
		headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json" },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
}

function draft(changes: Partial<ThreadWrite> = {}): ThreadWrite {
	return {
		revision: 0,
		title: "Boats",
		options: { model: "demo", system: "Be kind.", temperature: 0.7, top_p: null, max_tokens: null },
		messages: [
			{ id: "m1", role: "user", text: "Why?", thinking: null, figures: null, stopped: null, at: 1_700_000_000 },
		],
		...changes,
	};
}

const id = "thread_0123456789abcdef";

test("a conversation is made, read, changed, listed and deleted", async () => {
	const made = threadSchema.parse(await (await call("PUT", `/api/threads/${id}`, draft())).json());
	expect(made).toMatchObject({ ...draft(), id, revision: 1 });
	expect(await (await call("GET", `/api/threads/${id}`)).json()).toEqual(made);
	const changed = await call("PUT", `/api/threads/${id}`, draft({ revision: 1, title: "Ships" }));
	expect(await changed.json()).toMatchObject({ revision: 2, title: "Ships" });
	const list = threadListSchema.parse(await (await call("GET", "/api/threads")).json());
	expect(list.data).toMatchObject([{ id, title: "Ships", messages: 1 }]);
	expect(await (await call("DELETE", `/api/threads/${id}`)).json()).toEqual({ id, deleted: true });
	for (const method of ["GET", "DELETE"]) expect((await call(method, `/api/threads/${id}`)).status).toBe(404);
	expect(await (await call("GET", "/api/threads")).json()).toEqual({ data: [] });
});

test("a new one may leave its id to the service", async () => {
	const made = threadSchema.parse(await (await call("PUT", "/api/threads/new", draft())).json());
	expect(made.id).toMatch(/^thread_[a-z0-9]{16,}$/);
	expect((await call("GET", `/api/threads/${made.id}`)).status).toBe(200);
});

test("who has not read the newest version is told so", async () => {
	await call("PUT", `/api/threads/${id}`, draft());
	const late = await call("PUT", `/api/threads/${id}`, draft({ title: "Late" }));
	expect(late.status).toBe(409);
	expect(await late.json()).toMatchObject({ error: { code: "thread_changed" } });
	const gone = await call("PUT", "/api/threads/thread_ffffffffffffffff", draft({ revision: 4 }));
	expect(gone.status).toBe(404);
	expect(await gone.json()).toMatchObject({ error: { code: "thread_not_found" } });
});

test("what is no conversation is refused with the field at fault", async () => {
	const answer = await call("PUT", `/api/threads/${id}`, { ...draft(), title: 7 });
	expect(answer.status).toBe(400);
	expect(await answer.json()).toMatchObject({ error: { param: "title" } });
	for (const bad of ["..%2Fsettings", "THREAD_0123456789ABCDEF", "settings"]) {
		expect((await call("GET", `/api/threads/${bad}`)).status).toBe(404);
		expect((await call("PUT", `/api/threads/${bad}`, draft())).status).toBe(404);
	}
});

test("takes a long conversation, which a batch's options would not be allowed to be", async () => {
	const text = "word ".repeat(390_000);
	const [message] = draft().messages;
	if (message === undefined) throw new Error("The draft has a message");
	const answer = await call("PUT", `/api/threads/${id}`, draft({ messages: [{ ...message, text }] }));
	expect(answer.status).toBe(200);
	const [only] = threadSchema.parse(await (await call("GET", `/api/threads/${id}`)).json()).messages;
	expect(only?.text).toBe(text);
});

test("opens to the owner only", async () => {
	expect((await api.app.request("/api/threads")).status).toBe(401);
	expect((await api.app.request(`/api/threads/${id}`, { method: "PUT" })).status).toBe(401);
});
