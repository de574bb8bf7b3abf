import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Log, silentLog } from "../base/base.ts";
import { locate } from "../locations/locations.ts";
import { hostedUsd } from "./costs.ts";
import { createPrices, type Prices } from "./prices.ts";

let folder: string;
let pricesPath: string;
let warnings: string[];
let prices: Prices;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-prices-"));
	const { bundledPricesPath, ...locations } = locate(folder);
	pricesPath = locations.pricesPath;
	warnings = [];
	const log: Log = { ...silentLog, warn: (_fields, message) => warnings.push(message) };
	prices = createPrices({ bundledPricesPath, pricesPath, log });
});
afterEach(() => {
	rmSync(folder, { recursive: true, force: true });
});

function find(model: string) {
	return prices.current.prices.find((price) => price.model === model);
}

const own = (models: readonly object[]) => JSON.stringify({ as_of: "2026-11-20", models });

describe("the table that comes with the program", () => {
	test("has models of the three providers, each with a day and prices that could be", () => {
		const { prices: all, asOf } = prices.current;
		expect(new Set(all.map(({ provider }) => provider))).toEqual(new Set(["OpenAI", "Anthropic", "Google"]));
		expect(all.length).toBeGreaterThanOrEqual(12);
		for (const price of all) {
			expect(price.outputUsdPerMillion, price.model).toBeGreaterThan(price.inputUsdPerMillion);
			expect(price.inputUsdPerMillion, price.model).toBeGreaterThan(0);
			expect(price.asOf >= asOf, price.model).toBe(true);
		}
		expect(asOf).toBe("2026-09-26");
	});
});

describe("the owner's table", () => {
	test("replaces entries of the same provider and model, and adds others", () => {
		const before = prices.current.prices.length;
		writeFileSync(
			pricesPath,
			own([
				{
					provider: "openai",
					model: "GPT-4o-mini",
					input_usd_per_million_tokens: 7,
					output_usd_per_million_tokens: 8,
				},
				{
					provider: "Acme",
					model: "acme-1",
					input_usd_per_million_tokens: 1,
					output_usd_per_million_tokens: 2,
					as_of: "2020-01-01",
				},
			]),
		);
		expect(prices.current.prices).toHaveLength(before + 1);
		expect(find("gpt-4o-mini")).toBeUndefined();
		expect(find("GPT-4o-mini")).toMatchObject({ inputUsdPerMillion: 7, asOf: "2026-11-20" });
		expect(find("acme-1")).toMatchObject({ outputUsdPerMillion: 2, asOf: "2020-01-01" });
		expect(prices.current.asOf).toBe("2020-01-01");
		expect(warnings).toEqual([]);
	});

	test("is read again when it changes, and forgotten when it goes", () => {
		const bundled = prices.current;
		const entry = { provider: "Acme", model: "acme-1", output_usd_per_million_tokens: 2 };
		writeFileSync(pricesPath, own([{ ...entry, input_usd_per_million_tokens: 1 }]));
		expect(find("acme-1")?.inputUsdPerMillion).toBe(1);
		writeFileSync(pricesPath, own([{ ...entry, input_usd_per_million_tokens: 1.25 }]));
		expect(find("acme-1")?.inputUsdPerMillion).toBe(1.25);
		rmSync(pricesPath);
		expect(prices.current).toEqual(bundled);
	});

	test.each([
		["{", "It is not JSON"],
		["[]", "At the file as a whole"],
		[own([{ provider: "Acme", model: "a", input: 1, output_usd_per_million_tokens: 2 }]), "At models.0"],
		[
			own([{ provider: "Acme", model: "a", input_usd_per_million_tokens: -1, output_usd_per_million_tokens: 2 }]),
			"At models.0",
		],
		[`{"as_of":"2026-11-20","models":[],"pad":"${"x".repeat(1024 * 1024)}"}`, "It is larger than 1048576 bytes"],
	])("with a mistake changes nothing and is told of once: %.40s", (content, problem) => {
		const bundled = prices.current;
		writeFileSync(pricesPath, content);
		expect(prices.current).toEqual(bundled);
		expect(prices.current).toEqual(bundled);
		expect(warnings).toEqual([expect.stringContaining(`prices.json can't be used: ${problem}`)]);
	});
});

test("tokens are priced by the million, input and output apart", () => {
	const price = { provider: "Acme", model: "a", inputUsdPerMillion: 2, outputUsdPerMillion: 10, asOf: "2026-11-20" };
	expect(hostedUsd(price, 1_500_000, 200_000)).toBeCloseTo(5, 12);
});
