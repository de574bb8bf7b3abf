/** Answers being written: asks the model, takes in what it says as often as a picture is drawn, keeps it every few seconds. */
import { ask, offline } from "../api/client.ts";
import { words } from "../words/words.ts";
import { type AnswerReader, createAnswerReader, figuresOf } from "./answer.ts";
import type { Outcome } from "./conversation.ts";
import { type TurnFailure, turnFailureOf } from "./failures.ts";
import { beforeNextFrame } from "./frames.ts";
import { newMessageId } from "./ids.ts";
import { bodyOf } from "./request.ts";
import { isParting, save } from "./saving.ts";
import { createSseReader } from "./sse.ts";
import { conversationIn, conversationOfAnswer, happen, useChat } from "./store.ts";

/** An answer under way is kept this often: a reload loses no more, and a long one is not written to disk all the time. */
export const SAVE_EVERY_MS = 5_000;

/** An answer under way. */
interface Turn {
	readonly stop: AbortController;
	/** What has come and is not shown yet. */
	text: string;
	thinking: string;
	isDue: boolean;
	firstMs: number | null;
	lastMs: number;
}

const turns = new Map<string, Turn>();

/** Asks for an answer to the conversation's last message; resolves when it is over and kept. */
export async function answer(id: string, model: string): Promise<void> {
	const conversation = conversationIn(useChat.getState(), id);
	if (conversation === null || conversation.running !== null) return;
	const answerId = newMessageId();
	const askedMs = Date.now();
	const turn: Turn = {
		stop: new AbortController(),
		text: "",
		thinking: "",
		isDue: false,
		firstMs: null,
		lastMs: askedMs,
	};
	turns.set(answerId, turn);
	happen({ kind: "asked", id, answerId, model, nowMs: askedMs });
	const clock = setInterval(() => keep(answerId, turn), SAVE_EVERY_MS);
	keep(answerId, turn);
	const outcome = await listen(answerId, turn, JSON.stringify(bodyOf(conversation, model)), askedMs);
	clearInterval(clock);
	turns.delete(answerId);
	show(answerId, turn);
	// By now it may be in another conversation: a conflict makes a copy.
	const place = conversationOfAnswer(useChat.getState(), answerId)?.id ?? id;
	happen({ kind: "ended", answerId, outcome, nowMs: Date.now() });
	await save(place);
}

/** Stops an answer; what has come of it stays. */
export function stopAnswer(answerId: string): void {
	turns.get(answerId)?.stop.abort();
}

/** Shows what has come since the last picture. */
function show(answerId: string, turn: Turn): void {
	turn.isDue = false;
	const { text, thinking } = turn;
	if (text === "" && thinking === "") return;
	turn.text = "";
	turn.thinking = "";
	happen({ kind: "grown", answerId, text, thinking, nowMs: Date.now() });
}

function keep(answerId: string, turn: Turn): void {
	show(answerId, turn);
	const conversation = conversationOfAnswer(useChat.getState(), answerId);
	if (conversation !== null) void save(conversation.id);
}

async function listen(answerId: string, turn: Turn, body: string, askedMs: number): Promise<Outcome> {
	const { signal } = turn.stop;
	const reader = createAnswerReader();
	try {
		const asked = await ask("/v1/chat/completions", {
			method: "POST",
			body,
			headers: { "content-type": "application/json" },
			signal,
		});
		if (!asked.ok) return { kind: "failed", failure: turnFailureOf(asked.error) };
		const end = await read(asked.value, reader, (text, thinking) => {
			turn.text += text;
			turn.thinking += thinking;
			turn.lastMs = Date.now();
			turn.firstMs ??= turn.lastMs;
			if (turn.isDue) return;
			turn.isDue = true;
			beforeNextFrame(() => show(answerId, turn));
		});
		if (end !== null) return { kind: "failed", failure: end };
		return { kind: "whole", figures: figuresOf(reader.facts, { askedMs, firstMs: turn.firstMs, lastMs: turn.lastMs }) };
	} catch (error) {
		if (signal.aborted) return { kind: "stopped" };
		// A connection that breaks off in the middle is a TypeError of fetch's.
		if (error instanceof TypeError) return { kind: "failed", failure: lostStream() };
		throw error;
	}
}

/** Null: the answer is whole. */
async function read(
	response: Response,
	reader: AnswerReader,
	onPiece: (text: string, thinking: string) => void,
): Promise<TurnFailure | null> {
	if (response.body === null) return turnFailureOf(offline);
	const events = createSseReader();
	for await (const piece of pieces(response.body)) {
		for (const data of events.push(piece)) {
			const step = reader.take(data);
			if (step.kind === "done") return null;
			if (step.kind === "failed") return step.failure;
			if (step.text !== "" || step.thinking !== "") onPiece(step.text, step.thinking);
		}
	}
	return lostStream();
}

/** The text of a body as it comes. Not every browser lets a stream be read by a loop. */
async function* pieces(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
	const source = body.getReader();
	const decoder = new TextDecoder();
	try {
		for (;;) {
			const { done, value } = await source.read();
			if (done) return;
			yield decoder.decode(value, { stream: true });
		}
	} finally {
		source.releaseLock();
	}
}

function lostStream(): TurnFailure {
	const { brokenOff, lostStream } = words.chat.message;
	return { kind: "offline", message: isParting() ? brokenOff : lostStream };
}
