import { describe, expect, it } from "vitest";
import { forecastFacts, formatEnergy, formatMoney, formatSeconds, hostedPrices } from "./forecast-words.ts";
import { forecast } from "./testing.ts";

describe("a forecast in words", () => {
	it("gives each figure with its width and where it comes from", () => {
		const facts = forecastFacts(forecast(), 0);
		expect(facts.find(({ name }) => name === "Work")).toEqual({
			name: "Work",
			value: "about 10 min",
			detail: "between 5 min and 20 min, by these few lines alone, so a rough guess",
		});
		expect(facts.find(({ name }) => name === "Lines left")?.value).toBe("95, and 5 done already");
	});

	it("leaves the width out where both ends read alike", () => {
		const same = { low: 600, expected: 600.2, high: 600.4 };
		expect(forecastFacts(forecast({ seconds: same }), 0).find(({ name }) => name === "Work")?.detail).toBe(
			"by these few lines alone, so a rough guess",
		);
	});

	it("compares with hosted prices, and leaves money out where the owner has set none", () => {
		const usd = (expected: number) => ({ low: expected / 2, expected, high: expected * 2 });
		const hosted = [
			{ provider: "OpenAI", model: "large", usd: usd(4) },
			{ provider: "OpenAI", model: "small", usd: usd(0.25) },
		];
		const energy = {
			kilowatt_hours: { low: 0.01, expected: 0.02, high: 0.04 },
			is_measured: false,
			basis: "an estimate",
			cost: null,
			currency: "EUR",
		};
		const facts = forecastFacts(forecast({ energy, hosted }), 0);
		expect(facts.find(({ name }) => name === "Energy")).toEqual({
			name: "Energy",
			value: "20 Wh",
			detail: "between 10 Wh and 40 Wh, an estimate",
		});
		expect(facts.find(({ name }) => name === "Elsewhere")).toEqual({
			name: "Elsewhere",
			value: expect.stringMatching(/^.*0\.25 to .*4\.00$/),
			detail: "from small to large, as a batch; prices of 2026-11-20",
		});
		expect(hostedPrices(forecast({ hosted })).map(({ name }) => name)).toEqual(["OpenAI small", "OpenAI large"]);
	});

	it("says nothing where nothing is left", () => {
		expect(forecastFacts(forecast({ lines_left: 0 }), 0)).toEqual([]);
	});
});

describe("figures", () => {
	it("are never rounded to nothing", () => {
		expect(formatEnergy(0.000_000_1)).toBe("less than 1 Wh");
		expect(formatEnergy(1.234)).toBe("1.23 kWh");
		expect(formatMoney(0.0001, "USD")).toMatch(/^less than .*0\.01$/);
		expect(formatMoney(0, "USD")).toMatch(/0\.00$/);
		expect(formatSeconds(0.42)).toBe("0.4 s");
	});
});
