import { describe, expect, test } from "vitest";
import type { Clock } from "../base/base.ts";
import type { BatchProgress } from "../jobs/jobs.ts";
import { nightOf } from "../jobs/order/night.ts";
import { sampleBatch } from "../jobs/testing.ts";
import type { BatchRecord } from "../ledger/ledger.ts";
import { type LedgerContent, rememberedLedger, sampleMinute, sampleStint } from "../reports/testing.ts";
import { createMetricsRoute, type MetricsRouteDeps } from "./metrics.ts";

const HOUR_MS = 3_600_000;
const noonMs = nightOf(new Date(2026, 10, 21, 3).getTime()).fromMs;
const startedAtMs = noonMs + 2 * HOUR_MS;
const nowMs = noonMs + 8 * HOUR_MS;

/** A machine whose doings a test decides; whatever is not read by a scrape throws when it is touched. */
function build(content: Partial<LedgerContent> = {}, changes: Partial<MetricsRouteDeps> = {}) {
	let now = startedAtMs;
	const clock: Clock = { nowMs: () => now, monotonicMs: () => now };
	const deps: MetricsRouteDeps = {
		ledger: rememberedLedger({ batches: [], minutes: [], stints: [], notices: [], ...content }),
		jobs: { health: () => ({ state: "on-time", words: "" }), progress: () => null },
		residency: { models: [] },
		live: { status: { running: 1, waiting: 2, limit: 64 } },
		stepAside: { isAside: true, totals: { count: 7, frozenMs: 12_500, recomputedTokens: 3 } },
		clock,
		version: "1.2.3",
		...changes,
	};
	const route = createMetricsRoute(deps);
	now = nowMs;
	return route;
}

async function scrape(route: ReturnType<typeof build>): Promise<readonly string[]> {
	return (await (await route.request("/metrics")).text()).split("\n");
}

function progressOf(batch: BatchRecord): BatchProgress {
	return {
		batch,
		isInHand: true,
		linesPerSecond: 2,
		tokensPerSecond: 30,
		secondsLeft: null,
		activity: "",
		trouble: null,
	};
}

describe("GET /metrics", () => {
	test("is Prometheus' text format, each metric with help and type", async () => {
		const response = await build().request("/metrics");
		expect(response.status).toBe(200);
		expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
		const lines = (await response.text()).trimEnd().split("\n");
		const names = lines.filter((line) => line.startsWith("# TYPE ")).map((line) => line.split(" ")[2]);
		expect(new Set(names).size).toBe(names.length);
		for (const name of names) expect(lines.some((line) => line.startsWith(`# HELP ${name} `))).toBe(true);
		for (const line of lines.filter((one) => one !== "" && !one.startsWith("#"))) {
			expect(line).toMatch(/^(nightshift|process)_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+$/);
		}
	});

	test("has the names that dashboards hang on", async () => {
		const lines = await scrape(build({ batches: [sampleBatch("batch_1")] }));
		const types = lines.filter((line) => line.startsWith("# TYPE ")).map((line) => line.slice("# TYPE ".length));
		expect(types).toEqual([
			"nightshift_build_info gauge",
			"process_start_time_seconds gauge",
			"process_cpu_seconds_total counter",
			"process_resident_memory_bytes gauge",
			"nightshift_models gauge",
			"nightshift_open_batches gauge",
			"nightshift_queue_age_seconds gauge",
			"nightshift_lines_per_second gauge",
			"nightshift_tokens_per_second gauge",
			"nightshift_batch_lines gauge",
			"nightshift_batch_lines_per_second gauge",
			"nightshift_batch_tokens_per_second gauge",
			"nightshift_live_requests gauge",
			"nightshift_aside gauge",
			"nightshift_yields_total counter",
			"nightshift_yield_frozen_seconds_total counter",
			"nightshift_yield_recomputed_tokens_total counter",
			"nightshift_lines_total counter",
			"nightshift_line_retries_total counter",
			"nightshift_tokens_total counter",
			"nightshift_work_seconds_total counter",
			"nightshift_energy_watt_hours_total counter",
			"nightshift_night_lines gauge",
			"nightshift_night_line_retries gauge",
			"nightshift_night_tokens gauge",
			"nightshift_night_work_seconds gauge",
			"nightshift_night_energy_watt_hours gauge",
		]);
	});

	test("tells how the service, its owner's requests and stepping aside do", async () => {
		expect(await scrape(build())).toEqual(
			expect.arrayContaining([
				'nightshift_build_info{version="1.2.3"} 1',
				`process_start_time_seconds ${startedAtMs / 1000}`,
				'nightshift_live_requests{state="running"} 1',
				'nightshift_live_requests{state="waiting"} 2',
				"nightshift_aside 1",
				"nightshift_yields_total 7",
				"nightshift_yield_frozen_seconds_total 12.5",
				"nightshift_yield_recomputed_tokens_total 3",
				'nightshift_models{state="ready"} 0',
				"nightshift_queue_age_seconds 0",
			]),
		);
	});

	test("counts work since the start of the service, and that of the night since noon", async () => {
		const minutes = [
			sampleMinute(noonMs - HOUR_MS),
			sampleMinute(noonMs + HOUR_MS),
			sampleMinute(noonMs + 3 * HOUR_MS),
		];
		const stints = [sampleStint(noonMs + HOUR_MS), sampleStint(noonMs + 3 * HOUR_MS)];
		expect(await scrape(build({ minutes, stints }))).toEqual(
			expect.arrayContaining([
				'nightshift_lines_total{outcome="completed"} 9',
				'nightshift_lines_total{outcome="failed"} 1',
				"nightshift_line_retries_total 2",
				'nightshift_tokens_total{direction="input"} 1000',
				'nightshift_tokens_total{direction="output"} 500',
				"nightshift_work_seconds_total 3600",
				"nightshift_energy_watt_hours_total 300",
				'nightshift_night_lines{outcome="completed"} 18',
				'nightshift_night_tokens{direction="output"} 1000',
				"nightshift_night_energy_watt_hours 600",
			]),
		);
	});

	test("tells of each open batch, and of all of them together", async () => {
		const batches = [
			sampleBatch("batch_held", { isHeld: true, createdAtMs: nowMs - 9 * HOUR_MS }),
			sampleBatch("batch_1", { completed: 3, failed: 1, createdAtMs: nowMs - 2 * HOUR_MS }),
			sampleBatch("batch_2", { createdAtMs: nowMs - HOUR_MS }),
			sampleBatch("batch_3", { status: "completed" }),
		];
		const route = build(
			{ batches },
			{
				jobs: {
					health: (id) => ({ state: id === "batch_held" ? "rehearsed" : "late", words: "" }),
					progress: (id) => progressOf(sampleBatch(id)),
				},
			},
		);
		const lines = await scrape(route);
		expect(lines).toEqual(
			expect.arrayContaining([
				'nightshift_open_batches{state="late"} 2',
				'nightshift_open_batches{state="rehearsed"} 1',
				'nightshift_open_batches{state="stuck"} 0',
				"nightshift_queue_age_seconds 7200",
				"nightshift_lines_per_second 6",
				"nightshift_tokens_per_second 90",
				'nightshift_batch_lines{batch="batch_1",outcome="completed"} 3',
				'nightshift_batch_lines{batch="batch_1",outcome="failed"} 1',
				'nightshift_batch_lines{batch="batch_1",outcome="left"} 6',
				'nightshift_batch_tokens_per_second{batch="batch_2"} 30',
			]),
		);
		expect(lines.filter((line) => line.includes("batch_3"))).toEqual([]);
	});

	test("names at most 50 batches, counts all, and forgets those that ended", async () => {
		const batches = Array.from({ length: 70 }, (_, index) => sampleBatch(`batch_${index}`));
		const route = build({ batches });
		const lines = await scrape(route);
		expect(lines.filter((line) => line.startsWith("nightshift_batch_lines_per_second{"))).toHaveLength(50);
		expect(lines).toContain('nightshift_open_batches{state="on-time"} 70');
		batches.splice(0);
		expect((await scrape(route)).filter((line) => line.includes("batch_"))).toEqual([]);
	});

	test("answers scrapes at the same time each in full", async () => {
		const route = build({ minutes: [sampleMinute(noonMs + 3 * HOUR_MS)] });
		const steady = (lines: readonly string[]) => lines.filter((line) => !line.startsWith("process_"));
		const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => scrape(route)));
		for (const other of others) expect(steady(other)).toEqual(steady(first ?? []));
	});
});
