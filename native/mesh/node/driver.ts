/** Runs the core: hands it every event with its moment, and what it wants done to whoever does it. Decides nothing. */
import type { Clock } from "../../base/base.ts";
import { type CoreEvent, type CoreState, type Effect, step, TICK_MS } from "../core/core.ts";

/** An event whose moment the driver gives. */
export type Happening = CoreEvent extends infer Event ? (Event extends CoreEvent ? Omit<Event, "at"> : never) : never;

/** What drives a core. */
export interface Driver {
	readonly state: CoreState;
	/** Something happened. What comes of it is being done when this returns, unless it came of doing something else. */
	tell(happening: Happening): void;
	/** Begins to tick. */
	start(): void;
	stop(): void;
}

/** What a driver is made of. */
export interface DriverDeps {
	readonly core: CoreState;
	readonly clock: Clock;
	/** Does an effect; must not wait for anything. What it tells meanwhile has its turn afterwards. */
	perform(effect: Effect): void;
	/** Called after each event and its effects. */
	onStep(before: CoreState, after: CoreState): void;
}

/** A core that stands still until `start`. */
export function createDriver({ core, clock, perform, onStep }: DriverDeps): Driver {
	let state = core;
	let isBusy = false;
	let timer: NodeJS.Timeout | null = null;
	/** Told while something was being done. What one step can tell is a few, so that it stays short. */
	const told: Happening[] = [];

	function take(happening: Happening): void {
		const at = { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
		const before = state;
		const made = step(before, { ...happening, at });
		state = made.state;
		for (const effect of made.effects) perform(effect);
		onStep(before, state);
	}

	function tell(happening: Happening): void {
		told.push(happening);
		if (isBusy) return;
		isBusy = true;
		try {
			for (let next = told.shift(); next !== undefined; next = told.shift()) take(next);
		} finally {
			isBusy = false;
		}
	}

	return {
		get state() {
			return state;
		},
		tell,
		start() {
			timer ??= setInterval(() => tell({ kind: "tick" }), TICK_MS);
		},
		stop() {
			if (timer !== null) clearInterval(timer);
			timer = null;
		},
	};
}
