/**
 * One model in memory, or on its way there or out: its engine and who uses it. Owns the users' rights. Must never decide when
 * it comes or goes.
 */
import { type Clock, err, ok, type Result } from "../base/base.ts";
import type { Engine, LoadedModel, LoadFailure, LoadOptions, ModelSource } from "./engine.ts";
import type { Seeker } from "./queue.ts";
import type { ModelUse } from "./residency.ts";
import type { Occupant } from "./room-plan.ts";

/** What a resident needs. */
export interface ResidentDeps {
	readonly source: ModelSource;
	readonly options: LoadOptions;
	readonly engine: Engine;
	readonly clock: Clock;
	/** A user let go of it. */
	readonly onReleased: () => void;
}

/** A model in memory. */
export interface Resident extends Occupant {
	readonly engine: Engine;
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
}

/**
 * Loads tried when the inference process dies on the way: somebody or the system killed it, which says nothing of the model. A
 * model that takes the process down itself does so each time and is given up after the last.
 */
const MOST_LOAD_ATTEMPTS = 5;

/** Live users are never called back. */
const NEVER = new AbortController().signal;

/** A model about to be loaded. */
export function createResident({ source, options, engine, clock, onReleased }: ResidentDeps): Resident {
	const leaving = new AbortController();
	const waiting = new Set<Seeker>();
	const held: Record<ModelUse, number> = { batch: 0, interactive: 0 };
	let phase: Occupant["phase"] = "loading";
	let loaded: LoadedModel | null = null;
	let lastUseMs = clock.monotonicMs();
	let lastLiveUseMs: number | null = null;

	const users = (use: ModelUse) => held[use] + [...waiting].filter((seeker) => seeker.use === use).length;
	const touch = (use: ModelUse): void => {
		lastUseMs = clock.monotonicMs();
		if (use === "interactive") lastLiveUseMs = lastUseMs;
	};
	const grant = ({ use, settle }: Seeker, model: LoadedModel): void => {
		held[use]++;
		let isReleased = false;
		const release = (): void => {
			if (isReleased) return;
			isReleased = true;
			held[use]--;
			touch(use);
			onReleased();
		};
		settle(ok({ engine, loaded: model, leaving: use === "batch" ? leaving.signal : NEVER, release }));
	};

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
		get batchUsers() {
			return users("batch");
		},
		get interactiveUsers() {
			return users("interactive");
		},
		get lastUseMs() {
			return lastUseMs;
		},
		get lastLiveUseMs() {
			return lastLiveUseMs;
		},
		join(seeker) {
			touch(seeker.use);
			if (loaded === null) waiting.add(seeker);
			else grant(seeker, loaded);
		},
		withdraw: (seeker) => waiting.delete(seeker),
		async load() {
			for (let attempt = 1; ; attempt++) {
				const outcome = await engine.load(source, options);
				if (phase === "leaving") return null;
				if (outcome.ok) {
					phase = "ready";
					loaded = outcome.value;
					for (const seeker of waiting) {
						waiting.delete(seeker);
						grant(seeker, loaded);
					}
					return outcome;
				}
				if (outcome.error.kind !== "process-died" || attempt === MOST_LOAD_ATTEMPTS) return err(outcome.error);
			}
		},
		leave() {
			phase = "leaving";
			const left = [...waiting];
			waiting.clear();
			return left;
		},
		callBack: () => leaving.abort(),
	};
}
