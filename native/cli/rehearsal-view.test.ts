import { expect, test } from "vitest";
import type { ForecastObject, RehearsedLine } from "../contract/contract.ts";
import { describeForecast, describeLine } from "./rehearsal-view.ts";

const time = (seconds: number) => `t${seconds}`;
const about = (low: number, expected: number, high: number) => ({ low, expected, high });
const line: RehearsedLine = {
	line: 3,
	custom_id: "ticket-3",
	request: {
		messages: [
			{ role: "system", content: "Label it." },
			{ role: "user", content: "My card was charged twice." },
		],
	},
	result: { response: {} },
	text: "billing",
	is_error: false,
	input_tokens: 40,
	output_tokens: 2,
	seconds: 1.25,
};
const forecast: ForecastObject = {
	lines_left: 1_995,
	lines_done: 5,
	input_tokens_per_line: about(90, 100, 110),
	output_tokens_per_line: about(2, 2, 2),
	input_tokens: about(179_550, 199_500, 219_450),
	output_tokens: about(3_990, 3_990, 3_990),
	tokens_per_second: about(50, 100, 200),
	speed_from: "rehearsal",
	seconds: about(1_000, 2_000, 4_000),
	finish_at: about(11_000, 12_000, 14_000),
	deadline_at: 11_500,
	misses_deadline: true,
	energy: {
		kilowatt_hours: about(0.02, 0.04, 0.08),
		is_measured: false,
		basis: "65 W estimated",
		cost: null,
		currency: "EUR",
	},
	hosted: [
		{ provider: "A", model: "big", usd: about(2, 3, 4) },
		{ provider: "B", model: "small", usd: about(0.1, 0.2, 0.3) },
	],
	prices_as_of: "2026-11-20",
};

test("a rehearsed line shows what was asked last and what came of it", () => {
	expect(describeLine(line)).toBe(
		"── line 3 (ticket-3), 40 + 2 tokens, 1.3 s\nMy card was charged twice.\n→ billing\n",
	);
});

test("a failed line shows the error, and long texts are cut", () => {
	const failed = { ...line, text: null, is_error: true, result: { response: { status_code: 400 } } };
	expect(describeLine(failed)).toContain('→ failed: {"response":{"status_code":400}}');
	const long = { ...line, text: "x".repeat(5_000) };
	expect(describeLine(long).length).toBeLessThan(600);
});

test.each([
	[{ contents: [{ role: "user", parts: [{ text: "Two" }, { text: "parts" }] }] }, "Two\nparts"],
	[{ messages: [{ role: "user", content: [{ type: "text", text: "A block" }] }] }, "A block"],
	[{ input: "Embed me" }, "Embed me"],
	[{ messages: [{ role: "user", content: [{ type: "image", source: {} }] }] }, '{"role":"user"'],
])("what was asked is found in %j", (request, shown) => {
	expect(describeLine({ ...line, request }).split("tokens, 1.3 s\n")[1]).toMatch(shown);
});

test("where nothing is left to run there is nothing to foretell", () => {
	expect(describeForecast({ ...forecast, lines_left: 0 }, time)).toBe("All lines are answered; none is left to run.");
});

test("a forecast tells lines, time with its range, the deadline, energy and what others would take", () => {
	expect(describeForecast(forecast, time).split("\n")).toEqual([
		"1,995 lines to run, 90 to 110 + 2 tokens a line",
		"Ready about t12000, between t11000 and t14000 (33 min 20 s of work; speed from the rehearsal alone)",
		"That is after its deadline, t11500.",
		"Energy 0.0200 to 0.0800 kWh (65 W estimated)",
		"Hosted batch APIs: 0.20 USD (small) to 3.00 USD (big), as of 2026-11-20",
	]);
});
