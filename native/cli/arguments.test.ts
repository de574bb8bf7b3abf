import { expect, test } from "vitest";
import { duration, linesAfterFile, moment, percentOrNever } from "./arguments.ts";

const NOON_MS = new Date(2026, 10, 21, 12, 0).getTime();
const secondsOf = (...parts: [number, number, number, number, number]) => new Date(...parts).getTime() / 1_000;

test("a time of day is the next one, a duration counts from now, a date is itself", () => {
	expect(moment("22:30", NOON_MS)).toBe(secondsOf(2026, 10, 21, 22, 30));
	expect(moment("7:05", NOON_MS)).toBe(secondsOf(2026, 10, 22, 7, 5));
	expect(moment("12:00", NOON_MS)).toBe(secondsOf(2026, 10, 22, 12, 0));
	expect(moment("+90m", NOON_MS)).toBe(secondsOf(2026, 10, 21, 13, 30));
	expect(moment("2026-12-01T08:00", NOON_MS)).toBe(secondsOf(2026, 11, 1, 8, 0));
	expect(moment("2026-12-01", NOON_MS)).toBe(secondsOf(2026, 11, 1, 0, 0));
});

test.each(["24:00", "soon", "", "+2 weeks", "12", "tomorrow"])("%j is no time", (text) => {
	expect(() => moment(text, NOON_MS)).toThrow(/takes a time/);
});

test("a share may be never", () => {
	expect(percentOrNever("never")).toBe("never");
	expect(percentOrNever("1")).toBe(1);
	for (const text of ["0", "101", "1.5", "", "always"]) expect(() => percentOrNever(text)).toThrow(/or never/);
});

test("a duration is checked and stays as it was written", () => {
	expect(["90m", "24h", "3d"].map(duration)).toEqual(["90m", "24h", "3d"]);
	for (const text of ["", "1", "h", "1w", "366d"]) expect(() => duration(text)).toThrow(/365d/);
});

test("a file taken for a number of lines is told where it belongs", () => {
	expect(linesAfterFile("7")).toBe(7);
	expect(() => linesAfterFile("tickets.jsonl")).toThrow(/Put the file before it/);
	expect(() => linesAfterFile("101")).toThrow(/from 1 to 100/);
});
