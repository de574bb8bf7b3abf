import { expect, test } from "vitest";
import type { NightReport } from "../../native/contract/contract.ts";
import {
	basisWords,
	countAsides,
	formatKilowattHours,
	formatMoney,
	isEmptyNight,
	savedUsd,
	splitAsides,
	splitHosted,
	sumDurationsMs,
	tokensPerSecond,
} from "./report-sums.ts";

const empty: NightReport = {
	from: 0,
	to: 0,
	lines: 0,
	failed: 0,
	retries: 0,
	input_tokens: 0,
	output_tokens: 0,
	worked_seconds: 0,
	energy: { kilowatt_hours: 0, is_measured: false, basis: "nothing was worked on", cost: null, currency: "EUR" },
	hosted: [],
	prices_as_of: "2026-10-07",
	yields: { count: 0, frozen_seconds: 0, recomputed_tokens: 0, causes: [] },
	batches: [],
	uncollected: [],
	attention: [],
};
const request = { kind: "request", endpoint: "/v1/chat/completions", client: "Zed" } as const;
const game = { kind: "stop", cause: "game", words: "Factorio fills the screen" } as const;

test("freezes and stops are told apart and added up each", () => {
	const { freezes, stops } = splitAsides({
		count: 17,
		frozen_seconds: 4_940,
		recomputed_tokens: 0,
		causes: [
			{ cause: request, count: 14, frozen_seconds: 140 },
			{ cause: game, count: 2, frozen_seconds: 4_800 },
			{ cause: { ...request, client: null }, count: 1, frozen_seconds: 0.5 },
		],
	});
	expect([countAsides(freezes), sumDurationsMs(freezes)]).toEqual([15, 140_500]);
	expect([countAsides(stops), sumDurationsMs(stops)]).toEqual([2, 4_800_000]);
});

test("a night is empty only where there is nothing to say of it", () => {
	expect(isEmptyNight(empty)).toBe(true);
	expect(isEmptyNight({ ...empty, worked_seconds: 3 })).toBe(false);
	expect(isEmptyNight({ ...empty, uncollected: [{ id: "batch_1", filename: null, ended_at: 1 }] })).toBe(false);
	expect(isEmptyNight({ ...empty, attention: [{ batch_id: "batch_1", message: "paused" }] })).toBe(false);
});

test("speed is told where there was work", () => {
	expect(tokensPerSecond({ ...empty, output_tokens: 600, worked_seconds: 30 })).toBe(20);
	expect(tokensPerSecond(empty)).toBeNull();
});

test("energy is taken off dollars only where it is priced in dollars", () => {
	const priced = (currency: string, cost: number | null) => ({ ...empty, energy: { ...empty.energy, currency, cost } });
	expect(savedUsd(priced("USD", 0.25), 1.5)).toBe(1.25);
	expect(savedUsd(priced("USD", 2), 1.5)).toBe(-0.5);
	expect(savedUsd(priced("EUR", 0.25), 1.5)).toBeNull();
	expect(savedUsd(priced("USD", null), 1.5)).toBeNull();
});

test("of a long price table both ends are shown", () => {
	const hosted = [5, 4, 3, 2, 1, 0.5].map((usd) => ({ provider: "p", model: `m${usd}`, usd }));
	const { shown, folded } = splitHosted(hosted);
	expect(shown.map(({ usd }) => usd)).toEqual([5, 4, 1, 0.5]);
	expect(folded.map(({ usd }) => usd)).toEqual([3, 2]);
	expect(splitHosted(hosted.slice(0, 4)).folded).toEqual([]);
});

test("small amounts are not told as none", () => {
	expect(formatMoney(0.004, "USD")).toBe("< $0.01");
	expect(formatMoney(0, "USD")).toBe("$0.00");
	expect(formatKilowattHours(0.0123)).toBe("0.0123");
	expect(formatKilowattHours(2.413)).toBe("2.41");
});

test("the name of a setting in its file is not for a screen", () => {
	expect(basisWords("65 W estimated for a laptop; energy.estimatedWatts sets it")).toBe("65 W estimated for a laptop");
	expect(basisWords("GPU by its sensor")).toBe("GPU by its sensor");
});
