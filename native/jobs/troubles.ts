import type { Clock } from "../base/base.ts";

/** What keeps batches from going on, and which of them others go before for that. */
export interface Troubles {
	/** Of a batch that goes on trying; null: it is over. */
	tell(batchId: string, message: string | null): void;
	/** The batch had to be let go. */
	failed(batchId: string, message: string): void;
	/** The batch was worked on without trouble. */
	mended(batchId: string): void;
	message(batchId: string): string | null;
	/** It failed not long ago: another batch may go first. */
	isResting(batchId: string): boolean;
	/** Forgets all batches but these. */
	keep(batchIds: ReadonlySet<string>): void;
}

/** First rest after a failure, doubled up to the last: each try may put a working batch's model out of the memory. */
const FIRST_REST_MS = 60_000;
const LAST_REST_MS = 3_600_000;

/** Builds an empty record. */
export function createTroubles(clock: Clock): Troubles {
	const messages = new Map<string, string>();
	const rests = new Map<string, { readonly untilMs: number; readonly nextMs: number }>();
	function forget(batchId: string): void {
		messages.delete(batchId);
		rests.delete(batchId);
	}
	return {
		tell(batchId, message) {
			if (message === null) messages.delete(batchId);
			else messages.set(batchId, message);
		},
		failed(batchId, message) {
			messages.set(batchId, message);
			const restMs = rests.get(batchId)?.nextMs ?? FIRST_REST_MS;
			rests.set(batchId, { untilMs: clock.monotonicMs() + restMs, nextMs: Math.min(restMs * 2, LAST_REST_MS) });
		},
		mended: forget,
		message: (batchId) => messages.get(batchId) ?? null,
		isResting: (batchId) => (rests.get(batchId)?.untilMs ?? 0) > clock.monotonicMs(),
		keep(batchIds) {
			for (const id of [...messages.keys(), ...rests.keys()]) if (!batchIds.has(id)) forget(id);
		},
	};
}
