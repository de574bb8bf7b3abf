/**
 * What this computer is and how it does: GPUs and who uses them, processor, memory, power, heat, and whether somebody sits before
 * it. Owns looking at hardware and at the desktop session, and the few things done to the computer itself (keeping it awake,
 * waking it). Must never decide anything, and never fail anybody because something can't be seen: what can't be told is null.
 *
 * Sources are in folders by platform; each is optional. Foreign function calls are in thin files with the C signatures and where
 * those come from, and nowhere else.
 */
import type { MachineSnapshot, PresenceReport } from "../contract/contract.ts";

/** How closely to look: `closely` while batch work may have to step aside, `seldom` while there is none. */
export type LookPace = "closely" | "seldom";

/** Looks at this computer now and then, and at once when a source has news. */
export interface Machine {
	/** The last look. Before the first one has ended, all that can be told is null. */
	readonly snapshot: MachineSnapshot;
	/** Calls the listener after every look. Answers a function that ends it. */
	watch(listener: (snapshot: MachineSnapshot) => void): () => void;
	/** Looks now; who asks while a look is under way gets the next one, so that it has seen everything from before the call. */
	look(): Promise<MachineSnapshot>;
	setPace(pace: LookPace): void;
	/** What the shell says; counts for `PRESENCE_VALID_MS`. */
	reportPresence(report: PresenceReport): void;
	/** Ends looking and lets go of libraries and connections. */
	stop(): Promise<void>;
}

/** Power and where the figure comes from. */
export interface PowerReading {
	readonly watts: number;
	/** True: a sensor told it. */
	readonly isMeasured: boolean;
	/** In words, e.g. `NVIDIA GeForce RTX 4090 by its sensor, 45 W estimated for the rest`. */
	readonly basis: string;
}

/** Energy between two moments. */
export interface EnergyReading {
	readonly wattHours: number;
	readonly isMeasured: boolean;
}

/** Counts energy while it runs. */
export interface EnergyCount {
	/** Energy since the last `take`, or the start. */
	take(): EnergyReading;
	end(): void;
}

/** Looks at the power this computer draws. Looks only while something counts. */
export interface PowerMeter {
	/** The last look, or the estimate where there was none yet. */
	readonly reading: PowerReading;
	count(): EnergyCount;
	stop(): void;
}

/** Keeps this computer awake. */
export interface Wakefulness {
	/**
	 * Keeps the computer from falling asleep by itself, until told false; the screen may go dark. Answers whether it can be
	 * held, and why not in words. Saying the same twice changes nothing.
	 */
	keepAwake(isWanted: boolean): Promise<WakeAnswer>;
	/** Has the computer wake at a moment, Unix milliseconds; null: never mind. Answers as `keepAwake`. */
	wakeAt(atMs: number | null): Promise<WakeAnswer>;
	/** Lets go of everything. */
	stop(): Promise<void>;
}

/** Whether a wish about sleep holds. */
export type WakeAnswer = { readonly kind: "done" } | { readonly kind: "impossible"; readonly message: string };
