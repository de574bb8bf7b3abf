import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { nightOf, nightSpent } from "./night.ts";

const HOUR_MS = 3_600_000;
const ownZone = process.env.TZ;

afterEach(() => {
	if (ownZone === undefined) delete process.env.TZ;
	else process.env.TZ = ownZone;
});

/** Bounds of the night that a local time lies in, as hours from midnight UTC of that day. */
function hoursOfNight(zone: string, utc: string): readonly number[] {
	process.env.TZ = zone;
	const { fromMs, toMs } = nightOf(Date.parse(utc));
	const midnightMs = Date.parse(`${utc.slice(0, 10)}T00:00:00Z`);
	return [(fromMs - midnightMs) / HOUR_MS, (toMs - midnightMs) / HOUR_MS];
}

describe("a night", () => {
	test("goes from noon to noon: before noon it began yesterday, from noon on it begins", () => {
		expect(hoursOfNight("UTC", "2026-11-21T03:00:00Z")).toEqual([-12, 12]);
		expect(hoursOfNight("UTC", "2026-11-21T11:59:59Z")).toEqual([-12, 12]);
		expect(hoursOfNight("UTC", "2026-11-21T12:00:00Z")).toEqual([12, 36]);
	});

	test("is that of the local clock", () => {
		expect(hoursOfNight("Asia/Kolkata", "2026-11-21T12:00:00Z")).toEqual([6.5, 30.5]);
	});

	test("is an hour shorter or longer when the clocks change in it", () => {
		expect(hoursOfNight("Europe/Berlin", "2026-03-29T02:30:00Z")).toEqual([-13, 10]);
		expect(hoursOfNight("Europe/Berlin", "2026-10-25T02:30:00Z")).toEqual([-14, 11]);
	});

	test("holds its moment, in every zone and at every time, and the next one begins at its end", () => {
		const zones = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu"];
		const time = fc.integer({ min: Date.parse("2011-01-01"), max: Date.parse("2030-01-01") });
		fc.assert(
			fc.property(fc.constantFrom(...zones), time, (zone, nowMs) => {
				process.env.TZ = zone;
				const { fromMs, toMs } = nightOf(nowMs);
				expect(fromMs <= nowMs && nowMs < toMs).toBe(true);
				expect(toMs - fromMs).toBeGreaterThanOrEqual(22 * HOUR_MS);
				expect(nightOf(toMs).fromMs).toBe(toMs);
				expect(nightOf(fromMs)).toEqual({ fromMs, toMs });
			}),
			{ examples: [["Pacific/Apia", Date.parse("2011-12-30T10:30:00Z")]] },
		);
	});
});

describe("the night's budget", () => {
	const night = { fromMs: 10 * HOUR_MS, toMs: 34 * HOUR_MS };
	const none = { nightTokens: null, nightMinutes: null };
	const minute = (atMs: number, outputTokens: number) => ({ atMs, outputTokens });
	const stint = (fromHour: number, toHour: number) => ({ fromMs: fromHour * HOUR_MS, toMs: toHour * HOUR_MS });

	test("without one it is never used up", () => {
		const work = { minutes: [minute(night.fromMs, 1e12)], stints: [stint(10, 34)] };
		expect(nightSpent(night, work, none)).toBeNull();
	});

	test("counts the tokens of this night only", () => {
		const budget = { ...none, nightTokens: 1_000 };
		const before = minute(night.fromMs - 60_000, 5_000);
		const after = minute(night.toMs, 5_000);
		const work = { minutes: [before, minute(night.fromMs, 600), after], stints: [] };
		expect(nightSpent(night, work, budget)).toBeNull();
		const more = { ...work, minutes: [...work.minutes, minute(night.toMs - 60_000, 400)] };
		expect(nightSpent(night, more, budget)).toContain("1,000 output tokens");
	});

	test("counts of a stint what lies in this night", () => {
		const budget = { ...none, nightMinutes: 90 };
		expect(nightSpent(night, { minutes: [], stints: [stint(5, 11), stint(2, 3)] }, budget)).toBeNull();
		const work = { minutes: [], stints: [stint(5, 11), stint(33.5, 40)] };
		expect(nightSpent(night, work, budget)).toContain("1 h 30 min");
	});
});
