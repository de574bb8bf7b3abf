/** How much of the GPU's time batch work takes by day. */
import type { SettingsValues } from "../contract/contract.ts";

/** What the share goes by. */
export interface ShareFacts {
	readonly isNight: boolean;
	readonly day: SettingsValues["day"];
	/** What the GPU draws while batch work runs; null: it can't be told, or none runs. */
	readonly powerWatts: number | null;
}

/** Below this a batch would take forever, and the GPU's own idle power is most of what it draws. */
const LEAST_SHARE = 0.05;

/** So far below the limit the power is aimed at: sensors and work both waver. */
const AIM = 0.97;

/** Too much is taken back at once, but never more than half of it: one look may have met a peak. */
const MOST_DOWN = 0.5;

/** More is tried a little at a time: fans follow slowly, and people hear them. */
const MOST_UP = 0.02;
/** Part of what is missing to the aim that is tried at once. */
const UP_GAIN = 0.1;

/**
 * The part of the GPU's time that batch work takes at most from now on, 0.05 to 1, from the part before; to be asked at each look.
 * By night all of it. By day up to `gpuPercent`, and less while the GPU draws more than `gpuWatts`: the part is lowered until
 * it does not, and raised again slowly.
 */
export function nextShare(previous: number, { isNight, day, powerWatts }: ShareFacts): number {
	if (isNight) return 1;
	const ceiling = Math.max(day.gpuPercent / 100, LEAST_SHARE);
	if (day.gpuWatts === null || powerWatts === null) return ceiling;
	const share = Math.min(Math.max(previous, LEAST_SHARE), ceiling);
	const missing = 1 - powerWatts / (day.gpuWatts * AIM);
	const change = missing < 0 ? share * Math.max(missing, -MOST_DOWN) : Math.min(share * missing * UP_GAIN, MOST_UP);
	return Math.min(Math.max(share + change, LEAST_SHARE), ceiling);
}
