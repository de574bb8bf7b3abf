import { expect, test } from "vitest";
import { applyChat, type ChatEvent, type ChatState, conversationIn, MOST_OPEN, noChats } from "./store.ts";
import { NOW_MS, thread } from "./testing.ts";
import { shownLines } from "./thread-lines.ts";

function after(...events: readonly ChatEvent[]): ChatState {
	return events.reduce(applyChat, noChats);
}

const line = (id: string, title: string, changed_at: number) => ({ id, title, messages: 1, created_at: 0, changed_at });
const nowMs = NOW_MS;
const asked: ChatEvent = { kind: "asked", id: "thread_1", answerId: "a2", model: "demo", nowMs };
const grown: ChatEvent = { kind: "grown", answerId: "a2", text: "So", thinking: "", nowMs };

test("goes on with an answer wherever its conversation went", () => {
	const copied: ChatEvent = {
		kind: "conflict",
		theirs: thread({ revision: 9 }),
		copyId: "thread_2",
		title: "Copy",
		nowMs,
	};
	const state = after({ kind: "opened", thread: thread() }, asked, copied, grown);
	expect(conversationIn(state, "thread_1")).toMatchObject({ revision: 9, running: null });
	const copy = conversationIn(state, "thread_2");
	expect(copy).toMatchObject({ title: "Copy", revision: 0, savedEdits: 0 });
	expect(copy?.messages.at(-1)).toMatchObject({ id: "a2", text: "So" });
	const over = applyChat(state, { kind: "ended", answerId: "a2", outcome: { kind: "whole", figures: null }, nowMs });
	expect(conversationIn(over, "thread_2")?.running).toBeNull();
});

test("leaves a conversation alone in which something goes on when the service tells it anew", () => {
	const running = after({ kind: "opened", thread: thread() }, asked);
	expect(applyChat(running, { kind: "opened", thread: thread({ revision: 7 }) })).toBe(running);
	const atRest = after(
		{ kind: "opened", thread: thread() },
		{ kind: "opened", thread: thread({ revision: 7, title: "Ships" }) },
	);
	expect(conversationIn(atRest, "thread_1")?.title).toBe("Ships");
});

test("counts only what was written as kept", () => {
	const state = after({ kind: "opened", thread: thread() }, asked, grown, {
		kind: "saved",
		id: "thread_1",
		revision: 4,
		edits: 1,
	});
	expect(conversationIn(state, "thread_1")).toMatchObject({ revision: 4, edits: 2, savedEdits: 1 });
});

test("lets go of conversations at rest where there are too many, never of one that is answered", () => {
	const others = Array.from(
		{ length: MOST_OPEN + 5 },
		(_, index): ChatEvent => ({
			kind: "opened",
			thread: thread({ id: `thread_x${index}` }),
		}),
	);
	const state = after({ kind: "opened", thread: thread() }, asked, ...others);
	expect(state.open.size).toBe(MOST_OPEN);
	expect(conversationIn(state, "thread_1")?.running).not.toBeNull();
	expect(conversationIn(state, `thread_x${MOST_OPEN + 4}`)).not.toBeNull();
});

test("keeps the list that is there when it can't be read anew, and forgets what another window deleted", () => {
	const error = { kind: "offline" as const, message: "away", param: null, code: null, status: null };
	const there: ChatEvent = { kind: "listed", list: { state: "there", value: [line("thread_1", "Boats", 5)] } };
	const state = after(
		there,
		{ kind: "opened", thread: thread() },
		{ kind: "listed", list: { state: "failed", error } },
	);
	expect(state.list.state).toBe("there");
	const gone = applyChat(state, { kind: "listed", list: { state: "there", value: [] } });
	expect(conversationIn(gone, "thread_1")).toBeNull();
	const begun = after(
		{ kind: "begun", id: "thread_9", nowMs },
		{ kind: "listed", list: { state: "there", value: [] } },
	);
	expect(conversationIn(begun, "thread_9")).not.toBeNull();
});

test("keeps the model for the next conversation, not what was said about one", () => {
	const options = { model: "demo", system: "Be brief.", temperature: 0, top_p: null, max_tokens: null };
	const state = after({ kind: "options", id: null, options, nowMs }, { kind: "begun", id: "thread_9", nowMs });
	expect(conversationIn(state, "thread_9")?.options).toEqual(options);
	expect(state.newOptions).toEqual({ ...options, system: "", temperature: null });
});

test("lists what the service told and what this page did since, newest first, by title", () => {
	const value = [line("thread_1", "Boats", 10), line("thread_2", "Old trains", 30), line("thread_3", "Planes", 20)];
	const state = after(
		{ kind: "listed", list: { state: "there", value } },
		{ kind: "opened", thread: thread({ changed_at: 5 }) },
		asked,
	);
	expect(shownLines(state, "").map(({ id, isRunning }) => `${id} ${isRunning}`)).toEqual([
		"thread_1 true",
		"thread_2 false",
		"thread_3 false",
	]);
	expect(shownLines(state, "TRAINS old").map(({ id }) => id)).toEqual(["thread_2"]);
	const removed = applyChat(state, { kind: "removed", id: "thread_1" });
	expect(shownLines(removed, "").map(({ id }) => id)).toEqual(["thread_2", "thread_3"]);
});
