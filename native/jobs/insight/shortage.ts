import type { Clock } from "../../base/base.ts";
import type { Residency, ShortOfMemory } from "../../engine/residency.ts";

/** A model that batch work waits for, because it needs more memory than is free. */
export interface Shortage {
	readonly model: string;
	/** How long it has been so. */
	readonly forMs: number;
	/** When it is tried again (wall clock). */
	readonly nextTryAtMs: number;
	/** What the last try said. */
	readonly message: string;
}

/** Remembers since when memory has been short. */
export interface ShortageWatch {
	/** Looks at it; to be called from time to time. */
	look(): void;
	/** Null: there is none right now, or it is just tried again. */
	current(): Shortage | null;
	/** When there was one last, as far as it was looked at (wall clock); null: there was none yet. */
	readonly lastAtMs: number | null;
}

/** What `createShortageWatch` needs. */
export interface ShortageDeps {
	readonly residency: Pick<Residency, "shortOfMemory" | "isSuspended">;
	readonly clock: Clock;
}

/** Builds the watch. A try under way does not end a shortage, and one that is cut off by others' use of the machine starts anew. */
export function createShortageWatch({ residency, clock }: ShortageDeps): ShortageWatch {
	let known: { readonly last: ShortOfMemory; readonly sinceMs: number } | null = null;
	let lastAtMs: number | null = null;

	function look(): void {
		const { shortOfMemory, isSuspended } = residency;
		if (isSuspended) known = null;
		else if (shortOfMemory !== null) {
			const sinceMs = known !== null && goesOn(known.last, shortOfMemory) ? known.sinceMs : clock.monotonicMs();
			known = { last: shortOfMemory, sinceMs };
			lastAtMs = clock.nowMs();
		}
	}

	return {
		look,
		current() {
			look();
			const { shortOfMemory } = residency;
			if (shortOfMemory === null || known === null) return null;
			const { model, nextTryMs, message } = shortOfMemory;
			const nowMs = clock.monotonicMs();
			return { model, message, forMs: nowMs - known.sinceMs, nextTryAtMs: clock.nowMs() + nextTryMs - nowMs };
		},
		get lastAtMs() {
			return lastAtMs;
		},
	};
}

/** Whether a shortage is still the one seen before: its tries are counted up, and the next one may be put forward. */
function goesOn(before: ShortOfMemory, now: ShortOfMemory): boolean {
	if (now.model !== before.model) return false;
	return now.attempts > before.attempts || (now.attempts === before.attempts && now.nextTryMs <= before.nextTryMs);
}
