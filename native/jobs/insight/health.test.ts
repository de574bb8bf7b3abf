import { describe, expect, test } from "vitest";
import { exactly } from "../../base/base.ts";
import { type BatchHealth, batchHealthSchema } from "../../contract/contract.ts";
import type { BatchRecord, BatchStatus } from "../../ledger/ledger.ts";
import { sampleManifest } from "../../ledger/testing/manifest.ts";
import type { WorkForecast } from "../jobs.ts";
import { sampleBatch } from "../testing.ts";
import { describeHealth, type HealthFacts } from "./health.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const nowMs = 1_000 * HOUR_MS;

const idle: HealthFacts = {
	nowMs,
	inHandSinceMs: null,
	trouble: null,
	activity: "waiting for its turn",
	isElsewhere: false,
	forecast: null,
	lastResultAtMs: null,
	isFrozen: false,
	lastThawAtMs: null,
	lastShortAtMs: null,
	lineP95Ms: null,
	nightSpent: null,
	notPermitted: null,
	isStartKnown: true,
	shortage: null,
	formatTime: (seconds) => `hour ${seconds / 3_600 - 1_000}`,
};
const working: HealthFacts = {
	...idle,
	inHandSinceMs: nowMs - HOUR_MS,
	lastResultAtMs: nowMs - MINUTE_MS,
	activity: "working",
};
const game = "waiting: a game is in front";
const notPermitted: HealthFacts = { ...idle, notPermitted: game, isStartKnown: false, activity: game };
const elsewhere: HealthFacts = { ...notPermitted, isElsewhere: true, activity: "attic works on it" };
const shortFor = (minutes: number): HealthFacts => ({
	...working,
	lastResultAtMs: nowMs - 600 * MINUTE_MS,
	activity: "waiting: demo needs more memory than is free; next try hour 1",
	shortage: { model: "demo", forMs: minutes * MINUTE_MS, nextTryAtMs: nowMs + HOUR_MS, message: "It needs 90 GB." },
});
const rehearsed = { lines: 5, failed: 0, inputTokens: 5, outputTokens: 5, durationMs: 1_000, atMs: 1 };
const fault = { code: "bad", message: "The model is not here.", param: null, line: null };
const files = { outputFileId: "file-out", errorFileId: null };

function readyIn(hours: number): WorkForecast {
	return {
		lines_left: 3_796,
		lines_done: 1_204,
		input_tokens_per_line: exactly(1),
		output_tokens_per_line: exactly(1),
		input_tokens: exactly(1),
		output_tokens: exactly(1),
		tokens_per_second: exactly(1),
		speed_from: "running",
		seconds: exactly(hours * 3_600),
		finish_at: exactly((nowMs + hours * HOUR_MS) / 1_000),
		deadline_at: (nowMs + 10 * HOUR_MS) / 1_000,
		misses_deadline: hours > 10,
	};
}

function describeWith(changes: Partial<BatchRecord>, facts: HealthFacts = idle): BatchHealth {
	const counts = { total: 5_000, completed: 1_200, failed: 4, expiresAtMs: nowMs + 10 * HOUR_MS };
	return describeHealth(sampleBatch("one", { ...counts, ...changes }), facts);
}

const allDone = { completed: 5_000, failed: 0, ...files };

/** A batch of every state, how it does, and what the words say. */
const cases: readonly (readonly [string, Partial<BatchRecord>, HealthFacts, BatchHealth["state"], RegExp])[] = [
	["being checked", { status: "validating" }, { ...idle, activity: "checking every line" }, "checking", /^checking ev/],
	["waiting", {}, idle, "waiting", /^1,204 of 5,000 lines done, 4 failed, waiting for its turn$/],
	[
		"not to begin yet",
		{ manifest: sampleManifest({ notBeforeMs: nowMs + HOUR_MS }) },
		idle,
		"waiting",
		/before hour 1$/,
	],
	["of a spent night", {}, { ...idle, nightSpent: "The budget is used up." }, "waiting", /The budget is used up\.$/],
	["to be rehearsed", { isHeld: true }, { ...idle, forecast: readyIn(5) }, "waiting", /waiting for its turn$/],
	["being rehearsed", { isHeld: true }, working, "on-time", /rehearsing$/],
	[
		"rehearsed",
		{ isHeld: true, rehearsed },
		working,
		"rehearsed",
		/^5 lines rehearsed; queue it to run the other 3,796$/,
	],
	[
		"rehearsed badly",
		{ isHeld: true, rehearsed: { ...rehearsed, failed: 2 } },
		idle,
		"rehearsed",
		/, 2 of them failed;/,
	],
	[
		"on time",
		{ failed: 0 },
		{ ...working, forecast: readyIn(9) },
		"on-time",
		/^1,200 of 5,000 lines done, ready about hour 9$/,
	],
	["at work without a forecast", { failed: 0 }, working, "on-time", /^1,200 of 5,000 lines done$/],
	["loading", {}, { ...working, activity: "loading demo" }, "on-time", /loading demo$/],
	["not permitted", {}, notPermitted, "waiting", /^1,204 of 5,000 lines done, 4 failed, waiting: a game is in front$/],
	[
		"not permitted before a known moment",
		{ failed: 0 },
		{ ...notPermitted, isStartKnown: true, forecast: readyIn(9) },
		"waiting",
		/in front, ready about hour 9$/,
	],
	["not permitted for nobody knows how long", {}, { ...notPermitted, forecast: readyIn(9) }, "waiting", /in front$/],
	[
		"not permitted here, and worked on elsewhere",
		{},
		{ ...elsewhere, forecast: readyIn(9) },
		"on-time",
		/^1,204 of 5,000 lines done, 4 failed, attic works on it, ready about hour 9$/,
	],
	[
		"worked on elsewhere, and late",
		{},
		{ ...elsewhere, forecast: readyIn(12) },
		"late",
		/attic works on it, ready about/,
	],
	["not permitted while checked", { status: "validating" }, notPermitted, "checking", /^waiting: a game is in front$/],
	["not permitted and late", {}, { ...notPermitted, forecast: readyIn(12) }, "late", /a game is in front, ready about/],
	[
		"not permitted and paused",
		{ pause: { cause: "user", message: "By you.", atMs: 1 } },
		notPermitted,
		"paused",
		/By you/,
	],
	["not permitted to be rehearsed", { isHeld: true }, notPermitted, "waiting", /a game is in front$/],
	["short of memory", {}, shortFor(59), "waiting", /needs more memory than is free; next try hour 1$/],
	["short of memory and late", {}, { ...shortFor(59), forecast: readyIn(12) }, "late", /next try hour 1, ready about/],
	[
		"short of memory for long",
		{},
		shortFor(61),
		"stuck",
		/^stuck: demo has needed .* for 1 h 1 min \(It needs 90 GB\.\); next try hour 1\. Close .* done, 4 failed$/,
	],
	[
		"short of memory for long while checked",
		{ status: "validating" },
		shortFor(61),
		"stuck",
		/^stuck: demo has needed more memory .*smaller model/,
	],
	["short of memory for long and not permitted", {}, { ...shortFor(61), notPermitted: game }, "waiting", /next try/],
	["aside", {}, { ...working, isFrozen: true }, "on-time", /standing aside for a live request$/],
	[
		"late",
		{},
		{ ...working, forecast: readyIn(12) },
		"late",
		/ready about hour 12, 2 h after its window ends \(hour 10\)$/,
	],
	["late before it began", {}, { ...idle, forecast: readyIn(12) }, "late", /waiting for its turn, ready about hour 12/],
	["warned of", { warning: { message: "Too slow.", atMs: 1 } }, idle, "late", /Too slow\.$/],
	["paused", { pause: { cause: "user", message: "By you.", atMs: 1 } }, working, "paused", /^paused: By you\.$/],
	["in trouble", {}, { ...working, trouble: "The disk is full." }, "stuck", /^stuck: The disk is full\.$/],
	["in trouble while checked", { status: "validating" }, { ...idle, trouble: "No disk." }, "stuck", /No disk/],
	["in trouble while written", { status: "finalizing" }, { ...idle, trouble: "No disk." }, "stuck", /No disk/],
	["in trouble while stopping", { status: "cancelling" }, { ...idle, trouble: "No disk." }, "stuck", /No disk/],
	["being written", { status: "finalizing" }, { ...idle, activity: "writing the results" }, "on-time", /^writing/],
	["stopping", { status: "cancelling" }, { ...idle, activity: "stopping" }, "cancelled", /^stopping$/],
	["cancelled", { status: "cancelled", ...files }, idle, "cancelled", /^cancelled: 1,204 of.*not fetched yet$/],
	[
		"done, fetched",
		{ status: "completed", ...allDone, collectedAtMs: nowMs },
		idle,
		"done",
		/^completed \(5,000.*done\)$/,
	],
	["done, not fetched", { status: "completed", ...allDone }, idle, "done-uncollected", /results were not fetched yet$/],
	[
		"empty",
		{ status: "completed", total: 0, completed: 0, failed: 0 },
		idle,
		"done",
		/^completed \(0 of 0 lines done\)$/,
	],
	["dropped", { status: "completed", ...allDone, resultsDroppedAtMs: nowMs }, idle, "done", /removed for their age/],
	[
		"done in part",
		{ status: "completed", completed: 4_996, ...files },
		idle,
		"partial",
		/, 4 failed\); its results were not/,
	],
	[
		"expired in part",
		{ status: "expired", ...files },
		idle,
		"partial",
		/^expired \(1,204 of 5,000 lines done, 4 failed\)/,
	],
	[
		"given up",
		{ status: "failed", faults: [fault], ...files },
		idle,
		"partial",
		/^failed: The model is not here\. \(1,204/,
	],
	[
		"refused",
		{ status: "failed", faults: [fault], total: 0, completed: 0, failed: 0 },
		idle,
		"failed",
		/model is not here/,
	],
	["of nothing but failures", { status: "completed", completed: 0, failed: 5_000 }, idle, "failed", /5,000 failed/],
	["expired before it began", { status: "expired", completed: 0, failed: 0 }, idle, "failed", /^expired \(0 of 5,000/],
];

describe("how a batch does", () => {
	test.each(cases)("%s", (_name, changes, facts, state, words) => {
		const health = describeWith(changes, facts);
		expect(health.state).toBe(state);
		expect(health.words).toMatch(words);
		expect(batchHealthSchema.safeParse(health).success).toBe(true);
	});

	test("every state and every status is among these cases", () => {
		const states = new Set(cases.map(([, , , state]) => state));
		expect([...states].sort()).toEqual([...batchHealthSchema.shape.state.options].sort());
		const statuses: readonly BatchStatus[] = [
			"validating",
			"failed",
			"in_progress",
			"finalizing",
			"completed",
			"expired",
			"cancelling",
			"cancelled",
		];
		const seen = new Set(cases.map(([, changes]) => changes.status ?? "in_progress"));
		expect([...seen].sort()).toEqual([...statuses].sort());
	});
});

describe("long is told from stuck", () => {
	const quiet = (minutes: number, changes: Partial<HealthFacts> = {}) =>
		describeWith({}, { ...working, lastResultAtMs: nowMs - minutes * MINUTE_MS, ...changes });

	test("nothing done for ten minutes is stuck, and says since when", () => {
		expect(quiet(10).state).toBe("on-time");
		const stuck = quiet(11);
		expect(stuck.state).toBe("stuck");
		expect(stuck.words).toBe("stuck: no line has been done for 11 min (working); 1,204 of 5,000 lines done, 4 failed");
	});

	test("where lines take long, it takes five times as long as most of them", () => {
		expect(quiet(29, { lineP95Ms: 6 * MINUTE_MS }).state).toBe("on-time");
		expect(quiet(31, { lineP95Ms: 6 * MINUTE_MS }).state).toBe("stuck");
	});

	test("time in which it could not work does not count", () => {
		expect(quiet(600, { inHandSinceMs: nowMs - 5 * MINUTE_MS }).state).toBe("on-time");
		expect(quiet(30, { isFrozen: true }).state).toBe("on-time");
		expect(quiet(30, { lastThawAtMs: nowMs - MINUTE_MS }).state).toBe("on-time");
		expect(quiet(600, { notPermitted: game }).state).toBe("waiting");
		expect(quiet(600, { lastShortAtMs: nowMs - MINUTE_MS }).state).toBe("on-time");
		expect(quiet(600, { inHandSinceMs: null, activity: "waiting for its turn" }).state).toBe("waiting");
	});

	test("a batch that is late and stuck is stuck: that is what to mend first", () => {
		expect(quiet(11, { forecast: readyIn(12) }).state).toBe("stuck");
	});
});
