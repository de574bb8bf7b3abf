const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Longest duration that can be asked for: a year. Beyond it somebody mistook the unit. */
const LONGEST_DURATION_MS = 365 * DAY_MS;

/** From here on days read better than hours: `47 h`, but `2 days`. */
const LEAST_IN_DAYS_MS = 2 * DAY_MS;

const unitsMs = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS } as const;

/** Milliseconds of a whole number and s, m, h or d: `90m`, `24h`, `3d`. Null: it is none, or more than a year. */
export function parseDuration(text: string): number | null {
	const [, digits, unit] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? [];
	if (digits === undefined || !isUnit(unit)) return null;
	const durationMs = Number(digits) * unitsMs[unit];
	return durationMs <= LONGEST_DURATION_MS ? durationMs : null;
}

/** A duration for people, to two units and the nearest of the smaller: `42 s`, `3 min 10 s`, `2 h`, `3 days 4 h`. */
export function durationInWords(durationMs: number): string {
	const seconds = Math.round(Math.max(durationMs, 0) / SECOND_MS);
	if (seconds < 60) return `${seconds} s`;
	if (seconds < 3_600) return twoUnits(seconds, 60, "min", "s");
	if (Math.round(durationMs / MINUTE_MS) * MINUTE_MS < LEAST_IN_DAYS_MS) {
		return twoUnits(Math.round(durationMs / MINUTE_MS), 60, "h", "min");
	}
	return twoUnits(Math.round(durationMs / HOUR_MS), 24, "days", "h");
}

function twoUnits(amount: number, perLarge: number, large: string, small: string): string {
	const rest = amount % perLarge;
	return `${Math.floor(amount / perLarge)} ${large}${rest === 0 ? "" : ` ${rest} ${small}`}`;
}

function isUnit(text: string | undefined): text is keyof typeof unitsMs {
	return text !== undefined && Object.hasOwn(unitsMs, text);
}

/** A moment of Unix seconds for people, in local time: the time alone within a day from `nowMs`, else with its date. */
export function timeInWords(seconds: number, nowMs: number): string {
	const at = new Date(seconds * SECOND_MS);
	const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
	return Math.abs(at.getTime() - nowMs) < DAY_MS ? time : `${at.toLocaleDateString("en-CA")} ${time}`;
}
