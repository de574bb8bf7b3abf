import fc from "fast-check";
import { expect, test } from "vitest";
import { completionWindowSchema } from "../contract/contract.ts";
import { durationInWords, parseDuration, timeInWords } from "./duration.ts";

test("reads whole numbers of seconds, minutes, hours and days", () => {
	expect(["45s", "90m", "24h", "3d", "365d"].map(parseDuration)).toEqual([
		45_000, 5_400_000, 86_400_000, 259_200_000, 31_536_000_000,
	]);
});

test("refuses what is no duration, and more than a year", () => {
	for (const text of ["", "24", "h", "0h", "-1h", "1.5h", "1 h", "1H", "1w", "366d", "8761h", "9999999999s", "1h "]) {
		expect(parseDuration(text), text).toBeNull();
	}
});

test("whatever it reads, the wire's schema takes too", () => {
	fc.assert(
		fc.property(fc.stringMatching(/^\d{1,10}[smhdw]$/), (text) => {
			if (parseDuration(text) !== null) expect(completionWindowSchema.safeParse(text).success).toBe(true);
		}),
	);
});

test("tells durations in two units, rounded to the smaller, without an empty one", () => {
	const seconds = [0, 42, 59.6, 190, 3_599.7, 7_200, 7_500, 47 * 3_600 + 59 * 60 + 40, 172_800, 273_600];
	expect(seconds.map((second) => durationInWords(second * 1_000))).toEqual([
		"0 s",
		"42 s",
		"1 min",
		"3 min 10 s",
		"1 h",
		"2 h",
		"2 h 5 min",
		"2 days",
		"2 days",
		"3 days 4 h",
	]);
	expect(durationInWords(-5)).toBe("0 s");
});

test("a moment within a day is told by its time, a later one with its date", () => {
	const now = new Date(2026, 10, 21, 22, 0).getTime();
	const seconds = (...parts: [number, number, number, number, number]) => new Date(...parts).getTime() / 1_000;
	expect(timeInWords(seconds(2026, 10, 22, 5, 40), now)).toBe("05:40");
	expect(timeInWords(seconds(2026, 10, 23, 5, 40), now)).toBe("2026-11-23 05:40");
});
