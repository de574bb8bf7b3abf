import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { judgeMalformed } from "./malformed-testing.ts";

const MEBIBYTE = 1024 * 1024;

// Five sixths of the lines are malformed: 15,000 in the first five dialects.
test.each(["openai", "anthropic", "gemini", "vertex", "messages", "csv"] as const)(
	"of thousands of malformed lines of %s each is named with its number, no sound one is, and memory stays flat",
	async (format) => {
		setFlagsFromString("--expose-gc");
		const collect: () => void = runInNewContext("gc");
		const residentBefore = process.memoryUsage.rss();
		const judged = await judgeMalformed({ format, seed: 4, lines: 3_600, giantEvery: 55 }, collect);
		expect(judged.missed).toEqual([]);
		expect(judged.wronged).toEqual([]);
		expect(judged.malformed).toBe(3_000 - 1);
		// Far more than what memory may grow by: what is read is not kept.
		expect(judged.bytes).toBeGreaterThan(256 * MEBIBYTE);
		expect(judged.peakGrowthBytes).toBeLessThan(96 * MEBIBYTE);
		expect(process.memoryUsage.rss() - residentBefore).toBeLessThan(256 * MEBIBYTE);
	},
);
