import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Range, rangeSchema } from "../../contract/contract.ts";
import type { BatchRecord } from "../../ledger/ledger.ts";
import { sampleManifest } from "../../ledger/testing/manifest.ts";
import type { WorkForecast } from "../jobs.ts";
import { sampleBatch } from "../testing.ts";
import { type ForecastFacts, forecastBatch } from "./forecast.ts";

const nowMs = 1_000_000_000_000;
const HOUR_MS = 3_600_000;
const facts: ForecastFacts = {
	nowMs,
	permittedAtMs: null,
	running: null,
	history: null,
	sample: [],
	lanes: null,
};
const hourOfWork = { tokensPerSecond: 100, workedMs: HOUR_MS };
const usage = (inputTokens: number, outputTokens: number, cachedTokens = 0) => ({
	inputTokens,
	outputTokens,
	cachedTokens,
	reasoningTokens: 0,
});

/** 100 of 1,000 lines done, 40 tokens read and 10 written for each. */
function halfway(changes: Partial<BatchRecord> = {}): BatchRecord {
	return sampleBatch("one", {
		total: 1_000,
		completed: 98,
		failed: 2,
		usage: usage(4_000, 1_000),
		expiresAtMs: nowMs + HOUR_MS,
		...changes,
	});
}

/** 5 of 1,000 lines rehearsed in ten seconds, with the same tokens a line. */
function rehearsal(changes: Partial<BatchRecord> = {}): BatchRecord {
	const rehearsed = { lines: 5, failed: 0, inputTokens: 200, outputTokens: 50, durationMs: 10_000, atMs: nowMs };
	return halfway({ completed: 5, failed: 0, usage: usage(200, 50), isHeld: true, rehearsed, ...changes });
}

function forecast(batch: BatchRecord, changes: Partial<ForecastFacts> = {}): WorkForecast {
	const found = forecastBatch(batch, { ...facts, ...changes });
	if (found === null) throw new Error("There is no forecast.");
	return found;
}

/** Half of the range as a share of what is expected. */
function widthOf({ low, expected, high }: Range): number {
	return (high - low) / 2 / expected;
}

describe("tokens and time of the lines left", () => {
	test("begin when work is permitted, if that is known, and not before the batch may begin", () => {
		const plain = halfway();
		const at = (permittedAtMs: number | null, batch = plain) =>
			forecast(batch, { history: hourOfWork, permittedAtMs }).finish_at.expected - nowMs / 1_000;
		expect(at(null)).toBeCloseTo(450);
		expect(at(nowMs - HOUR_MS)).toBeCloseTo(450);
		expect(at(nowMs + HOUR_MS)).toBeCloseTo(3_600 + 450);
		const later = halfway({ manifest: sampleManifest({ notBeforeMs: nowMs + 2 * HOUR_MS }) });
		expect(at(nowMs + HOUR_MS, later)).toBeCloseTo(7_200 + 450);
		expect(forecast(plain, { history: hourOfWork, permittedAtMs: nowMs + HOUR_MS }).misses_deadline).toBe(true);
	});

	test("the window of a rehearsal begins when it is queued, permitted or not", () => {
		const held = rehearsal({ manifest: sampleManifest({ windowMs: HOUR_MS }) });
		const misses = (permittedAtMs: number | null) =>
			forecast(held, { history: hourOfWork, permittedAtMs }).misses_deadline;
		expect([misses(null), misses(nowMs + HOUR_MS)]).toEqual([false, true]);
	});

	test("are those of the lines done, at the measured speed", () => {
		const found = forecast(halfway(), { running: hourOfWork });
		expect(found).toMatchObject({ lines_left: 900, lines_done: 100, speed_from: "running", misses_deadline: false });
		expect(found.input_tokens_per_line.expected).toBe(40);
		expect(found.output_tokens.expected).toBe(9_000);
		expect(found.seconds.expected).toBeCloseTo(450);
		expect(found.finish_at.expected).toBeCloseTo(nowMs / 1_000 + 450);
		expect(found.deadline_at).toBe((nowMs + HOUR_MS) / 1_000);
	});

	test("do not count tokens that come from the cache as work", () => {
		const found = forecast(halfway({ usage: usage(4_000, 1_000, 3_000) }), { running: hourOfWork });
		expect(found.input_tokens.expected).toBe(36_000);
		expect(found.seconds.expected).toBeCloseTo(180);
	});

	test("begin when the batch may", () => {
		const notBeforeMs = nowMs + HOUR_MS / 2;
		const manifest = sampleManifest({ notBeforeMs });
		const found = forecast(halfway({ manifest }), { history: hourOfWork });
		expect(found.finish_at.expected).toBeCloseTo(notBeforeMs / 1_000 + 450);
	});

	test("miss the deadline if they are expected to end after it", () => {
		expect(forecast(halfway({ expiresAtMs: nowMs + 440_000 }), { running: hourOfWork }).misses_deadline).toBe(true);
		expect(forecast(halfway({ expiresAtMs: nowMs + 460_000 }), { running: hourOfWork }).misses_deadline).toBe(false);
	});

	test("are none once all lines are done", () => {
		const found = forecast(halfway({ completed: 998, expiresAtMs: nowMs - 1 }), { running: hourOfWork });
		expect(found).toMatchObject({ lines_left: 0, seconds: { low: 0, expected: 0, high: 0 }, misses_deadline: false });
	});
});

describe("the range", () => {
	test("follows the spread of the lines looked at", () => {
		const sample = (...outputs: number[]) => outputs.map((outputTokens) => ({ inputTokens: 40, outputTokens }));
		const steady = forecast(rehearsal(), { sample: sample(9, 10, 10, 10, 11) });
		const spread = forecast(rehearsal(), { sample: sample(1, 3, 6, 15, 25) });
		expect(widthOf(spread.output_tokens_per_line)).toBeGreaterThan(3 * widthOf(steady.output_tokens_per_line));
		// 2.132 standard errors of a mean of 5 with a deviation of 0.7071, and a little for the 995 to come.
		const error = Math.sqrt(1 / 5 + 1 / 995);
		expect(steady.output_tokens_per_line.high).toBeCloseTo(10 + 2.132 * Math.sqrt(0.5) * error);
		expect(steady.input_tokens_per_line.high).toBeCloseTo(40 * 1.03);
	});

	test("is 60 % to both sides after one line, and narrows with the square root of the lines", () => {
		const one = forecast(halfway({ completed: 1, failed: 0, usage: usage(40, 10) }), { history: hourOfWork });
		expect(one.output_tokens_per_line).toEqual({ low: 4, expected: 10, high: 16 });
		const hundred = forecast(halfway(), { history: hourOfWork });
		expect(widthOf(hundred.output_tokens_per_line)).toBeCloseTo(0.06);
	});

	test("stays wide where few lines are left that may be unlike the others", () => {
		const sample = [1, 3, 6, 15, 25].map((outputTokens) => ({ inputTokens: 40, outputTokens }));
		const many = forecast(halfway(), { sample, history: hourOfWork });
		const few = forecast(halfway({ total: 102 }), { sample, history: hourOfWork });
		expect(widthOf(few.output_tokens_per_line)).toBeGreaterThan(3 * widthOf(many.output_tokens_per_line));
	});
});

describe("the speed", () => {
	const running = { tokensPerSecond: 50, workedMs: 61_000 };

	test("is that of the running batch after a minute, before that of earlier work, then of the rehearsal", () => {
		const both = { running, history: hourOfWork };
		expect(forecast(rehearsal(), both)).toMatchObject({ speed_from: "running", tokens_per_second: { expected: 50 } });
		const early = { ...both, running: { ...running, workedMs: 60_000 } };
		expect(forecast(rehearsal(), early)).toMatchObject({ speed_from: "history", tokens_per_second: { expected: 100 } });
		expect(forecast(rehearsal(), { running: early.running }).speed_from).toBe("rehearsal");
		expect(forecast(halfway(), { running: early.running }).speed_from).toBe("running");
	});

	test("is not that of a little earlier work, which is mostly the rehearsal itself", () => {
		const little = { ...hourOfWork, workedMs: 20_000 };
		expect(forecast(rehearsal(), { history: little }).speed_from).toBe("rehearsal");
		expect(forecast(halfway(), { history: little }).speed_from).toBe("history");
	});

	test("of a batch that stands still is not taken for its speed", () => {
		const frozen = { running: { ...running, tokensPerSecond: 0 } };
		expect(forecast(halfway(), { ...frozen, history: hourOfWork }).speed_from).toBe("history");
		expect(forecastBatch(halfway(), { ...facts, ...frozen })).toBeNull();
	});

	test("of a rehearsal lies between what it was and what full lanes could make of it", () => {
		expect(forecast(rehearsal(), { lanes: 20 }).tokens_per_second).toEqual({ low: 25, expected: 50, high: 100 });
		expect(forecast(rehearsal(), { lanes: 4 }).tokens_per_second).toEqual({ low: 17.5, expected: 25, high: 32.5 });
		expect(forecast(rehearsal()).tokens_per_second.expected).toBe(25);
		expect(forecast(rehearsal({ usage: usage(200, 50, 100) })).tokens_per_second.expected).toBe(15);
	});

	test("of longer work is more certain", () => {
		const minute = forecast(halfway(), { history: { ...hourOfWork, workedMs: 240_000 } });
		expect(widthOf(minute.tokens_per_second)).toBeCloseTo(0.3);
		expect(widthOf(forecast(halfway(), { history: hourOfWork }).tokens_per_second)).toBeCloseTo(0.1);
	});
});

describe("a rehearsal that is not queued", () => {
	test("is forecast as if it were queued now, without a deadline yet", () => {
		const found = forecast(rehearsal({ expiresAtMs: nowMs + 1 }), { history: hourOfWork });
		expect(found).toMatchObject({ lines_left: 995, lines_done: 5, deadline_at: null, misses_deadline: false });
		const manifest = sampleManifest({ windowMs: 60_000 });
		expect(forecast(rehearsal({ manifest }), { history: hourOfWork }).misses_deadline).toBe(true);
	});

	test("whose results a retry took back is forecast by what they were", () => {
		const found = forecast(rehearsal({ completed: 0, usage: usage(0, 0) }));
		expect(found.output_tokens_per_line.expected).toBe(10);
		expect(found.lines_left).toBe(1_000);
	});
});

test("without a line that has run, or a speed, or an open batch there is no forecast", () => {
	const fresh = halfway({ completed: 0, failed: 0, usage: usage(0, 0) });
	expect(forecastBatch(fresh, { ...facts, history: hourOfWork })).toBeNull();
	expect(forecastBatch(halfway(), facts)).toBeNull();
	const known = { ...facts, history: hourOfWork };
	expect(forecastBatch(fresh, { ...known, sample: [{ inputTokens: 4, outputTokens: 2 }] })).not.toBeNull();
	expect(forecastBatch(halfway({ status: "completed" }), known)).toBeNull();
	expect(forecastBatch(halfway({ status: "validating" }), known)).toBeNull();
	const fault = { code: "", message: "", param: null, line: null };
	expect(forecastBatch(halfway({ givenUp: { fault, atMs: 1 } }), known)).toBeNull();
});

const tokens = fc.nat(1e7);
const speed = fc.option(
	fc.record({
		tokensPerSecond: fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => (value < 1e-3 ? 0 : value)),
		workedMs: fc.nat(1e9),
	}),
);
const anyCase = fc.record({
	total: fc.nat(1e6),
	done: fc.nat(1e6),
	inputTokens: tokens,
	cached: fc.double({ min: 0, max: 1, noNaN: true }),
	outputTokens: tokens,
	rehearsed: fc.option(
		fc.record({ lines: fc.nat(100), inputTokens: tokens, outputTokens: tokens, durationMs: tokens }),
	),
	isHeld: fc.boolean(),
	running: speed,
	history: speed,
	sample: fc.array(fc.record({ inputTokens: tokens, outputTokens: tokens }), { maxLength: 10 }),
	lanes: fc.option(fc.integer({ min: 1, max: 256 })),
});

test("whatever is known, no range is turned round, negative or endless", () => {
	fc.assert(
		fc.property(anyCase, (drawn) => {
			const batch = halfway({
				total: Math.max(drawn.total, drawn.done),
				completed: drawn.done,
				failed: 0,
				usage: usage(drawn.inputTokens, drawn.outputTokens, Math.floor(drawn.inputTokens * drawn.cached)),
				isHeld: drawn.isHeld,
				rehearsed: drawn.rehearsed && { ...drawn.rehearsed, failed: 0, atMs: 1 },
			});
			const found = forecastBatch(batch, { ...facts, ...drawn });
			if (found === null) return;
			const ranges = Object.values(found).flatMap((value) => {
				const range = rangeSchema.safeParse(value);
				return range.success ? [range.data] : [];
			});
			expect(ranges).toHaveLength(7);
			for (const { low, expected, high } of ranges) {
				expect(low).toBeGreaterThanOrEqual(0);
				expect(low).toBeLessThanOrEqual(expected * (1 + 1e-12));
				expect(expected).toBeLessThanOrEqual(high * (1 + 1e-12));
			}
		}),
		{ numRuns: 1_000 },
	);
});

test("the more lines are done, the narrower the range of the tokens of a line", () => {
	const sample = fc.array(fc.record({ inputTokens: tokens, outputTokens: tokens }), { maxLength: 10 });
	const count = fc.integer({ min: 1, max: 100_000 });
	fc.assert(
		fc.property(sample, count, count, (lines, one, other) => {
			const widths = [Math.min(one, other), Math.max(one, other)].map((done) => {
				const batch = halfway({ total: done + 1_000, completed: done, failed: 0, usage: usage(done * 40, done * 10) });
				return widthOf(forecast(batch, { sample: lines, history: hourOfWork }).output_tokens_per_line);
			});
			const [few = 0, many = 0] = widths;
			expect(many).toBeLessThanOrEqual(few + 1e-12);
		}),
	);
});
