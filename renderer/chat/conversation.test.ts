import { expect, test } from "vitest";
import { words } from "../words/words.ts";
import { begin, edit, end, grow, isUnanswered, isUnsaved, say, takeBack, titleOf, writeOf } from "./conversation.ts";
import { conversation, message, NOW_MS } from "./testing.ts";

const asked = () => begin(say(conversation(), "u1", "Why?", NOW_MS), "a1", "demo", NOW_MS);
const texts = ({ messages }: ReturnType<typeof conversation>) => messages.map(({ id, text }) => `${id} ${text}`);
const figures = {
	model: "demo",
	input_tokens: 1,
	output_tokens: 2,
	first_token_ms: 3,
	tokens_per_second: 4,
	finish_reason: "stop",
};

test("grows an answer word by word, and knows when thinking became writing", () => {
	const thought = grow(asked(), { text: "", thinking: "Hm. " }, NOW_MS + 10);
	expect(thought.running).toMatchObject({ firstMs: NOW_MS + 10, textMs: null });
	const written = grow(
		grow(thought, { text: "Be", thinking: "" }, NOW_MS + 20),
		{ text: "cause.", thinking: "" },
		NOW_MS + 30,
	);
	expect(written.running).toMatchObject({ firstMs: NOW_MS + 10, textMs: NOW_MS + 20 });
	expect(written.messages.at(-1)).toMatchObject({ text: "Because.", thinking: "Hm. ", stopped: null });
	const whole = end(written, { kind: "whole", figures }, NOW_MS + 40);
	expect(whole.running).toBeNull();
	expect(whole.messages.at(-1)).toMatchObject({ text: "Because.", figures });
});

test("keeps what came of an answer that was stopped, and says so", () => {
	const stopped = end(grow(asked(), { text: "Be", thinking: "" }, NOW_MS), { kind: "stopped" }, NOW_MS);
	expect(stopped.messages.at(-1)).toMatchObject({ text: "Be", stopped: words.chat.message.stopped, figures: null });
	expect(isUnanswered(stopped)).toBe(false);
});

test("lets go of an answer without a word, so that the question can be answered again", () => {
	const stopped = end(asked(), { kind: "stopped" }, NOW_MS);
	expect(texts(stopped)).toEqual(["u1 Why?"]);
	expect(isUnanswered(stopped)).toBe(true);
	const failure = { kind: "context" as const, message: "too long" };
	const failed = end(asked(), { kind: "failed", failure }, NOW_MS);
	expect(texts(failed)).toEqual(["u1 Why?"]);
	expect(failed.failure).toEqual(failure);
	expect(begin(failed, "a2", "demo", NOW_MS).failure).toBeNull();
});

test("keeps a broken answer with the reason", () => {
	const grown = grow(asked(), { text: "Be", thinking: "" }, NOW_MS);
	const broken = end(grown, { kind: "failed", failure: { kind: "offline", message: "away" } }, NOW_MS);
	expect(broken.messages.at(-1)).toMatchObject({ text: "Be", stopped: "away" });
	expect(broken.failure).toBeNull();
});

test("replaces all that came after an edited message", () => {
	const before = conversation({
		messages: [message("u1", "Why?"), message("a1", "So."), message("u2", "Really?"), message("a2", "Yes.")],
	});
	expect(texts(edit(before, "u1", "Where?", NOW_MS))).toEqual(["u1 Where?"]);
	expect(texts(edit(before, "u2", "Sure?", NOW_MS))).toEqual(["u1 Why?", "a1 So.", "u2 Sure?"]);
	expect(edit(before, "a1", "No.", NOW_MS)).toBe(before);
});

test("takes back the last answer only", () => {
	const before = conversation({ messages: [message("u1", "Why?"), message("a1", "So.")] });
	const once = takeBack(before, NOW_MS);
	expect(texts(once)).toEqual(["u1 Why?"]);
	expect(takeBack(once, NOW_MS)).toBe(once);
});

test("is kept as broken off while an answer is under way, and without an answer that has no word yet", () => {
	expect(writeOf(asked()).messages.map(({ id }) => id)).toEqual(["u1"]);
	const grown = grow(asked(), { text: "Be", thinking: "" }, NOW_MS);
	expect(writeOf(grown).messages.at(-1)).toMatchObject({ text: "Be", stopped: words.chat.message.brokenOff });
	expect(writeOf(end(grown, { kind: "whole", figures }, NOW_MS)).messages.at(-1)).toMatchObject({ stopped: null });
});

test("knows that a change is not on disk", () => {
	expect(isUnsaved(conversation())).toBe(false);
	expect(isUnsaved(asked())).toBe(true);
	expect(isUnsaved({ ...asked(), savedEdits: asked().edits })).toBe(false);
});

test("is called by the first line of the first message", () => {
	expect(say(conversation(), "u1", "\n## Why do *boats* float?\nSay.", NOW_MS).title).toBe("Why do *boats* float?");
	expect(say(conversation({ title: "Boats" }), "u1", "Why?", NOW_MS).title).toBe("Boats");
	expect(titleOf("word ".repeat(40))).toMatch(/^(word )+word…$/);
	expect(titleOf("x".repeat(400)).length).toBe(61);
});
