/**
 * Arithmetic of the week's strip: windows as spans of minutes, what each day's row shows of them, and what dragging and keys make of
 * them. Pure; times are the local ones people read off a clock, whatever clocks do in spring.
 */
import type { SettingsValues, Weekday } from "../../native/contract/contract.ts";

/** The windows of the week, by the day they begin on. */
export type Night = SettingsValues["night"];
/** From a time of day to another; over midnight where the second is not after the first. */
export type Window = Night["monday"][number];

/** Minutes of a day. */
export const DAY_MINUTES = 1_440;
/** What dragging and keys snap to. */
export const STEP_MINUTES = 15;
/** Windows that may begin on a day; the service refuses more. */
export const MOST_WINDOWS = 4;
/** As the strip shows them. */
export const weekFromMonday = [
	"monday",
	"tuesday",
	"wednesday",
	"thursday",
	"friday",
	"saturday",
	"sunday",
] as const satisfies readonly Weekday[];

/** A window as minutes: from 0 to 1,439 of the day it begins on, and 1 to 1,440 long. */
export interface Span {
	readonly startMinutes: number;
	readonly lengthMinutes: number;
}

/** What a day's row shows of a window: all of it, or the part before or after midnight. */
export interface Segment {
	/** The day it begins on, which may be the one before. */
	readonly day: Weekday;
	/** Its place among that day's windows. */
	readonly index: number;
	/** It began the day before. */
	readonly isTail: boolean;
	/** It goes on the day after. */
	readonly isHead: boolean;
	/** In the row. */
	readonly fromMinutes: number;
	readonly toMinutes: number;
}

/** Minutes since midnight of a time as the settings have it. */
export function minutesOf(time: string): number {
	const [hours = 0, minutes = 0] = time.split(":").map(Number);
	return hours * 60 + minutes;
}

/** A time as the settings have it, of minutes since any midnight. */
export function timeOf(minutes: number): string {
	const inDay = ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
	const two = (value: number): string => String(value).padStart(2, "0");
	return `${two(Math.floor(inDay / 60))}:${two(inDay % 60)}`;
}

/** A window as minutes. */
export function spanOf({ from, to }: Window): Span {
	const startMinutes = minutesOf(from);
	const length = minutesOf(to) - startMinutes;
	return { startMinutes, lengthMinutes: length > 0 ? length : length + DAY_MINUTES };
}

/** Minutes as a window. */
export function windowOf({ startMinutes, lengthMinutes }: Span): Window {
	return { from: timeOf(startMinutes), to: timeOf(startMinutes + lengthMinutes) };
}

/** What a day's row shows, earliest first. */
export function segmentsOf(night: Night, day: Weekday): readonly Segment[] {
	const before = dayBefore(day);
	const tails = night[before].flatMap((window, index): readonly Segment[] => {
		const { startMinutes, lengthMinutes } = spanOf(window);
		const rest = startMinutes + lengthMinutes - DAY_MINUTES;
		return rest <= 0 ? [] : [{ day: before, index, isTail: true, isHead: false, fromMinutes: 0, toMinutes: rest }];
	});
	const own = night[day].map((window, index): Segment => {
		const { startMinutes, lengthMinutes } = spanOf(window);
		const end = startMinutes + lengthMinutes;
		return {
			day,
			index,
			isTail: false,
			isHead: end > DAY_MINUTES,
			fromMinutes: startMinutes,
			toMinutes: Math.min(end, DAY_MINUTES),
		};
	});
	return [...tails, ...own].sort((one, other) => one.fromMinutes - other.fromMinutes);
}

/** The day before. */
export function dayBefore(day: Weekday): Weekday {
	const at = weekFromMonday.indexOf(day);
	return weekFromMonday[(at + weekFromMonday.length - 1) % weekFromMonday.length] ?? day;
}

/** The nearest step. */
export function snap(minutes: number): number {
	return Math.round(minutes / STEP_MINUTES) * STEP_MINUTES;
}

/** Which part of a window is taken hold of. */
export type Grip = "start" | "end" | "all";

/** A window after its edge, or all of it, went by so many minutes. It stays on the day it begins on and at least a step long. */
export function dragged({ startMinutes, lengthMinutes }: Span, grip: Grip, byMinutes: number): Span {
	switch (grip) {
		case "all":
			return { startMinutes: clamp(startMinutes + byMinutes, 0, DAY_MINUTES - STEP_MINUTES), lengthMinutes };
		case "end":
			return { startMinutes, lengthMinutes: clamp(lengthMinutes + byMinutes, STEP_MINUTES, DAY_MINUTES) };
		case "start": {
			const end = startMinutes + lengthMinutes;
			const least = Math.max(0, end - DAY_MINUTES);
			const most = Math.min(DAY_MINUTES - STEP_MINUTES, end - STEP_MINUTES);
			const start = clamp(startMinutes + byMinutes, least, Math.max(least, most));
			return { startMinutes: start, lengthMinutes: end - start };
		}
		default:
			return grip satisfies never;
	}
}

/** The window that is drawn from one minute of a row to another, in either direction; null: not yet a step long. */
export function drawn(fromMinutes: number, toMinutes: number): Span | null {
	const start = clamp(snap(Math.min(fromMinutes, toMinutes)), 0, DAY_MINUTES - STEP_MINUTES);
	const end = clamp(snap(Math.max(fromMinutes, toMinutes)), 0, DAY_MINUTES);
	return end - start < STEP_MINUTES ? null : { startMinutes: start, lengthMinutes: end - start };
}

/** A day's windows with one of them changed; null takes it away. */
export function withWindow(windows: readonly Window[], index: number, span: Span | null): readonly Window[] {
	return windows.flatMap((window, at) => (at === index ? (span === null ? [] : [windowOf(span)]) : [window]));
}

/** What is offered as a day's next window: the usual night, or an hour after the last one. */
export function nextWindow(windows: readonly Window[]): Window {
	const last = windows.at(-1);
	if (last === undefined) return { from: "23:00", to: "07:00" };
	const { startMinutes, lengthMinutes } = spanOf(last);
	return windowOf({ startMinutes: startMinutes + lengthMinutes, lengthMinutes: 60 });
}

/** The week with other windows on one day. */
export function withDay(night: Night, day: Weekday, windows: readonly Window[]): Night {
	return { ...night, [day]: windows };
}

/** A week on which every day has the windows of one. */
export function sameEveryDay(windows: readonly Window[]): Night {
	const own = windows.map(({ from, to }) => ({ from, to }));
	return {
		monday: own,
		tuesday: own,
		wednesday: own,
		thursday: own,
		friday: own,
		saturday: own,
		sunday: own,
	};
}

/** How many minutes of a week are in any window; overlapping ones count once. */
export function minutesAWeek(night: Night): number {
	return weekFromMonday.reduce((sum, day) => {
		let reached = 0;
		let covered = 0;
		for (const { fromMinutes, toMinutes } of segmentsOf(night, day)) {
			covered += Math.max(0, toMinutes - Math.max(reached, fromMinutes));
			reached = Math.max(reached, toMinutes);
		}
		return sum + covered;
	}, 0);
}

function clamp(value: number, least: number, most: number): number {
	return Math.min(Math.max(value, least), most);
}
