import { expect, test } from "vitest";
import type { NightReport } from "../contract/contract.ts";
import { sampleNight } from "../reports/testing.ts";
import { describeNight } from "./report-view.ts";

const [sampleBatch] = sampleNight().batches;
const chat = { kind: "request", endpoint: "/v1/chat/completions", client: "curl" } as const;
const completion = { kind: "request", endpoint: "/v1/completions", client: null } as const;

function seconds(day: number, hour: number, minute: number): number {
	return new Date(2026, 10, day, hour, minute).getTime() / 1000;
}

test("a good night takes a few lines", () => {
	expect(describeNight(sampleNight())).toBe(`Night from 2026-11-20 12:00 to 2026-11-21 08:30

Lines    2,000 done, 0 failed, 0 retried; 2 h 3 min of work
Tokens   1,200,000 read, 300,000 written
Energy   0.62 kWh measured, 0.19 EUR (NVIDIA GeForce RTX 4090 by its sensor, 45 W estimated for the rest)
Saved    13.50 USD against OpenAI gpt-6-astra, 0.14 USD against OpenAI gpt-6-luna (batch prices of 2026-10-07, energy not taken off)
Yields   none

Batches  tickets.jsonl  2,000 lines  0 failed  done and collected
`);
});

test("a night without work says so, and still what waits for somebody", () => {
	const report = sampleNight({
		lines: 0,
		worked_seconds: 0,
		batches: [],
		uncollected: [{ id: "batch_7", filename: "letters.csv", ended_at: seconds(18, 23, 5) }],
		attention: [{ batch_id: "batch_8", message: "The model file is gone.\nPut it back." }],
	});
	expect(describeNight(report)).toBe(`Night from 2026-11-20 12:00 to 2026-11-21 08:30

Nothing was worked on.

Collect  letters.csv (batch_7), ended 2026-11-18 23:05

Look at  batch_8: The model file is gone. Put it back.
`);
});

test("failures, retries, yields, estimates and what needs somebody are all told", () => {
	const report = sampleNight({
		failed: 34,
		retries: 12,
		energy: {
			kilowatt_hours: 0.0812,
			is_measured: false,
			basis: "65 W estimated for a computer of unknown kind working on its processor; energy.estimatedWatts sets it",
			cost: 0.02,
			currency: "USD",
		},
		hosted: [
			{ provider: "OpenAI", model: "gpt-6-astra", usd: 1.5 },
			{ provider: "OpenAI", model: "gpt-6-luna", usd: 0.015 },
		],
		yields: {
			count: 5,
			frozen_seconds: 95,
			recomputed_tokens: 1_024,
			causes: [
				{ cause: chat, count: 4, frozen_seconds: 90 },
				{ cause: completion, count: 1, frozen_seconds: 5 },
			],
		},
		batches: [
			...(sampleBatch ? [{ ...sampleBatch, lines: 1_999, failed: 34 }] : []),
			{
				id: "batch_2",
				filename: null,
				status: "in_progress",
				health: { state: "late", words: "by forecast 2 h late" },
				model: "qwen",
				lines: 1,
				failed: 0,
				total: 10,
				completed: 1,
			},
		],
		uncollected: [{ id: "batch_3", filename: null, ended_at: seconds(21, 4, 0) }],
		attention: [{ batch_id: "batch_2", message: "by forecast 2 h late" }],
	});
	expect(describeNight(report)).toBe(`Night from 2026-11-20 12:00 to 2026-11-21 08:30

Lines    1,966 done, 34 failed, 12 retried; 2 h 3 min of work
Tokens   1,200,000 read, 300,000 written
Energy   0.0812 kWh estimated, 0.02 USD (65 W estimated for a computer of unknown kind working on its processor; energy.estimatedWatts sets it)
Saved    1.48 USD against OpenAI gpt-6-astra, below 0.01 USD lost against OpenAI gpt-6-luna (batch prices of 2026-10-07, energy taken off)
Yields   5, 1 min 35 s in all, 1,024 tokens computed twice
         4 for /v1/chat/completions of curl, 1 min 30 s
         1 for /v1/completions, 5 s

Batches  tickets.jsonl  1,999 lines  34 failed  done and collected
         batch_2             1 line   0 failed  by forecast 2 h late

Collect  batch_3, ended 2026-11-21 04:00

Look at  batch_2: by forecast 2 h late
`);
});

test("however much happened, 25 lines are enough, and they say what they leave out", () => {
	const many = Array.from({ length: 40 }, (_, index) => index);
	const report: NightReport = sampleNight({
		yields: {
			count: 40,
			frozen_seconds: 80,
			recomputed_tokens: 0,
			causes: many.map((index) => ({ cause: { ...chat, client: `client-${index}` }, count: 1, frozen_seconds: 2 })),
		},
		batches: many.flatMap((index) => (sampleBatch ? [{ ...sampleBatch, id: `batch_${index}` }] : [])),
		uncollected: many.map((index) => ({ id: `batch_${index}`, filename: "x".repeat(300), ended_at: seconds(1, 1, 1) })),
		attention: many.map((index) => ({ batch_id: `batch_${index}`, message: "m".repeat(1_000) })),
	});
	const lines = describeNight(report).trimEnd().split("\n");
	expect(lines).toHaveLength(25);
	const omissions = lines.map((line) => line.trim()).filter((line) => line.startsWith("and "));
	expect(omissions).toEqual(["and 39 more", "and 35 more", "and 38 more", "and 37 more"]);
	expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(190);
});
