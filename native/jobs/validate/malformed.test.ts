import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { judgeMalformed } from "./malformed-testing.ts";

const MEBIBYTE = 1024 * 1024;

test.each(["openai", "anthropic", "gemini", "vertex", "messages", "csv"] as const)(
	"every malformed line of %s is named with its number, every sound one is not, and memory stays flat",
	async (format) => {
		setFlagsFromString("--expose-gc");
		const collect: () => void = runInNewContext("gc");
		const judged = await judgeMalformed({ format, seed: 20_261_121, lines: 500, giantEvery: 125 }, collect);
		expect(judged.missed).toEqual([]);
		expect(judged.wronged).toEqual([]);
		expect(judged.malformed).toBeGreaterThan(400);
		expect(judged.bytes).toBeGreaterThan(10 * MEBIBYTE);
		expect(judged.peakGrowthBytes).toBeLessThan(64 * MEBIBYTE);
	},
);
