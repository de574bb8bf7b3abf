/** Figures, sizes, moments and durations as people read them, in the browser's language. Pure but for the language. */

const counts = new Intl.NumberFormat();
const decimals = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const percents = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** e.g. `12,345`. */
export function formatCount(value: number): string {
	return counts.format(value);
}

/** e.g. `41.3`; whole from a hundred on. */
export function formatRate(value: number): string {
	return value >= 100 ? counts.format(Math.round(value)) : decimals.format(value);
}

/** e.g. `37 %`, from 0 to 1. */
export function formatPercent(fraction: number): string {
	return percents.format(fraction);
}

const units = ["B", "kB", "MB", "GB", "TB"] as const;

/** e.g. `4.7 GB`, in powers of 1,000 as file managers have it. */
export function formatBytes(bytes: number): string {
	let value = bytes;
	let unit = 0;
	while (value >= 999.5 && unit < units.length - 1) {
		value /= 1_000;
		unit++;
	}
	return `${unit === 0 || value >= 99.95 ? counts.format(Math.round(value)) : decimals.format(value)} ${units[unit]}`;
}

/** e.g. `42 s`, `3 min`, `2 h 5 min`, `3 days`. */
export function formatDuration(durationMs: number): string {
	if (durationMs < MINUTE_MS) return `${Math.max(0, Math.round(durationMs / SECOND_MS))} s`;
	if (durationMs < HOUR_MS) return `${Math.round(durationMs / MINUTE_MS)} min`;
	if (durationMs < 2 * DAY_MS) {
		const minutes = Math.round((durationMs % HOUR_MS) / MINUTE_MS);
		return `${Math.floor(durationMs / HOUR_MS)} h${minutes === 0 ? "" : ` ${minutes} min`}`;
	}
	return `${Math.round(durationMs / DAY_MS)} days`;
}

/** A moment of Unix milliseconds: its time, with the day where that is not today. */
export function formatMoment(atMs: number, nowMs: number = Date.now()): string {
	const at = new Date(atMs);
	const time = at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
	if (at.toDateString() === new Date(nowMs).toDateString()) return time;
	const isNear = Math.abs(atMs - nowMs) < 6 * DAY_MS;
	const day = at.toLocaleDateString(undefined, isNear ? { weekday: "short" } : { dateStyle: "medium" });
	return `${day} ${time}`;
}
