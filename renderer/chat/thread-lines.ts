/** The list of conversations: what the service told, and what this page has done since. Pure. */
import type { ThreadLine } from "../../native/contract/contract.ts";
import type { ChatState } from "./store.ts";

/** A conversation in the list. */
export interface ShownLine extends Pick<ThreadLine, "id" | "title" | "changed_at"> {
	/** An answer is being written in it. */
	readonly isRunning: boolean;
}

/** Newest first. Every word of the search has to stand in the title, whatever the case. */
export function shownLines({ list, open }: Pick<ChatState, "list" | "open">, search: string): readonly ShownLine[] {
	const byId = new Map<string, ShownLine>();
	if (list.state === "there") {
		for (const { id, title, changed_at } of list.value) byId.set(id, { id, title, changed_at, isRunning: false });
	}
	for (const opened of open.values()) {
		if (opened.state !== "there") continue;
		const { id, title, changed_at, running } = opened.conversation;
		byId.set(id, {
			id,
			title,
			changed_at: Math.max(changed_at, byId.get(id)?.changed_at ?? 0),
			isRunning: running !== null,
		});
	}
	const parts = search.toLowerCase().split(/\s+/).filter(Boolean);
	return [...byId.values()]
		.filter(({ title }) => parts.every((part) => title.toLowerCase().includes(part)))
		.sort((one, other) => other.changed_at - one.changed_at || (one.id < other.id ? -1 : 1));
}
