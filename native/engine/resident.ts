/**
 * One model in memory, or on its way there or out: its engine and who waits for it. Owns its load. Must never decide when it
 * comes or goes.
 */
import type { Result } from "../base/base.ts";
import type { Engine, LoadedModel, LoadFailure, LoadOptions, ModelSource } from "./engine.ts";
import type { Ladder } from "./fitting.ts";
import type { Seeker } from "./queue.ts";
import type { ModelUse } from "./residency.ts";
import { createRights, type RightsDeps } from "./rights.ts";
import type { Occupant } from "./room-plan.ts";

/** What a resident needs. */
export interface ResidentDeps extends RightsDeps {
	readonly source: ModelSource;
	readonly ladder: Ladder;
}

/** A model in memory. */
export interface Resident extends Occupant {
	readonly engine: Engine;
	/** Those that are wanted; it may have settled for less. */
	readonly options: LoadOptions;
	/** When a user last came or went, monotonic. */
	readonly lastUseMs: number;
	/** Gives the model to a seeker: at once if it is ready, else when it is. */
	join(seeker: Seeker): void;
	/** Forgets a seeker that waits for the load. */
	withdraw(seeker: Seeker): void;
	/** Loads it and, on success, gives it to all who wait. Null: it was told to leave meanwhile. */
	load(): Promise<Result<LoadedModel, LoadFailure> | null>;
	/** Nobody gets it any more; hands out those who waited for the load. */
	leave(): readonly Seeker[];
	/** Tells batch users to hand it back. */
	callBack(): void;
	/** Batch work is suspended: its users are called back, and it is due; hands out those of them who waited for the load. */
	standDown(): readonly Seeker[];
	/** Batch work may use it again. */
	standUp(): void;
	/** It is to leave as soon as nobody uses it. */
	outdate(): void;
}

/**
 * Loads tried when the inference process dies on the way: somebody or the system killed it, which says nothing of the model. A
 * model that takes the process down itself does so each time and is given up after the last.
 */
const MOST_LOAD_ATTEMPTS = 5;

/** A model about to be loaded. */
export function createResident({ source, ladder, engine, ...about }: ResidentDeps): Resident {
	const [options] = ladder;
	const rights = createRights({ engine, ...about });
	const waiting = new Set<Seeker>();
	let phase: Occupant["phase"] = "loading";
	let loaded: LoadedModel | null = null;
	let isDue = false;
	let isOutdated = false;

	const takeWaiting = (isMeant: (seeker: Seeker) => boolean): readonly Seeker[] => {
		const taken = [...waiting].filter(isMeant);
		for (const seeker of taken) waiting.delete(seeker);
		return taken;
	};
	const users = (use: ModelUse) => rights.held(use) + [...waiting].filter((seeker) => seeker.use === use).length;

	return {
		source,
		options,
		engine,
		servesBatch: options.lanes !== 0,
		get phase() {
			return phase;
		},
		get isBroken() {
			return phase === "ready" && engine.state.kind === "failed";
		},
		get isDue() {
			return isDue;
		},
		get isOutdated() {
			return isOutdated;
		},
		get batchUsers() {
			return users("batch");
		},
		get interactiveUsers() {
			return users("interactive");
		},
		get lastUseMs() {
			return rights.lastUseMs;
		},
		get lastLiveUseMs() {
			return rights.lastLiveUseMs;
		},
		join(seeker) {
			rights.touch(seeker.use);
			if (loaded === null) waiting.add(seeker);
			else rights.grant(seeker, loaded);
		},
		withdraw: (seeker) => waiting.delete(seeker),
		async load() {
			const outcome = await loadWhatFits(engine, source, ladder, () => phase === "leaving");
			if (!outcome?.ok) return outcome;
			phase = "ready";
			loaded = outcome.value;
			for (const seeker of takeWaiting(() => true)) rights.grant(seeker, loaded);
			return outcome;
		},
		leave() {
			phase = "leaving";
			return takeWaiting(() => true);
		},
		callBack: rights.callBack,
		standDown() {
			isDue = true;
			const left = takeWaiting(({ use }) => use === "batch");
			rights.callBack();
			return left;
		},
		standUp() {
			isDue = false;
		},
		outdate() {
			isOutdated = true;
		},
	};
}

/** The first of the options that fit; else what the last of them came to. Null: it was given up. */
async function loadWhatFits(
	engine: Engine,
	source: ModelSource,
	[first, ...smaller]: Ladder,
	isGivenUp: () => boolean,
): Promise<Result<LoadedModel, LoadFailure> | null> {
	let outcome = await loadOnce(engine, source, first, isGivenUp);
	for (const options of smaller) {
		if (outcome === null || outcome.ok || outcome.error.kind !== "out-of-memory") break;
		outcome = await loadOnce(engine, source, options, isGivenUp);
	}
	return outcome;
}

async function loadOnce(
	engine: Engine,
	source: ModelSource,
	options: LoadOptions,
	isGivenUp: () => boolean,
): Promise<Result<LoadedModel, LoadFailure> | null> {
	for (let attempt = 1; ; attempt++) {
		const outcome = await engine.load(source, options);
		if (isGivenUp()) return null;
		if (outcome.ok || outcome.error.kind !== "process-died" || attempt === MOST_LOAD_ATTEMPTS) return outcome;
	}
}
