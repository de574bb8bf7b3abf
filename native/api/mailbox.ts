/**
 * States on their way to one page. Where it reads slowly a newer state takes the place of one that is still unsent, so that nothing
 * piles up and what arrives is never old.
 */
import type { BatchDetails, BatchesEvent } from "../contract/contract.ts";
import type { StreamEvent } from "../engine/dialects/dialect.ts";

/** Takes states for a page. */
export interface Mailbox {
	/** A state that stands for itself: a newer one of that name makes it void. */
	put(event: string, state: object): void;
	/** Batches that changed: those of a later call are added to what is unsent. */
	putBatches(event: BatchesEvent): void;
	/** The page has read all there was: sends what waits. */
	flush(): void;
}

/** What it needs of the stream. */
export interface MailboxDeps {
	/** Nothing waits to be read. */
	readonly isIdle: () => boolean;
	readonly send: (events: readonly StreamEvent[]) => void;
	/** More waits than a page that reads at all would let. It takes nothing any more. */
	readonly onOverflow: () => void;
}

/** Batches that may wait for a page: it has a few hundred. One that reads none of them is gone without saying so. */
const MOST_BATCHES = 1_000;

/** Makes one; it is empty. */
export function createMailbox({ isIdle, send, onOverflow }: MailboxDeps): Mailbox {
	const waiting = new Map<string, object>();
	/** Null: nothing of batches is unsent. */
	let batches: { readonly changed: Map<string, BatchDetails>; readonly gone: Set<string> } | null = null;

	function flush(): void {
		const events: StreamEvent[] = [];
		if (batches !== null) {
			const data: BatchesEvent = { changed: [...batches.changed.values()], gone: [...batches.gone] };
			events.push({ event: "batches", data });
		}
		for (const [event, data] of waiting) events.push({ event, data });
		batches = null;
		waiting.clear();
		if (events.length > 0) send(events);
	}

	function add(event: BatchesEvent): number {
		batches ??= { changed: new Map(), gone: new Set() };
		const { changed, gone } = batches;
		for (const batch of event.changed) {
			changed.set(batch.id, batch);
			gone.delete(batch.id);
		}
		for (const id of event.gone) {
			changed.delete(id);
			gone.add(id);
		}
		return changed.size + gone.size;
	}

	return {
		put(event, state) {
			waiting.set(event, state);
			if (isIdle()) flush();
		},
		putBatches(event) {
			const count = add(event);
			if (isIdle()) flush();
			else if (count > MOST_BATCHES) onOverflow();
		},
		flush,
	};
}
