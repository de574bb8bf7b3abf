/** The rights to use one model: who has one, and since when nobody has. Must never know how the model comes or goes. */
import { type Clock, ok } from "../base/base.ts";
import type { Engine, LoadedModel } from "./engine.ts";
import type { Seeker } from "./queue.ts";
import type { ModelUse } from "./residency.ts";

/** Rights to one model. */
export interface Rights {
	/** Users that have one. */
	held(use: ModelUse): number;
	/** When a user last came or went, monotonic. */
	readonly lastUseMs: number;
	/** The same of live users; null: never. */
	readonly lastLiveUseMs: number | null;
	/** Notes that a user came. */
	touch(use: ModelUse): void;
	grant(seeker: Seeker, loaded: LoadedModel): void;
	/** Tells batch users to hand theirs back; who comes later is not meant. */
	callBack(): void;
}

/** What rights are made from. */
export interface RightsDeps {
	readonly engine: Engine;
	readonly clock: Clock;
	/** A user let go of it. */
	readonly onReleased: () => void;
}

/** Live users are never called back. */
const NEVER = new AbortController().signal;

/** Nobody has one yet. */
export function createRights({ engine, clock, onReleased }: RightsDeps): Rights {
	const held: Record<ModelUse, number> = { batch: 0, interactive: 0 };
	let leaving = new AbortController();
	let lastUseMs = clock.monotonicMs();
	let lastLiveUseMs: number | null = null;

	const touch = (use: ModelUse): void => {
		lastUseMs = clock.monotonicMs();
		if (use === "interactive") lastLiveUseMs = lastUseMs;
	};
	return {
		held: (use) => held[use],
		get lastUseMs() {
			return lastUseMs;
		},
		get lastLiveUseMs() {
			return lastLiveUseMs;
		},
		touch,
		grant({ use, settle }, loaded) {
			held[use]++;
			let isReleased = false;
			const release = (): void => {
				if (isReleased) return;
				isReleased = true;
				held[use]--;
				touch(use);
				onReleased();
			};
			settle(ok({ engine, loaded, leaving: use === "batch" ? leaving.signal : NEVER, release }));
		},
		callBack() {
			const called = leaving;
			leaving = new AbortController();
			called.abort();
		},
	};
}
