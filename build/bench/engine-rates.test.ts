import { expect, test } from "vitest";
import { parseOptions } from "./engine-options.ts";
import { ratio, rawLinesPerSecond, spread } from "./engine-rates.ts";
import { benchCases, ticketText } from "./tickets.ts";

test("the median of an even number of figures lies between the middle two", () => {
	expect(spread([4, 1, 3, 2])).toEqual({ min: 1, median: 2.5, max: 4 });
	expect(spread([7])).toEqual({ min: 7, median: 7, max: 7 });
});

test("a ratio compares medians, and is missing where a side is", () => {
	expect(ratio(spread([9, 10, 30]), spread([8, 8, 8]))).toBe(1.25);
	expect(ratio(spread([9]), null)).toBeNull();
});

test("the raw ceiling pays a prefill and one step less than it generates tokens", () => {
	const run = { sequences: 8, promptTokens: 60, generatedTokens: 4, promptSeconds: 1, generateSeconds: 4 };
	expect(rawLinesPerSecond(run)).toBe(2);
	expect(rawLinesPerSecond({ ...run, generatedTokens: 1 })).toBe(8);
});

test("no two tickets are the same or begin with the same five letters", () => {
	const texts = Array.from({ length: 20_000 }, (_, number) => ticketText(number));
	expect(new Set(texts.map((text) => text.slice(0, 5))).size).toBe(texts.length);
});

test("no line comes twice, in any case or round", () => {
	const users = benchCases(true).flatMap((benchCase) =>
		[1, 2, 900].flatMap((round) => benchCase.lines(round, 100).map((line) => line.user.slice(0, 5))),
	);
	expect(new Set(users).size).toBe(users.length);
});

test("a wrong command line is answered with what is wrong and the usage", () => {
	expect(parseOptions(["--lanes", "many"])).toMatchObject({ ok: false, error: expect.stringContaining("--lanes") });
	expect(parseOptions(["--nonsense"])).toMatchObject({ ok: false, error: expect.stringContaining("--quick") });
	expect(parseOptions(["--quick", "--threads", "2"])).toMatchObject({ ok: true, value: { rounds: 1, threads: 2 } });
});
