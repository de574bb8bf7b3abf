import fc from "fast-check";
import { expect, test } from "vitest";
import {
	DAY_MINUTES,
	dayBefore,
	dragged,
	drawn,
	type Grip,
	minutesAWeek,
	minutesOf,
	nextWindow,
	type Span,
	STEP_MINUTES,
	sameEveryDay,
	segmentsOf,
	spanOf,
	timeOf,
	type Window,
	weekFromMonday,
	windowOf,
	withDay,
	withWindow,
} from "./week.ts";

const never = sameEveryDay([]);
const usual = sameEveryDay([{ from: "23:00", to: "07:00" }]);

const anySpan = fc.record({
	startMinutes: fc.integer({ min: 0, max: DAY_MINUTES - 1 }),
	lengthMinutes: fc.integer({ min: 1, max: DAY_MINUTES }),
});
const anyWindow: fc.Arbitrary<Window> = anySpan.map(windowOf);
const anyNight = fc
	.array(fc.array(anyWindow, { maxLength: 4 }), { minLength: 7, maxLength: 7 })
	.map((days) => weekFromMonday.reduce((night, day, at) => withDay(night, day, days[at] ?? []), never));

test("a window over midnight shows on both days", () => {
	const night = withDay(never, "sunday", [{ from: "23:00", to: "07:00" }]);
	expect(segmentsOf(night, "sunday")).toEqual([
		{ day: "sunday", index: 0, isTail: false, isHead: true, fromMinutes: 1_380, toMinutes: 1_440 },
	]);
	expect(segmentsOf(night, "monday")).toEqual([
		{ day: "sunday", index: 0, isTail: true, isHead: false, fromMinutes: 0, toMinutes: 420 },
	]);
	expect(segmentsOf(night, "tuesday")).toEqual([]);
});

test("a window that ends at midnight leaves nothing for the day after", () => {
	const night = withDay(never, "monday", [{ from: "22:00", to: "00:00" }]);
	expect(segmentsOf(night, "monday")).toMatchObject([{ isHead: false, fromMinutes: 1_320, toMinutes: 1_440 }]);
	expect(segmentsOf(night, "tuesday")).toEqual([]);
});

test("a window from and to the same time is a whole day long", () => {
	expect(spanOf({ from: "04:00", to: "04:00" })).toEqual({ startMinutes: 240, lengthMinutes: DAY_MINUTES });
	expect(windowOf({ startMinutes: 240, lengthMinutes: DAY_MINUTES })).toEqual({ from: "04:00", to: "04:00" });
});

test("a window is the same as minutes and back", () => {
	fc.assert(
		fc.property(anySpan, (span) => {
			expect(spanOf(windowOf(span))).toEqual(span);
		}),
	);
});

test("times are the same as minutes and back", () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 1_439 }), (minutes) => {
			expect(minutesOf(timeOf(minutes))).toBe(minutes);
		}),
	);
	expect(timeOf(DAY_MINUTES + 5)).toBe("00:05");
});

test("rows show every minute of every window once", () => {
	fc.assert(
		fc.property(anyNight, (night) => {
			const shown = weekFromMonday.flatMap((day) => segmentsOf(night, day));
			const windows = weekFromMonday.flatMap((day) => night[day]);
			const sum = (lengths: readonly number[]): number => lengths.reduce((all, one) => all + one, 0);
			expect(sum(shown.map(({ fromMinutes, toMinutes }) => toMinutes - fromMinutes))).toBe(
				sum(windows.map((window) => spanOf(window).lengthMinutes)),
			);
			for (const { fromMinutes, toMinutes } of shown) {
				expect(0 <= fromMinutes && fromMinutes < toMinutes && toMinutes <= DAY_MINUTES).toBe(true);
			}
		}),
	);
});

test("the usual nights make 56 hours a week, and hours in two windows count once", () => {
	expect(minutesAWeek(usual)).toBe(56 * 60);
	const doubled = withDay(usual, "monday", [
		{ from: "23:00", to: "07:00" },
		{ from: "22:00", to: "01:00" },
	]);
	expect(minutesAWeek(doubled)).toBe(57 * 60);
	fc.assert(fc.property(anyNight, (night) => minutesAWeek(night) <= 7 * DAY_MINUTES));
});

test("the day before Monday is Sunday", () => {
	expect(weekFromMonday.map(dayBefore)).toEqual([
		"sunday",
		"monday",
		"tuesday",
		"wednesday",
		"thursday",
		"friday",
		"saturday",
	]);
});

test("dragging keeps a window on its day, a step to a day long, and its other end where it was", () => {
	const grips: readonly Grip[] = ["start", "end", "all"];
	const steps = fc.integer({ min: -200, max: 200 }).map((count) => count * STEP_MINUTES);
	const stepped = fc.record({
		startMinutes: fc.integer({ min: 0, max: 95 }).map((count) => count * STEP_MINUTES),
		lengthMinutes: fc.integer({ min: 1, max: 96 }).map((count) => count * STEP_MINUTES),
	});
	fc.assert(
		fc.property(stepped, fc.constantFrom(...grips), steps, (span: Span, grip, by) => {
			const after = dragged(span, grip, by);
			expect(after.startMinutes).toBeGreaterThanOrEqual(0);
			expect(after.startMinutes).toBeLessThan(DAY_MINUTES);
			expect(after.lengthMinutes).toBeGreaterThanOrEqual(STEP_MINUTES);
			expect(after.lengthMinutes).toBeLessThanOrEqual(DAY_MINUTES);
			const end = ({ startMinutes, lengthMinutes }: Span): number => startMinutes + lengthMinutes;
			if (grip === "start") expect(end(after)).toBe(end(span));
			if (grip === "end") expect(after.startMinutes).toBe(span.startMinutes);
			if (grip === "all") expect(after.lengthMinutes).toBe(span.lengthMinutes);
		}),
	);
});

test("hours are drawn in either direction, and less than a step is nothing", () => {
	expect(drawn(725, 899)).toEqual({ startMinutes: 720, lengthMinutes: 180 });
	expect(drawn(899, 725)).toEqual({ startMinutes: 720, lengthMinutes: 180 });
	expect(drawn(720, 725)).toBeNull();
	expect(drawn(1_380, 2_000)).toEqual({ startMinutes: 1_380, lengthMinutes: 60 });
});

test("a window is changed or taken away without touching the others", () => {
	const windows = [
		{ from: "01:00", to: "02:00" },
		{ from: "12:00", to: "13:00" },
	];
	expect(withWindow(windows, 1, { startMinutes: 720, lengthMinutes: 120 })).toEqual([
		{ from: "01:00", to: "02:00" },
		{ from: "12:00", to: "14:00" },
	]);
	expect(withWindow(windows, 0, null)).toEqual([{ from: "12:00", to: "13:00" }]);
});

test("the next window is the usual night, or the hour after the last", () => {
	expect(nextWindow([])).toEqual({ from: "23:00", to: "07:00" });
	expect(nextWindow([{ from: "22:30", to: "23:30" }])).toEqual({ from: "23:30", to: "00:30" });
});
