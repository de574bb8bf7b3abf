/** One conversation and what can happen to it. Pure: the time and ids come in. */
import type {
	AnswerFigures,
	Thread,
	ThreadMessage,
	ThreadOptions,
	ThreadWrite,
} from "../../native/contract/contract.ts";
import type { ApiFailure } from "../api/client.ts";
import { words } from "../words/words.ts";
import type { TurnFailure } from "./failures.ts";

/** An answer under way. */
export interface Running {
	/** The message it becomes. */
	readonly answerId: string;
	readonly model: string;
	/** Unix milliseconds, as all times here. */
	readonly askedMs: number;
	/** Null: no token came yet. */
	readonly firstMs: number | null;
	/** When the answer itself began; null: it has not, the model may be thinking. */
	readonly textMs: number | null;
}

/** A conversation as this page has it. */
export interface Conversation
	extends Pick<Thread, "id" | "title" | "options" | "messages" | "revision" | "changed_at"> {
	readonly running: Running | null;
	/** Why the last message has no answer. */
	readonly failure: TurnFailure | null;
	/** Counts changes, so that it is known whether the last of them is on disk. */
	readonly edits: number;
	/** As many of them are on disk. */
	readonly savedEdits: number;
	/** Why they are not. */
	readonly saveError: ApiFailure | null;
}

/** How an answer ended. */
export type Outcome =
	| { readonly kind: "whole"; readonly figures: AnswerFigures | null }
	| { readonly kind: "stopped" }
	| { readonly kind: "failed"; readonly failure: TurnFailure };

/** Most messages of a conversation, as the service has it (`native/contract/api/threads.ts`). */
export const MOST_MESSAGES = 5_000;
/** Longest text of a message, as the service has it. */
export const MOST_TEXT_LENGTH = 2_000_000;
/** Longest title: more does not fit the list, and the service refuses it. */
export const MOST_TITLE_LENGTH = 200;
/** Longest title made of a message: a line of the list. */
const MADE_TITLE_LENGTH = 60;
/** Longest reason that is kept, as the service has it. */
const MOST_REASON_LENGTH = 1_000;

/** Options nobody has changed. */
export const usualOptions: ThreadOptions = {
	model: null,
	system: "",
	temperature: null,
	top_p: null,
	max_tokens: null,
};

/** A conversation that nobody has written in yet. */
export function newConversation(id: string, options: ThreadOptions, nowMs: number): Conversation {
	return {
		id,
		title: "",
		options,
		messages: [],
		revision: 0,
		changed_at: seconds(nowMs),
		running: null,
		failure: null,
		edits: 0,
		savedEdits: 0,
		saveError: null,
	};
}

/** A conversation as the service has it. */
export function conversationOf({ id, title, options, messages, revision, changed_at }: Thread): Conversation {
	return { ...newConversation(id, options, 0), title, messages, revision, changed_at };
}

/** A title out of what somebody wrote: its first line, without signs of markdown. */
export function titleOf(text: string): string {
	const line =
		text
			.split("\n")
			.map((one) => one.replace(/^[\s#>*`-]+/, "").trim())
			.find((one) => one !== "") ?? "";
	if (line.length <= MADE_TITLE_LENGTH) return line;
	const cut = line.slice(0, MADE_TITLE_LENGTH);
	const end = cut.lastIndexOf(" ");
	return `${end > MADE_TITLE_LENGTH / 2 ? cut.slice(0, end) : cut}…`;
}

/** Somebody writes; it is to be answered next. */
export function say(conversation: Conversation, messageId: string, text: string, nowMs: number): Conversation {
	const title = conversation.title === "" ? titleOf(text) : conversation.title;
	return changed(
		{ ...conversation, title, messages: [...conversation.messages, userMessage(messageId, text, nowMs)] },
		nowMs,
	);
}

/** Writes one of somebody's messages anew; all that came after it goes. */
export function edit(conversation: Conversation, messageId: string, text: string, nowMs: number): Conversation {
	const at = conversation.messages.findIndex(({ id, role }) => id === messageId && role === "user");
	if (at < 0) return conversation;
	const messages = [...conversation.messages.slice(0, at), userMessage(messageId, text, nowMs)];
	return changed({ ...conversation, messages }, nowMs);
}

/** Takes the last answer back, so that there is another. */
export function takeBack(conversation: Conversation, nowMs: number): Conversation {
	const last = conversation.messages.at(-1);
	if (last?.role !== "assistant") return conversation;
	return changed({ ...conversation, messages: conversation.messages.slice(0, -1) }, nowMs);
}

/** An answer begins. */
export function begin(conversation: Conversation, answerId: string, model: string, nowMs: number): Conversation {
	const answer: ThreadMessage = {
		id: answerId,
		role: "assistant",
		text: "",
		thinking: null,
		figures: null,
		stopped: null,
		at: seconds(nowMs),
	};
	const running: Running = { answerId, model, askedMs: nowMs, firstMs: null, textMs: null };
	return changed({ ...conversation, messages: [...conversation.messages, answer], running, failure: null }, nowMs);
}

/** More of the answer has come. */
export function grow(
	conversation: Conversation,
	piece: { readonly text: string; readonly thinking: string },
	nowMs: number,
): Conversation {
	const { running } = conversation;
	if (running === null || (piece.text === "" && piece.thinking === "")) return conversation;
	const grown = mapAnswer(conversation, running.answerId, (answer) => ({
		...answer,
		text: `${answer.text}${piece.text}`.slice(0, MOST_TEXT_LENGTH),
		thinking:
			piece.thinking === "" ? answer.thinking : `${answer.thinking ?? ""}${piece.thinking}`.slice(0, MOST_TEXT_LENGTH),
	}));
	const textMs = running.textMs ?? (piece.text === "" ? null : nowMs);
	return changed({ ...grown, running: { ...running, firstMs: running.firstMs ?? nowMs, textMs } }, nowMs);
}

/** The answer is over. One that has no word yet goes, and the message it was for can be answered again. */
export function end(conversation: Conversation, outcome: Outcome, nowMs: number): Conversation {
	const { running } = conversation;
	if (running === null) return conversation;
	const answer = conversation.messages.find(({ id }) => id === running.answerId);
	const isEmpty = answer === undefined || (answer.text === "" && answer.thinking === null);
	const over = { ...conversation, running: null };
	if (outcome.kind === "whole") {
		return changed(
			mapAnswer(over, running.answerId, (one) => ({ ...one, figures: outcome.figures })),
			nowMs,
		);
	}
	if (isEmpty) {
		const messages = conversation.messages.filter(({ id }) => id !== running.answerId);
		return changed({ ...over, messages, failure: outcome.kind === "failed" ? outcome.failure : null }, nowMs);
	}
	const reason = outcome.kind === "stopped" ? words.chat.message.stopped : outcome.failure.message;
	const stopped = reason.slice(0, MOST_REASON_LENGTH);
	return changed(
		mapAnswer(over, running.answerId, (one) => ({ ...one, stopped })),
		nowMs,
	);
}

/** What is kept of it now. An answer under way is kept as one that broke off, for that is what it is to who finds it there. */
export function writeOf({ revision, title, options, messages, running }: Conversation): ThreadWrite {
	const kept =
		running === null
			? messages
			: messages
					.filter(({ id, text, thinking }) => id !== running.answerId || text !== "" || thinking !== null)
					.map((one) => (one.id === running.answerId ? { ...one, stopped: words.chat.message.brokenOff } : one));
	return { revision, title, options, messages: kept };
}

/** Whether there is something that is not on disk yet. */
export function isUnsaved({ edits, savedEdits }: Conversation): boolean {
	return edits > savedEdits;
}

/** Whether the last message waits for an answer that nobody is writing. */
export function isUnanswered({ messages, running, failure }: Conversation): boolean {
	return running === null && failure === null && messages.at(-1)?.role === "user";
}

/** Marks a change. */
export function changed(conversation: Conversation, nowMs: number): Conversation {
	return { ...conversation, edits: conversation.edits + 1, changed_at: seconds(nowMs) };
}

function mapAnswer(
	conversation: Conversation,
	answerId: string,
	how: (answer: ThreadMessage) => ThreadMessage,
): Conversation {
	return { ...conversation, messages: conversation.messages.map((one) => (one.id === answerId ? how(one) : one)) };
}

function userMessage(id: string, text: string, nowMs: number): ThreadMessage {
	return { id, role: "user", text, thinking: null, figures: null, stopped: null, at: seconds(nowMs) };
}

function seconds(nowMs: number): number {
	return Math.floor(nowMs / 1_000);
}
