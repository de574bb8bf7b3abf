import fc from "fast-check";
import { expect, test } from "vitest";
import { settingsSchema, type Weekday, weekdays } from "../../contract/contract.ts";
import { isNight, nextBoundary, nextNight } from "./hours.ts";

// A place whose clocks go from 02:00 to 03:00 on 29 March 2026 and from 03:00 back to 02:00 on 25 October.
process.env.TZ = "Europe/Berlin";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const never = { sunday: [], monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [] };
const usual = settingsSchema.parse({}).night;

/** Windows on one weekday only. */
function only(day: Weekday, from: string, to: string) {
	return { ...never, [day]: [{ from, to }] };
}

function utc(text: string): number {
	return Date.parse(`${text}Z`);
}

test("this test sees the clocks change", () => {
	expect(new Date(2026, 0, 1).getTimezoneOffset()).toBe(-60);
	expect(new Date(2026, 6, 1).getTimezoneOffset()).toBe(-120);
});

test("without windows it is never night, and nothing changes that", () => {
	const now = utc("2026-01-14T23:30");
	expect([isNight(now, never), nextBoundary(now, never), nextNight(now, never)]).toEqual([false, null, null]);
});

test("with a window from and to the same time on every day it is always night", () => {
	const always = Object.fromEntries(weekdays.map((day) => [day, [{ from: "04:00", to: "04:00" }]]));
	const night = { ...never, ...always };
	const now = utc("2026-03-28T12:00");
	expect([isNight(now, night), nextBoundary(now, night), nextNight(now, night)]).toEqual([true, null, null]);
});

test("windows that overlap or touch are one", () => {
	const night = {
		...never,
		monday: [
			{ from: "20:00", to: "23:00" },
			{ from: "22:00", to: "01:00" },
		],
		tuesday: [{ from: "01:00", to: "02:00" }],
	};
	expect(nextBoundary(utc("2026-01-12T20:00"), night)).toBe(utc("2026-01-13T01:00"));
});

test("by night the next night is that of the next day", () => {
	expect(nextNight(utc("2026-01-14T23:30"), usual)).toBe(utc("2026-01-15T22:00"));
});

test("a window of one weekday a week away is still found", () => {
	const night = only("monday", "09:00", "10:00");
	expect(nextBoundary(utc("2026-01-12T09:00"), night)).toBe(utc("2026-01-19T08:00"));
});

test("where the clocks leave out the beginning, the window begins when they do", () => {
	const night = only("sunday", "02:30", "06:00");
	const change = utc("2026-03-29T01:00");
	expect(nextBoundary(change - HOUR_MS, night)).toBe(change);
	expect([isNight(change - 1, night), isNight(change, night)]).toEqual([false, true]);
	expect(nextBoundary(change, night)).toBe(utc("2026-03-29T04:00"));
});

test("where the clocks leave out the end, the window ends when they do", () => {
	expect(nextBoundary(utc("2026-03-29T00:30"), only("saturday", "23:00", "02:15"))).toBe(utc("2026-03-29T01:00"));
});

test("a window that the clocks leave out is not there that day", () => {
	const night = only("sunday", "02:10", "02:50");
	expect(nextBoundary(utc("2026-03-29T00:00"), night)).toBe(utc("2026-04-05T00:10"));
});

test("a night on which the clocks go back is an hour longer, one on which they go forward an hour shorter", () => {
	const begin = (text: string) => nextBoundary(utc(text), usual) ?? 0;
	const lengthMs = (text: string) => (nextBoundary(begin(text), usual) ?? 0) - begin(text);
	expect([lengthMs("2026-10-24T12:00"), lengthMs("2026-03-28T12:00")]).toEqual([9 * HOUR_MS, 7 * HOUR_MS]);
});

test("a time that comes twice means the first", () => {
	expect(nextBoundary(utc("2026-10-24T12:00"), only("sunday", "02:30", "04:00"))).toBe(utc("2026-10-25T00:30"));
});

const anyTime = fc
	.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
	.map(([hours, minutes]) => `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`);
const anyWindows = fc.array(fc.record({ from: anyTime, to: anyTime }), { maxLength: 2 });
const anyNight = fc.record({
	sunday: anyWindows,
	monday: anyWindows,
	tuesday: anyWindows,
	wednesday: anyWindows,
	thursday: anyWindows,
	friday: anyWindows,
	saturday: anyWindows,
});
/** Moments around both changes of the clocks, and anywhere. */
const anyMoment = fc.oneof(
	fc.integer({ min: -2 * DAY_MS, max: 2 * DAY_MS }).map((ms) => utc("2026-03-29T01:00") + ms),
	fc.integer({ min: -2 * DAY_MS, max: 2 * DAY_MS }).map((ms) => utc("2026-10-25T01:00") + ms),
	fc.integer({ min: utc("2026-01-01T00:00"), max: utc("2027-12-31T00:00") }),
);

test("nothing changes before the next boundary, and something does at it", () => {
	fc.assert(
		fc.property(
			anyMoment,
			anyNight,
			fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
			(now, night, parts) => {
				const boundary = nextBoundary(now, night);
				const isNow = isNight(now, night);
				const endMs = boundary ?? now + 8 * DAY_MS;
				expect(endMs).toBeGreaterThan(now);
				for (const part of [...parts, 0]) {
					expect(isNight(Math.min(Math.floor(now + (endMs - now) * part), endMs - 1), night)).toBe(isNow);
				}
				if (boundary !== null) {
					expect(isNight(boundary - 1, night)).toBe(isNow);
					expect(isNight(boundary, night)).toBe(!isNow);
				}
			},
		),
	);
});

test("the next night is the first boundary at which it becomes night", () => {
	fc.assert(
		fc.property(anyMoment, anyNight, (now, night) => {
			const first = nextBoundary(now, night);
			const begin = first !== null && isNight(now, night) ? nextBoundary(first, night) : first;
			const reached = begin !== null && begin <= now + 8 * DAY_MS ? begin : null;
			expect(nextNight(now, night)).toBe(reached);
		}),
	);
});
