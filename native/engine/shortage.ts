/**
 * Models there was no room for: beside others, until one of those leaves, or at all, until the next try is due. Owns when that
 * is, and who waits for it. Must never load anything, nor let a live request wait.
 */
import { type Clock, err, type Log } from "../base/base.ts";
import type { LoadFailure, ModelSource } from "./engine.ts";
import { backOffMs } from "./fitting.ts";
import type { Seeker } from "./queue.ts";
import type { ShortOfMemory } from "./residency.ts";
import type { Want } from "./room-plan.ts";

/** A load that failed. */
export interface FailedLoad {
	/** For whom it began. */
	readonly first: Seeker;
	/** All who waited for it. */
	readonly waited: readonly Seeker[];
	/** Others were in memory and stayed. */
	readonly beside: boolean;
	readonly failure: LoadFailure;
}

/** Models that do not fit for the moment. */
export interface Shortage {
	/** Tells those whom waiting does not help; answers the others. */
	settle(failed: FailedLoad): readonly Seeker[];
	/** It fits. */
	forget(source: ModelSource): void;
	/** A model's process has ended: beside the rest there may be room. */
	noteEnd(): void;
	/** Memory has come free: the next tries are due now. How long those after it wait does not change. */
	hurry(): void;
	/** It was tried beside those that are here, and none of them has left since. */
	isTooBig(want: Want): boolean;
	/** Not before this moment (monotonic); null: at any time. */
	nextTryMs(want: Want): number | null;
	/** Of those who wait the first whose model is short; null: none. */
	firstOf(seekers: readonly Seeker[]): ShortOfMemory | null;
}

/** No model is short. */
export function createShortage({ clock, log }: { readonly clock: Clock; readonly log: Log }): Shortage {
	const tooBig = new Set<string>();
	const short = new Map<string, ShortOfMemory>();

	const find = ({ source, use }: Want) => (use === "batch" ? (short.get(source.path) ?? null) : null);
	const note = ({ path, name }: ModelSource, message: string): void => {
		const attempts = (short.get(path)?.attempts ?? 0) + 1;
		const waitMs = backOffMs(attempts);
		short.set(path, { model: name, attempts, nextTryMs: clock.monotonicMs() + waitMs, message });
		log.info({ model: name, attempts, waitMs, reason: message }, "too little memory for a batch's model");
	};
	return {
		settle({ first, waited, beside, failure }) {
			const isShort = failure.kind === "out-of-memory";
			if (isShort && beside) {
				log.info({ model: first.source.name, reason: failure.message }, "no room beside the model in memory");
				tooBig.add(keyOf(first));
				return waited;
			}
			// A batch waits for memory however long it takes; a live request hears that there is none.
			const patient = waited.filter(({ use }) => isShort && use === "batch");
			if (patient.length > 0) note(first.source, failure.message);
			for (const each of waited) if (!patient.includes(each)) each.settle(err(failure));
			return patient;
		},
		forget: ({ path }) => short.delete(path),
		noteEnd: () => tooBig.clear(),
		hurry() {
			const nowMs = clock.monotonicMs();
			for (const [path, one] of short) short.set(path, { ...one, nextTryMs: Math.min(one.nextTryMs, nowMs) });
		},
		isTooBig: (want) => tooBig.has(keyOf(want)),
		nextTryMs: (want) => find(want)?.nextTryMs ?? null,
		firstOf(seekers) {
			for (const seeker of seekers) {
				const one = find(seeker);
				if (one !== null) return one;
			}
			return null;
		},
	};
}

function keyOf({ source, use }: Want): string {
	return `${use} ${source.path}`;
}
