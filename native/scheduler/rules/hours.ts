/** The night window: local time, by the weekday it begins on. */
import { type SettingsValues, type Weekday, weekdays } from "../../contract/contract.ts";

type NightWindows = SettingsValues["night"];

/** From a moment to another, without the latter. */
interface Span {
	readonly fromMs: number;
	readonly toMs: number;
}

/** How far ahead boundaries are looked for: every weekday once more than a week from now. */
const DAYS_AHEAD = 8;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Whether it is inside the night window, in the time zone of this process. */
export function isNight(nowMs: number, night: NightWindows): boolean {
	// A window is a day long at most, so only those that began today or yesterday can hold this moment.
	return spans(nowMs, night, 0).some((span) => isWithin(nowMs, span));
}

/** When `isNight` changes next, Unix milliseconds; null: not within eight days. */
export function nextBoundary(nowMs: number, night: NightWindows): number | null {
	const nights = merged(spans(nowMs, night, DAYS_AHEAD + 1));
	const boundary =
		nights.find((span) => isWithin(nowMs, span))?.toMs ?? nights.find(({ fromMs }) => fromMs > nowMs)?.fromMs;
	return withinReach(nowMs, boundary);
}

/** When the next night window begins after this moment, Unix milliseconds; null: none does within eight days. */
export function nextNight(nowMs: number, night: NightWindows): number | null {
	const begin = merged(spans(nowMs, night, DAYS_AHEAD + 1)).find(({ fromMs }) => fromMs > nowMs)?.fromMs;
	return withinReach(nowMs, begin);
}

function withinReach(nowMs: number, momentMs: number | undefined): number | null {
	return momentMs === undefined || momentMs > nowMs + DAYS_AHEAD * DAY_MS ? null : momentMs;
}

function isWithin(momentMs: number, { fromMs, toMs }: Span): boolean {
	return momentMs >= fromMs && momentMs < toMs;
}

/** Windows that begin from yesterday on, in no order. */
function spans(nowMs: number, night: NightWindows, daysAhead: number): readonly Span[] {
	const today = new Date(nowMs);
	const found: Span[] = [];
	for (let daysOn = -1; daysOn <= daysAhead; daysOn++) {
		const day = new Date(today.getFullYear(), today.getMonth(), today.getDate() + daysOn, 12);
		for (const { from, to } of night[weekdayOf(day)]) {
			const span = { fromMs: momentOf(day, from, 0), toMs: momentOf(day, to, to > from ? 0 : 1) };
			// One that lies wholly in an hour the clocks leave out has no length.
			if (span.toMs > span.fromMs) found.push(span);
		}
	}
	return found;
}

/** The same time without gaps of no length: windows that overlap or touch are one. */
function merged(windows: readonly Span[]): readonly Span[] {
	const whole: Span[] = [];
	for (const span of [...windows].sort((one, other) => one.fromMs - other.fromMs)) {
		const last = whole.at(-1);
		if (last === undefined || span.fromMs > last.toMs) whole.push(span);
		else whole[whole.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
	}
	return whole;
}

function weekdayOf(day: Date): Weekday {
	// `Date` counts from Sunday too; the index is never out of range.
	return weekdays[day.getDay()] ?? "sunday";
}

/**
 * A time of day as a moment; one that comes twice means the first, one that the clocks leave out means the moment they do. `Date`
 * would take that one as far behind the gap as it lies in it.
 */
function momentOf(day: Date, timeOfDay: string, daysOn: number): number {
	const [hours = 0, minutes = 0] = timeOfDay.split(":").map(Number);
	const at = new Date(day.getFullYear(), day.getMonth(), day.getDate() + daysOn, hours, minutes);
	const isShifted = at.getHours() !== hours || at.getMinutes() !== minutes;
	return isShifted ? changeBefore(at.getTime()) : at.getTime();
}

/** The last moment before this one at which the clocks were changed, to the minute. */
function changeBefore(momentMs: number): number {
	const offset = offsetAt(momentMs);
	// No zone leaves out more than a day.
	let [before, after] = [momentMs - DAY_MS, momentMs];
	while (after - before > MINUTE_MS) {
		const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS;
		if (offsetAt(middle) === offset) after = middle;
		else before = middle;
	}
	return after;
}

function offsetAt(momentMs: number): number {
	return new Date(momentMs).getTimezoneOffset();
}
