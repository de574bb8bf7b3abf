/**
 * The conversations this page has in hand, with the answers that are being written in them. Owns them across screens, so that an answer
 * goes on while one looks elsewhere; its reducer is pure. Must never ask the service: `work.ts` and `saving.ts` do.
 */
import { create } from "zustand";
import type { MachineModel, Thread, ThreadLine, ThreadOptions } from "../../native/contract/contract.ts";
import type { ApiFailure } from "../api/client.ts";
import {
	begin,
	type Conversation,
	changed,
	conversationOf,
	edit,
	end,
	grow,
	isUnsaved,
	newConversation,
	type Outcome,
	say,
	takeBack,
	usualOptions,
} from "./conversation.ts";

/** A conversation that was asked for. */
export type Opened =
	| { readonly state: "loading" }
	| { readonly state: "failed"; readonly error: ApiFailure }
	| { readonly state: "there"; readonly conversation: Conversation };

/** Something that was asked for as a whole. */
export type Asked<Value> =
	| { readonly state: "loading" }
	| { readonly state: "failed"; readonly error: ApiFailure }
	| { readonly state: "there"; readonly value: Value };

/** All of it. */
export interface ChatState {
	readonly list: Asked<readonly ThreadLine[]>;
	readonly models: Asked<readonly MachineModel[]>;
	readonly open: ReadonlyMap<string, Opened>;
	/** What was begun to be written, by conversation; "" is the new one. */
	readonly drafts: ReadonlyMap<string, string>;
	/** Options of the new one. */
	readonly newOptions: ThreadOptions;
}

/** Conversations in hand at once: more than anybody goes back to; each may have thousands of messages. Those at rest go first. */
export const MOST_OPEN = 20;

/** What happens. */
export type ChatEvent =
	| { readonly kind: "listed"; readonly list: Asked<readonly ThreadLine[]> }
	| { readonly kind: "models"; readonly models: Asked<readonly MachineModel[]> }
	| { readonly kind: "opening"; readonly id: string }
	/** Changes nothing of one in which something goes on. */
	| { readonly kind: "opened"; readonly thread: Thread }
	| { readonly kind: "not-opened"; readonly id: string; readonly error: ApiFailure }
	| { readonly kind: "begun"; readonly id: string; readonly nowMs: number }
	| {
			readonly kind: "said";
			readonly id: string;
			readonly messageId: string;
			readonly text: string;
			readonly nowMs: number;
	  }
	| {
			readonly kind: "edited";
			readonly id: string;
			readonly messageId: string;
			readonly text: string;
			readonly nowMs: number;
	  }
	| { readonly kind: "taken-back"; readonly id: string; readonly nowMs: number }
	| {
			readonly kind: "asked";
			readonly id: string;
			readonly answerId: string;
			readonly model: string;
			readonly nowMs: number;
	  }
	| {
			readonly kind: "grown";
			readonly answerId: string;
			readonly text: string;
			readonly thinking: string;
			readonly nowMs: number;
	  }
	| { readonly kind: "ended"; readonly answerId: string; readonly outcome: Outcome; readonly nowMs: number }
	| { readonly kind: "refused"; readonly id: string; readonly failure: Conversation["failure"] }
	| { readonly kind: "titled"; readonly id: string; readonly title: string; readonly nowMs: number }
	/** Null: of the new one. */
	| { readonly kind: "options"; readonly id: string | null; readonly options: ThreadOptions; readonly nowMs: number }
	| { readonly kind: "drafted"; readonly id: string | null; readonly text: string }
	| { readonly kind: "saved"; readonly id: string; readonly revision: number; readonly edits: number }
	| { readonly kind: "not-saved"; readonly id: string; readonly error: ApiFailure }
	/** Deleted elsewhere; what is here is kept as a new one. */
	| { readonly kind: "gone"; readonly id: string }
	/** Changed elsewhere: theirs stays where it is, ours becomes `copyId`. */
	| {
			readonly kind: "conflict";
			readonly theirs: Thread;
			readonly copyId: string;
			readonly title: string;
			readonly nowMs: number;
	  }
	| { readonly kind: "removed"; readonly id: string };

/** Nothing is known yet. */
export const noChats: ChatState = {
	list: { state: "loading" },
	models: { state: "loading" },
	open: new Map(),
	drafts: new Map(),
	newOptions: usualOptions,
};

/** What there is after something has happened. What happens to a conversation that is not in hand changes nothing. */
export function applyChat(state: ChatState, event: ChatEvent): ChatState {
	switch (event.kind) {
		case "listed":
			return list(state, event.list);
		case "models":
			return event.models.state === "failed" && state.models.state === "there"
				? state
				: { ...state, models: event.models };
		case "opening":
			return put(state, event.id, { state: "loading" });
		case "opened":
			return opened(state, event.thread);
		case "not-opened":
			return put(state, event.id, { state: "failed", error: event.error });
		case "begun":
			return start(state, event.id, event.nowMs);
		case "said":
			return change(state, event.id, (one) => say(one, event.messageId, event.text, event.nowMs));
		case "edited":
			return change(state, event.id, (one) => edit(one, event.messageId, event.text, event.nowMs));
		case "taken-back":
			return change(state, event.id, (one) => takeBack(one, event.nowMs));
		case "asked":
			return change(state, event.id, (one) => begin(one, event.answerId, event.model, event.nowMs));
		case "grown":
			return changeAnswer(state, event.answerId, (one) => grow(one, event, event.nowMs));
		case "ended":
			return changeAnswer(state, event.answerId, (one) => end(one, event.outcome, event.nowMs));
		case "refused":
			return change(state, event.id, (one) => ({ ...one, failure: event.failure }));
		case "titled":
			return change(state, event.id, (one) => changed({ ...one, title: event.title }, event.nowMs));
		case "options":
			if (event.id === null) return { ...state, newOptions: event.options };
			return change(state, event.id, (one) => changed({ ...one, options: event.options }, event.nowMs));
		case "drafted":
			return { ...state, drafts: new Map(state.drafts).set(event.id ?? "", event.text) };
		case "saved":
			return change(state, event.id, (one) => ({
				...one,
				revision: event.revision,
				savedEdits: Math.max(one.savedEdits, event.edits),
				saveError: null,
			}));
		case "not-saved":
			return change(state, event.id, (one) => ({ ...one, saveError: event.error }));
		case "gone":
			return change(state, event.id, (one) => ({ ...one, revision: 0 }));
		case "conflict":
			return part(state, event.theirs, event.copyId, event.title, event.nowMs);
		case "removed":
			return remove(state, event.id);
		default:
			return event satisfies never;
	}
}

/** A conversation in hand; null: it is not. */
export function conversationIn({ open }: Pick<ChatState, "open">, id: string): Conversation | null {
	const opened = open.get(id);
	return opened?.state === "there" ? opened.conversation : null;
}

/** The conversation an answer is being written in; null: it is over. */
export function conversationOfAnswer({ open }: Pick<ChatState, "open">, answerId: string): Conversation | null {
	for (const opened of open.values()) {
		if (opened.state === "there" && opened.conversation.running?.answerId === answerId) return opened.conversation;
	}
	return null;
}

function opened(state: ChatState, thread: Thread): ChatState {
	const before = state.open.get(thread.id);
	if (before !== undefined && !isAtRest(before)) return state;
	if (before?.state === "there" && before.conversation.revision === thread.revision) return state;
	return put(state, thread.id, { state: "there", conversation: conversationOf(thread) });
}

/** What is there stays when it can't be read anew: the banner says that the service is away. */
function list(state: ChatState, told: ChatState["list"]): ChatState {
	if (told.state === "failed" && state.list.state === "there") return state;
	if (told.state !== "there") return { ...state, list: told };
	const ids = new Set(told.value.map(({ id }) => id));
	// Deleted in another window, with nothing here that is not on disk.
	const gone = [...state.open].filter(([id, opened]) => !ids.has(id) && opened.state === "there" && isAtRest(opened));
	const open = new Map(state.open);
	for (const [id, opened] of gone) if (opened.state === "there" && opened.conversation.revision > 0) open.delete(id);
	return { ...state, list: told, open };
}

/** Nothing goes on in it that would be lost with it. */
function isAtRest(opened: Opened): boolean {
	if (opened.state !== "there") return true;
	return opened.conversation.running === null && !isUnsaved(opened.conversation);
}

/** The newest last; one at rest, and with all of it on disk, goes where there are too many. */
function put(state: ChatState, id: string, opened: Opened): ChatState {
	const open = new Map(state.open);
	open.delete(id);
	open.set(id, opened);
	for (const [other, one] of open) {
		if (open.size <= MOST_OPEN) break;
		if (other !== id && isAtRest(one)) open.delete(other);
	}
	return { ...state, open };
}

function start(state: ChatState, id: string, nowMs: number): ChatState {
	const begun = put(state, id, { state: "there", conversation: newConversation(id, state.newOptions, nowMs) });
	// The model stays chosen for the next one; what was said about one conversation does not.
	return { ...begun, newOptions: { ...usualOptions, model: state.newOptions.model } };
}

function change(state: ChatState, id: string, how: (conversation: Conversation) => Conversation): ChatState {
	const before = conversationIn(state, id);
	if (before === null) return state;
	const conversation = how(before);
	if (conversation === before) return state;
	return { ...state, open: new Map(state.open).set(id, { state: "there", conversation }) };
}

function changeAnswer(
	state: ChatState,
	answerId: string,
	how: (conversation: Conversation) => Conversation,
): ChatState {
	const conversation = conversationOfAnswer(state, answerId);
	return conversation === null ? state : change(state, conversation.id, how);
}

function part(state: ChatState, theirs: Thread, copyId: string, title: string, nowMs: number): ChatState {
	const ours = conversationIn(state, theirs.id);
	if (ours === null) return state;
	const copy = changed({ ...ours, id: copyId, title, revision: 0, savedEdits: 0, saveError: null }, nowMs);
	const kept = put(state, theirs.id, { state: "there", conversation: conversationOf(theirs) });
	const drafts = new Map(state.drafts);
	drafts.set(copyId, drafts.get(theirs.id) ?? "");
	drafts.delete(theirs.id);
	return put({ ...kept, drafts }, copyId, { state: "there", conversation: copy });
}

function remove(state: ChatState, id: string): ChatState {
	const open = new Map(state.open);
	open.delete(id);
	const drafts = new Map(state.drafts);
	drafts.delete(id);
	const { list } = state;
	if (list.state !== "there") return { ...state, open, drafts };
	return { ...state, open, drafts, list: { state: "there", value: list.value.filter((line) => line.id !== id) } };
}

/** The store. */
export const useChat = create<ChatState>(() => noChats);

/** Has something happen. */
export function happen(event: ChatEvent): void {
	useChat.setState((state) => applyChat(state, event));
}
