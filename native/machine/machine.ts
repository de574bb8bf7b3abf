/**
 * What this computer is and how it does. So far only the power it draws under batch work. Owns looking at hardware; must never
 * decide anything, and never fail anybody because something can't be seen: what is unknown is an estimate that says so.
 */

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
