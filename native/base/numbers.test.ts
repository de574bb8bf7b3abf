import { expect, test } from "vitest";
import { formatBytes, formatCount } from "./numbers.ts";

test("sets the thousands of a count apart", () => {
	expect([0, 999, 1_204, 1_000_000].map(formatCount)).toEqual(["0", "999", "1,204", "1,000,000"]);
});

test("tells memory in the unit that reads best, with one decimal only where it says something", () => {
	const mebibyte = 2 ** 20;
	const amounts = [0, mebibyte / 4, 410 * mebibyte, 1_023.6 * mebibyte, 1_024 * mebibyte, 6.1 * 1_024 * mebibyte];
	expect(amounts.map(formatBytes)).toEqual(["0 MB", "0 MB", "410 MB", "1 GB", "1 GB", "6.1 GB"]);
	expect([9.97, 24, 23.6, 2_000].map((gigabytes) => formatBytes(gigabytes * 2 ** 30))).toEqual([
		"10 GB",
		"24 GB",
		"24 GB",
		"2,000 GB",
	]);
});

test("less than nothing is told as nothing", () => {
	expect(formatBytes(-1)).toBe("0 MB");
});
