/** Keeps conversations with the service: one write at a time for each, and never over what another window wrote. */
import type { Thread, ThreadWrite } from "../../native/contract/contract.ts";
import { type ApiFailure, ask, call } from "../api/client.ts";
import { useConnection } from "../state/connection.ts";
import { words } from "../words/words.ts";
import { isUnsaved, MOST_TITLE_LENGTH, writeOf } from "./conversation.ts";
import { newThreadId } from "./ids.ts";
import { conversationIn, happen, useChat } from "./store.ts";

/** What was found out while something was kept. */
export interface SavingEvents {
	/** Another window has changed it; ours is `copyId` now. */
	readonly onConflict: (id: string, copyId: string) => void;
	/** Another window has deleted it; ours is kept as new. */
	readonly onGone: (id: string) => void;
}

/** Browsers send no more than 64 KiB after a page has gone, all requests together; some of it is headers. */
const MOST_PARTING_LENGTH = 60_000;
/** Writes in a row: each but the first means that something was changed during the one before. The clock and the next change go on. */
const MOST_ROUNDS = 5;

const nothing: SavingEvents = { onConflict: () => undefined, onGone: () => undefined };
let events = nothing;
let hasParted = false;
/** Conversations that are being written at this moment. */
const writing = new Map<string, Promise<void>>();
/** Conversations that are being deleted: a late write would bring them back. */
const held = new Set<string>();

/** The path of a conversation. */
export function pathOf(id: string): string {
	return `/api/threads/${encodeURIComponent(id)}`;
}

/** Keeps a conversation as it is now. Where one write is under way, the next follows it. */
export function save(id: string): Promise<void> {
	const before = writing.get(id);
	if (before !== undefined) return before;
	const writes = writeAll(id).finally(() => writing.delete(id));
	writing.set(id, writes);
	return writes;
}

/** Writes nothing more of a conversation; resolves when what is under way has ended. */
export async function holdSaving(id: string): Promise<void> {
	held.add(id);
	await writing.get(id);
}

/** Writes it again: it was not deleted after all. */
export function releaseSaving(id: string): void {
	held.delete(id);
	void save(id);
}

async function writeAll(id: string): Promise<void> {
	const wanted = conversationIn(useChat.getState(), id)?.edits ?? 0;
	for (let round = 0; round < MOST_ROUNDS; round++) {
		const present = conversationIn(useChat.getState(), id);
		if (present === null || held.has(id) || !isUnsaved(present)) return;
		// An answer that grows would be written without end: it comes again by the clock.
		if (present.running !== null && present.savedEdits >= wanted) return;
		if (!(await writeOnce(id))) return;
	}
}

/** Keeps all that is not kept yet. */
export async function saveAll(): Promise<void> {
	for (const [id, opened] of useChat.getState().open) {
		if (opened.state === "there" && isUnsaved(opened.conversation)) await save(id);
	}
}

/** Begins to look after what can't be kept at once: it is kept as soon as the service is back, and as well as may be when the page goes. */
export function startSaving(chosen: SavingEvents): () => void {
	events = chosen;
	const stopWatching = useConnection.subscribe(({ phase }, before) => {
		if (phase === "online" && before.phase !== "online") void saveAll();
	});
	// Streams break off before the page is told that it goes.
	const leave = (): void => {
		hasParted = true;
	};
	window.addEventListener("beforeunload", leave);
	window.addEventListener("pagehide", part);
	return () => {
		events = nothing;
		stopWatching();
		window.removeEventListener("beforeunload", leave);
		window.removeEventListener("pagehide", part);
	};
}

/** False: it is in vain for now. */
async function writeOnce(id: string): Promise<boolean> {
	const present = conversationIn(useChat.getState(), id);
	if (present === null) return false;
	const { edits } = present;
	const body = writeOf(present);
	const answer = await call<Thread>(pathOf(id), { method: "PUT", body });
	if (answer.ok) {
		// A page that hears answers is there still, or again: a link may have led to a download only.
		hasParted = false;
		happen({ kind: "saved", id, revision: answer.value.revision, edits });
		return true;
	}
	if (answer.error.status === 409 || answer.error.status === 404) return settle(id, body, edits, answer.error);
	happen({ kind: "not-saved", id, error: answer.error });
	return false;
}

/** Somebody else wrote it, or it was we ourselves and the answer was lost on its way. */
async function settle(id: string, body: ThreadWrite, edits: number, refusal: ApiFailure): Promise<boolean> {
	const present = await call<Thread>(pathOf(id));
	if (present.ok) {
		const theirs = present.value;
		if (isSame(theirs, body)) {
			happen({ kind: "saved", id, revision: theirs.revision, edits });
			return true;
		}
		const copyId = newThreadId();
		const title = words.chat.threads.copyOf(body.title).slice(0, MOST_TITLE_LENGTH);
		happen({ kind: "conflict", theirs, copyId, title, nowMs: Date.now() });
		events.onConflict(id, copyId);
		await save(copyId);
		return false;
	}
	if (present.error.status !== 404 || body.revision === 0) {
		happen({ kind: "not-saved", id, error: present.error.status === 404 ? refusal : present.error });
		return false;
	}
	happen({ kind: "gone", id });
	events.onGone(id);
	return true;
}

/** Whether what is there is what we wrote. The service keeps the order of nothing but lists; so each field is compared by itself. */
function isSame(theirs: Thread, ours: ThreadWrite): boolean {
	return (
		theirs.title === ours.title &&
		theirs.messages.length === ours.messages.length &&
		theirs.messages.every(({ id, text, stopped }, index) => {
			const other = ours.messages[index];
			return other?.id === id && other.text === text && other.stopped === stopped;
		})
	);
}

/** Whether the page is going or gone: what breaks off then was broken off by it. */
export function isParting(): boolean {
	return hasParted;
}

/** The page goes. What is too long for a parting word was kept by the clock a few seconds ago. */
function part(): void {
	for (const [id, opened] of useChat.getState().open) {
		if (opened.state !== "there" || !isUnsaved(opened.conversation)) continue;
		const body = JSON.stringify(writeOf(opened.conversation));
		if (body.length > MOST_PARTING_LENGTH) continue;
		const headers = { "content-type": "application/json" };
		void ask(pathOf(id), { method: "PUT", body, headers, keepalive: true });
	}
}
