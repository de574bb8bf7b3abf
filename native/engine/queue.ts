/** Who wants a model and does not have it yet. Owns their order and their giving up. Must never know which models there are. */
import { err, type Result } from "../base/base.ts";
import type { ModelSource } from "./engine.ts";
import type { AcquireFailure, HeldModel, ModelUse } from "./residency.ts";

/** What somebody who wants a model hears in the end. */
export type Acquired = Result<HeldModel, AcquireFailure>;

/** Somebody who wants a model. */
export interface Seeker {
	/** Counts up with each arrival: the place in the queue. */
	readonly number: number;
	readonly source: ModelSource;
	readonly use: ModelUse;
	/** False: would rather go without than wait for another user. */
	readonly isPatient: boolean;
	/** Only the first call counts. */
	readonly settle: (outcome: Acquired) => void;
}

/** How somebody joins the queue. */
export interface Entry extends Pick<Seeker, "source" | "use" | "isPatient"> {
	readonly signal?: AbortSignal | undefined;
}

/** The queue. */
export interface Queue {
	/** Live requests first, then by arrival; null: nobody waits. */
	readonly first: Seeker | null;
	/** All who wait, in that order. */
	readonly all: readonly Seeker[];
	add(entry: Entry): Promise<Acquired>;
	remove(seeker: Seeker): void;
	/** They had left the queue for a model that did not come; each gets its old place, but for those that gave up since. */
	putBack(seekers: readonly Seeker[]): void;
	/** Ends the waiting of all. */
	endAll(): void;
}

/** An empty queue. `onGivenUp` hears of seekers whose signal aborted, wherever they wait. */
export function createQueue(onGivenUp: (seeker: Seeker) => void): Queue {
	let waiting: readonly Seeker[] = [];
	let arrivals = 0;
	const givenUp = new WeakSet<Seeker>();

	const remove = (seeker: Seeker): void => {
		waiting = waiting.filter((other) => other !== seeker);
	};
	return {
		get first() {
			return waiting[0] ?? null;
		},
		get all() {
			return waiting;
		},
		add({ signal, ...entry }) {
			return new Promise((resolve) => {
				const seeker: Seeker = {
					...entry,
					number: ++arrivals,
					settle(outcome) {
						signal?.removeEventListener("abort", onAbort);
						resolve(outcome);
					},
				};
				const onAbort = (): void => {
					givenUp.add(seeker);
					remove(seeker);
					seeker.settle(err({ kind: "aborted" }));
					onGivenUp(seeker);
				};
				signal?.addEventListener("abort", onAbort, { once: true });
				waiting = inOrder([...waiting, seeker]);
			});
		},
		remove,
		putBack(seekers) {
			waiting = inOrder([...waiting, ...seekers.filter((seeker) => !givenUp.has(seeker))]);
		},
		endAll() {
			for (const seeker of waiting) seeker.settle(err({ kind: "aborted" }));
			waiting = [];
		},
	};
}

function inOrder(seekers: readonly Seeker[]): readonly Seeker[] {
	const rank = ({ use }: Seeker) => (use === "interactive" ? 0 : 1);
	return seekers.toSorted((a, b) => rank(a) - rank(b) || a.number - b.number);
}
