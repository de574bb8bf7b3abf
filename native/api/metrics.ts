/**
 * `/metrics`: how this machine does, in Prometheus' text format. All of it is looked up when it is asked for, in the ledger and in
 * what is known anyway: no timers, and nothing that would wake an engine or count as use.
 */
import { Hono } from "hono";
import type { Clock } from "../base/base.ts";
import type { ResidentModelStatus } from "../contract/contract.ts";
import type { Residency, ResidentModel } from "../engine/residency.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { nightOf } from "../jobs/order/night.ts";
import type { BatchRecord, Ledger } from "../ledger/ledger.ts";
import type { Live } from "../live/live.ts";
import { createWorkTotals, sumWork } from "../reports/work-totals.ts";
import type { StepAside } from "../scheduler/scheduler.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { type BatchSample, type Family, metricFamilies } from "./metrics-families.ts";

/** What the route needs. */
export interface MetricsRouteDeps {
	readonly ledger: Pick<Ledger, "openBatches" | "stints" | "workMinutes">;
	readonly jobs: Pick<Jobs, "health" | "progress">;
	readonly residency: Pick<Residency, "models">;
	readonly live: Pick<Live, "status">;
	readonly stepAside: Pick<StepAside, "isAside" | "totals">;
	readonly clock: Clock;
	readonly version: string;
}

/** Makes the route of `/metrics`. Who may read it is for the app to say, with the middleware of `/v1`. */
export function createMetricsRoute(deps: MetricsRouteDeps): Hono<ApiEnv> {
	const { ledger, clock } = deps;
	const startedAtMs = clock.nowMs();
	const totals = createWorkTotals(ledger, startedAtMs);
	return new Hono<ApiEnv>().get("/metrics", async (context) => {
		const nowMs = clock.nowMs();
		const families = metricFamilies({
			version: deps.version,
			process: { startedAtSeconds: startedAtMs / 1000, ...ownUse() },
			batches: ledger.openBatches().map((batch) => sampleBatch(batch, deps, nowMs)),
			live: deps.live.status,
			stepAside: deps.stepAside,
			models: deps.residency.models.map(stateOf),
			total: totals.upTo(nowMs),
			night: sumWork(ledger, nightOf(nowMs).fromMs, nowMs),
		});
		const { text, contentType } = await renderFamilies(families);
		return context.body(text, 200, { "content-type": contentType });
	});
}

/**
 * A registry for each answer: what ended since the last one is gone without anybody clearing it away. The library is loaded with
 * the first one: it takes 12 MB, and most people have no Prometheus.
 */
async function renderFamilies(families: readonly Family[]) {
	const { Counter, Gauge, Registry } = await import("prom-client");
	const registry = new Registry();
	for (const { name, help, type, samples } of families) {
		const [first] = samples;
		// The library would make up a value for what has none.
		if (first === undefined) continue;
		const labelNames = Object.keys(first.labels);
		const options = { name, help, labelNames, registers: [registry] };
		const metric = type === "gauge" ? new Gauge(options) : new Counter(options);
		for (const { labels, value } of samples) metric.inc(labels, value);
	}
	return { text: await registry.metrics(), contentType: registry.contentType };
}

function ownUse() {
	const { user, system } = process.cpuUsage();
	return { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() };
}

function sampleBatch(batch: BatchRecord, { jobs }: Pick<MetricsRouteDeps, "jobs">, nowMs: number): BatchSample {
	const progress = jobs.progress(batch.id);
	const left = Math.max(batch.total - batch.completed - batch.failed, 0);
	const waits = left > 0 && !batch.isHeld;
	return {
		id: batch.id,
		state: jobs.health(batch.id)?.state ?? "waiting",
		completed: batch.completed,
		failed: batch.failed,
		left,
		linesPerSecond: progress?.linesPerSecond ?? 0,
		tokensPerSecond: progress?.tokensPerSecond ?? 0,
		queueAgeSeconds: waits ? Math.max(nowMs - batch.createdAtMs, 0) / 1000 : null,
	};
}

function stateOf({ state, isLeaving }: ResidentModel): ResidentModelStatus["state"] {
	if (isLeaving) return "leaving";
	return state.kind === "empty" ? "loading" : state.kind;
}
