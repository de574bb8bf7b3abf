import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../base/base.ts";
import { type BatchHealth, nightReportSchema, settingsSchema, type Yield } from "../contract/contract.ts";
import type { WorkForecast } from "../jobs/jobs.ts";
import { sampleBatch } from "../jobs/testing.ts";
import { sampleManifest } from "../ledger/testing/manifest.ts";
import type { PowerReading } from "../machine/machine.ts";
import { createReports } from "./create-reports.ts";
import type { PriceTable } from "./prices.ts";
import type { Reports } from "./reports.ts";
import { type LedgerContent, rememberedLedger, sampleMinute, sampleStint, sampleYield } from "./testing.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Eight in the morning, and the night before it. */
const nowMs = new Date(2026, 10, 21, 8).getTime();
const noonMs = new Date(2026, 10, 20, 12).getTime();

const table: PriceTable = {
	asOf: "2026-10-07",
	prices: [
		{ provider: "Acme", model: "small", inputUsdPerMillion: 0.1, outputUsdPerMillion: 0.4, asOf: "2026-10-07" },
		{ provider: "Acme", model: "large", inputUsdPerMillion: 5, outputUsdPerMillion: 25, asOf: "2026-10-07" },
	],
};
const range = (expected: number) => ({ low: expected / 2, expected, high: expected * 2 });
const work: WorkForecast = {
	lines_left: 1_000,
	lines_done: 5,
	input_tokens_per_line: range(100),
	output_tokens_per_line: range(50),
	input_tokens: range(2_000_000),
	output_tokens: range(1_000_000),
	tokens_per_second: range(100),
	speed_from: "history",
	seconds: range(7_200),
	finish_at: range(1_800_000_000),
	deadline_at: null,
	misses_deadline: false,
};

let content: LedgerContent;
let yields: Yield[];
let healths: Map<string, BatchHealth>;
let price: number | null;
let power: PowerReading;
let now: number;
let reports: Reports;

beforeEach(() => {
	content = { batches: [], minutes: [], stints: [], notices: [] };
	yields = [];
	healths = new Map();
	price = null;
	power = { watts: 65, isMeasured: false, basis: "65 W estimated" };
	now = nowMs;
	const clock: Clock = { nowMs: () => now, monotonicMs: () => now };
	const values = settingsSchema.parse({});
	reports = createReports({
		ledger: rememberedLedger(content),
		jobs: {
			forecast: (id) => (id === "batch-a" ? work : null),
			health: (id) => healths.get(id) ?? { state: "on-time", words: "on time" },
		},
		power: {
			get reading() {
				return power;
			},
		},
		stepAside: {
			get yields() {
				return yields;
			},
		},
		settings: {
			get current() {
				return { ...values, energy: { ...values.energy, pricePerKilowattHour: price } };
			},
		},
		prices: { current: table },
		clock,
	});
});

describe("a forecast", () => {
	test("adds the energy at the present power, what it costs, and what hosted APIs take", () => {
		content.batches.push(sampleBatch("batch-a"));
		price = 0.3;
		expect(reports.forecast("batch-a")).toEqual({
			...work,
			energy: {
				kilowatt_hours: {
					low: expect.closeTo(0.065, 9),
					expected: expect.closeTo(0.13, 9),
					high: expect.closeTo(0.26, 9),
				},
				is_measured: false,
				basis: "65 W estimated",
				cost: {
					low: expect.closeTo(0.0195, 9),
					expected: expect.closeTo(0.039, 9),
					high: expect.closeTo(0.078, 9),
				},
				currency: "EUR",
			},
			hosted: [
				{ provider: "Acme", model: "large", usd: { low: 17.5, expected: 35, high: 70 } },
				{ provider: "Acme", model: "small", usd: { low: 0.3, expected: 0.6, high: 1.2 } },
			],
			prices_as_of: "2026-10-07",
		});
	});

	test("goes by what earlier work with the same model was measured to draw, and by nothing else", () => {
		const other = { name: "other", digest: "1".repeat(64) };
		content.batches.push(sampleBatch("batch-a"), sampleBatch("batch-b", { model: other }));
		content.stints.push(
			sampleStint(nowMs - 5 * HOUR_MS),
			sampleStint(nowMs - 4 * HOUR_MS, { wattHours: 100 }),
			sampleStint(nowMs - 3 * HOUR_MS, { wattHours: 900, isMeasured: false }),
			sampleStint(nowMs - 2 * HOUR_MS, { wattHours: 900, batchId: "batch-b" }),
		);
		expect(reports.forecast("batch-a")?.energy).toMatchObject({
			kilowatt_hours: { expected: expect.closeTo(0.4, 9) },
			is_measured: true,
			basis: "200 W, the mean of measured earlier work with this model",
			cost: null,
		});
	});

	test("is none where nothing is known of the work", () => {
		expect(reports.forecast("batch-z")).toBeNull();
	});
});

describe("the night report", () => {
	test("of a night without work says so", () => {
		expect(reports.lastNight()).toMatchObject({
			from: noonMs / 1000,
			to: nowMs / 1000,
			lines: 0,
			energy: { kilowatt_hours: 0, is_measured: false, basis: "nothing was worked on", cost: null },
			batches: [],
		});
	});

	test("its sums are those of the ledger, for work at any time and of any kind", () => {
		const minute = fc.record({
			offset: fc.integer({ min: -30 * 60, max: 30 * 60 }),
			batchId: fc.constantFrom("batch-a", "batch-b", "batch-gone"),
			lines: fc.nat(100),
			failed: fc.nat(5),
			retries: fc.nat(5),
			inputTokens: fc.nat(100_000),
			outputTokens: fc.nat(100_000),
		});
		const stint = fc.record({
			offset: fc.integer({ min: -40 * 60, max: 30 * 60 }),
			lastsMinutes: fc.integer({ min: 1, max: 1_000 }),
			wattHours: fc.double({ min: 0, max: 5_000, noNaN: true }),
			isMeasured: fc.boolean(),
		});
		fc.assert(
			fc.property(fc.array(minute), fc.array(stint), (minutes, stints) => {
				content.batches.splice(0, Infinity, sampleBatch("batch-a"), sampleBatch("batch-b"));
				content.minutes.splice(
					0,
					Infinity,
					...minutes.map(({ offset, ...figures }) => sampleMinute(noonMs + offset * MINUTE_MS, figures)),
				);
				content.stints.splice(
					0,
					Infinity,
					...stints.map(({ offset, lastsMinutes, ...figures }) => {
						const fromMs = noonMs + offset * MINUTE_MS;
						return sampleStint(fromMs, { ...figures, toMs: fromMs + lastsMinutes * MINUTE_MS });
					}),
				);
				const report = reports.lastNight();
				expect(nightReportSchema.parse(report)).toEqual(report);
				const inside = content.minutes.filter(({ atMs }) => atMs >= noonMs && atMs < nowMs);
				const sum = (pick: (one: (typeof inside)[number]) => number) =>
					inside.reduce((total, one) => total + pick(one), 0);
				expect(report.lines).toBe(sum(({ lines }) => lines));
				expect(report.failed).toBe(sum(({ failed }) => failed));
				expect(report.retries).toBe(sum(({ retries }) => retries));
				expect(report.input_tokens).toBe(sum(({ inputTokens }) => inputTokens));
				expect(report.output_tokens).toBe(sum(({ outputTokens }) => outputTokens));
				const named = report.batches.reduce((total, { lines }) => total + lines, 0);
				expect(named).toBe(sum(({ lines, batchId }) => (batchId === "batch-gone" ? 0 : lines)));
				let seconds = 0;
				let wattHours = 0;
				for (const one of content.stints) {
					for (let atMs = one.fromMs; atMs < one.toMs; atMs += MINUTE_MS) {
						if (atMs < noonMs || atMs >= nowMs) continue;
						seconds += 60;
						wattHours += (one.wattHours * MINUTE_MS) / (one.toMs - one.fromMs);
					}
				}
				expect(report.worked_seconds).toBeCloseTo(seconds, 6);
				expect(report.energy.kilowatt_hours).toBeCloseTo(wattHours / 1000, 6);
			}),
		);
	});

	test("energy is called measured only where all of it was, and says how else", () => {
		content.stints.push(sampleStint(noonMs));
		expect(reports.lastNight().energy).toMatchObject({
			is_measured: true,
			basis: "GPU by its sensor, the rest of the computer estimated",
		});
		content.stints.push(sampleStint(noonMs + HOUR_MS, { isMeasured: false }));
		price = 0.4;
		expect(reports.lastNight().energy).toEqual({
			kilowatt_hours: 0.6,
			is_measured: false,
			basis: "partly by the GPU's sensor, partly estimated",
			cost: expect.closeTo(0.24, 9),
			currency: "EUR",
		});
		content.stints.shift();
		expect(reports.lastNight().energy.basis).toBe("65 W estimated");
	});

	test("names what the tokens cost elsewhere, dearest first", () => {
		content.minutes.push(sampleMinute(noonMs, { inputTokens: 1_000_000, outputTokens: 1_000_000 }));
		expect(reports.lastNight()).toMatchObject({
			hosted: [
				{ provider: "Acme", model: "large", usd: 30 },
				{ provider: "Acme", model: "small", usd: 0.5 },
			],
			prices_as_of: "2026-10-07",
		});
	});

	test("counts the yields of the night by what asked for them", () => {
		const editor = { kind: "request", endpoint: "/v1/completions", client: "editor" } as const;
		yields.push(
			sampleYield(1, noonMs - 1),
			sampleYield(2, noonMs),
			sampleYield(3, noonMs + 1, { cause: editor, recomputedTokens: 7 }),
			sampleYield(4, noonMs + 2, { cause: editor, frozenMs: 500 }),
			sampleYield(5, nowMs),
		);
		expect(reports.lastNight().yields).toEqual({
			count: 3,
			frozen_seconds: 4.5,
			recomputed_tokens: 7,
			causes: [
				{ cause: editor, count: 2, frozen_seconds: 2.5 },
				{ cause: sampleYield(1, 0).cause, count: 1, frozen_seconds: 2 },
			],
		});
	});
});

describe("the batches of a night", () => {
	test("are those that were worked on or that people were told of, most lines first", () => {
		content.batches.push(...["a", "b", "c", "d"].map((name) => sampleBatch(`batch-${name}`)));
		content.minutes.push(sampleMinute(noonMs), sampleMinute(noonMs, { batchId: "batch-b", lines: 50 }));
		const notice = { kind: "failed", message: "" } as const;
		content.notices.push(
			{ ...notice, number: 3, atMs: noonMs - 1, batchId: "batch-d" },
			{ ...notice, number: 8, atMs: noonMs + 1, batchId: "batch-c" },
		);
		for (const _again of [1, 2]) {
			const { batches } = reports.lastNight();
			expect(batches.map(({ id, lines }) => [id, lines])).toEqual([
				["batch-b", 50],
				["batch-a", 10],
				["batch-c", 0],
			]);
		}
		now = noonMs - HOUR_MS;
		expect(reports.lastNight().batches.map(({ id }) => id)).toEqual([]);
		now = noonMs + HOUR_MS / 2;
		content.minutes.splice(0);
		expect(reports.lastNight().batches.map(({ id }) => id)).toEqual(["batch-d"]);
	});

	test("are without files that somebody tried and was refused: they were there to see it", () => {
		const rehearsal = { lines: 5, spread: false };
		const refused = { status: "failed", failedAtMs: noonMs + 1, inProgressAtMs: null } as const;
		content.batches.push(
			sampleBatch("tried", { ...refused, manifest: sampleManifest({ rehearsal }) }),
			sampleBatch("sent", refused),
		);
		for (const [index, batchId] of ["tried", "sent"].entries()) {
			content.notices.push({ kind: "failed", message: "", number: index + 1, atMs: noonMs + 1, batchId });
		}
		expect(reports.lastNight().batches.map(({ id }) => id)).toEqual(["sent"]);
	});

	test("that nobody fetched are named, however old, and no others", () => {
		const ended = { status: "completed", outputFileId: "file-out", completedAtMs: 5_000 } as const;
		const many = Array.from({ length: 450 }, (_, index) => sampleBatch(`batch-${index}`));
		content.batches.push(
			...many,
			sampleBatch("batch-fetched", { ...ended, collectedAtMs: 1 }),
			sampleBatch("batch-swept", { ...ended, resultsDroppedAtMs: 1 }),
			sampleBatch("batch-empty", { ...ended, outputFileId: null }),
			sampleBatch("batch-lonely", ended),
		);
		expect(reports.lastNight().uncollected).toEqual([
			{ id: "batch-lonely", filename: "file-input.jsonl", ended_at: 5 },
		]);
	});

	test("need somebody when they wait for a person, go wrong or went wrong unseen", () => {
		const states = { late: "late", stuck: "stuck", rehearsed: "rehearsed", idle: "waiting", fine: "on-time" } as const;
		for (const [name, state] of Object.entries(states)) {
			content.batches.push(sampleBatch(name));
			healths.set(name, { state, words: `it is ${name}` });
		}
		const pause = { message: "", atMs: 1 };
		content.batches.push(
			sampleBatch("held", { pause: { ...pause, cause: "user" } }),
			sampleBatch("runaway", { pause: { ...pause, cause: "runaway" } }),
			sampleBatch("seen", { status: "completed", collectedAtMs: 1 }),
			sampleBatch("unseen", { status: "completed" }),
			sampleBatch("older", { status: "failed" }),
		);
		for (const name of ["held", "runaway"]) healths.set(name, { state: "paused", words: `${name} pause` });
		for (const name of ["seen", "unseen", "older"]) healths.set(name, { state: "partial", words: "2 lines failed" });
		content.minutes.push(sampleMinute(noonMs, { batchId: "seen" }), sampleMinute(noonMs, { batchId: "unseen" }));
		expect(reports.lastNight().attention).toEqual([
			{ batch_id: "late", message: "it is late" },
			{ batch_id: "stuck", message: "it is stuck" },
			{ batch_id: "rehearsed", message: "it is rehearsed" },
			{ batch_id: "runaway", message: "runaway pause" },
			{ batch_id: "unseen", message: "2 lines failed" },
		]);
	});
});
