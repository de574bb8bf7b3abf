/** What `/metrics` tells: names, help and values. Pure. Names and labels are stable: people's dashboards hang on them. */
import type { BatchHealth, ResidentModelStatus } from "../contract/contract.ts";
import type { LiveStatus } from "../live/live.ts";
import type { WorkTotal } from "../reports/work-totals.ts";
import type { StepAside } from "../scheduler/scheduler.ts";

/** One value of a metric. */
export interface Sample {
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

/** A metric with its values. */
export interface Family {
	readonly name: string;
	readonly help: string;
	/** Counters only grow, from the start of the service unless the help says otherwise. */
	readonly type: "gauge" | "counter";
	readonly samples: readonly Sample[];
}

/** An open batch as metrics tell of it. */
export interface BatchSample {
	readonly id: string;
	readonly state: BatchHealth["state"];
	readonly completed: number;
	readonly failed: number;
	readonly left: number;
	readonly linesPerSecond: number;
	readonly tokensPerSecond: number;
	/** Since it came; null: nothing of it waits for its turn. */
	readonly queueAgeSeconds: number | null;
}

/** Everything that is told, at one moment. */
export interface MetricsMoment {
	readonly version: string;
	readonly process: {
		readonly startedAtSeconds: number;
		readonly cpuSeconds: number;
		readonly residentBytes: number;
	};
	readonly batches: readonly BatchSample[];
	readonly live: LiveStatus;
	readonly stepAside: Pick<StepAside, "isAside" | "totals">;
	readonly models: readonly ResidentModelStatus["state"][];
	readonly total: WorkTotal;
	readonly night: WorkTotal;
}

/** Batches with values of their own: as many as fit a dashboard. The oldest are among them; sums are over all. */
export const MOST_LABELLED_BATCHES = 50;

/** States an open batch can be in: told even where there is none, so that graphs have no holes. */
const openStates: readonly BatchHealth["state"][] = [
	"checking",
	"waiting",
	"on-time",
	"late",
	"stuck",
	"paused",
	"rehearsed",
];

const modelStates: readonly ResidentModelStatus["state"][] = ["loading", "ready", "restarting", "failed", "leaving"];

/** All metrics. */
export function metricFamilies(moment: MetricsMoment): readonly Family[] {
	return [
		...serviceFamilies(moment),
		...batchFamilies(moment.batches),
		...ownerFamilies(moment),
		...workFamilies("nightshift", "_total", "counter", moment.total, "since the service started"),
		...workFamilies("nightshift_night", "", "gauge", moment.night, "since the last noon"),
	];
}

function serviceFamilies({ version, process, models }: MetricsMoment): readonly Family[] {
	return [
		gauge("nightshift_build_info", "Always 1; the label tells the version.", [sample(1, { version })]),
		gauge("process_start_time_seconds", "When the service started, in Unix seconds.", [
			sample(process.startedAtSeconds),
		]),
		counter("process_cpu_seconds_total", "Processor time of the service itself, without its inference processes.", [
			sample(process.cpuSeconds),
		]),
		gauge("process_resident_memory_bytes", "Memory of the service itself, without its inference processes.", [
			sample(process.residentBytes),
		]),
		gauge("nightshift_models", "Models in memory or on their way there, by state.", countBy(modelStates, models)),
	];
}

function batchFamilies(batches: readonly BatchSample[]): readonly Family[] {
	const labelled = batches.slice(0, MOST_LABELLED_BATCHES);
	const ages = batches.flatMap(({ queueAgeSeconds }) => (queueAgeSeconds === null ? [] : [queueAgeSeconds]));
	const each = (value: (batch: BatchSample) => number) =>
		labelled.map((batch) => sample(value(batch), { batch: batch.id }));
	return [
		gauge(
			"nightshift_open_batches",
			"Batches that are not ended, by how they do.",
			countBy(
				openStates,
				batches.map(({ state }) => state),
			),
		),
		gauge("nightshift_queue_age_seconds", "Age of the oldest batch with lines that wait; 0 where none do.", [
			sample(Math.max(0, ...ages)),
		]),
		gauge("nightshift_lines_per_second", "Batch lines finished a second, now.", [
			sample(sum(batches.map(({ linesPerSecond }) => linesPerSecond))),
		]),
		gauge("nightshift_tokens_per_second", "Tokens of batch lines a second, read and written, now.", [
			sample(sum(batches.map(({ tokensPerSecond }) => tokensPerSecond))),
		]),
		gauge(
			"nightshift_batch_lines",
			`Lines of an open batch; at most ${MOST_LABELLED_BATCHES} batches are told apart.`,
			labelled.flatMap((batch) => [
				sample(batch.completed, { batch: batch.id, outcome: "completed" }),
				sample(batch.failed, { batch: batch.id, outcome: "failed" }),
				sample(batch.left, { batch: batch.id, outcome: "left" }),
			]),
		),
		gauge(
			"nightshift_batch_lines_per_second",
			"Lines of an open batch finished a second, now.",
			each(({ linesPerSecond }) => linesPerSecond),
		),
		gauge(
			"nightshift_batch_tokens_per_second",
			"Tokens of an open batch a second, read and written, now.",
			each(({ tokensPerSecond }) => tokensPerSecond),
		),
	];
}

function ownerFamilies({ live, stepAside: { isAside, totals } }: MetricsMoment): readonly Family[] {
	return [
		gauge("nightshift_live_requests", "Live requests by state.", [
			sample(live.running, { state: "running" }),
			sample(live.waiting, { state: "waiting" }),
		]),
		gauge("nightshift_aside", "1 while batch work is stepped aside.", [sample(isAside ? 1 : 0)]),
		counter("nightshift_yields_total", "Times batch work stepped aside, since Nightshift was installed.", [
			sample(totals.count),
		]),
		counter(
			"nightshift_yield_frozen_seconds_total",
			"Time batch work was stepped aside, since Nightshift was installed.",
			[sample(totals.frozenMs / 1000)],
		),
		counter(
			"nightshift_yield_recomputed_tokens_total",
			"Tokens computed again because batch work stepped aside, since Nightshift was installed.",
			[sample(totals.recomputedTokens)],
		),
	];
}

function workFamilies(
	prefix: string,
	suffix: string,
	type: Family["type"],
	work: WorkTotal,
	since: string,
): readonly Family[] {
	const family = (name: string, help: string, samples: readonly Sample[]): Family => ({
		name: `${prefix}_${name}${suffix}`,
		help: `${help}, ${since}.`,
		type,
		samples,
	});
	return [
		family("lines", "Batch lines finished", [
			sample(work.completed, { outcome: "completed" }),
			sample(work.failed, { outcome: "failed" }),
		]),
		family("line_retries", "Starts of batch lines beyond their first", [sample(work.retries)]),
		family("tokens", "Tokens of finished batch lines", [
			sample(work.inputTokens, { direction: "input" }),
			sample(work.outputTokens, { direction: "output" }),
		]),
		family("work_seconds", "Time worked on batches, waiting not counted", [sample(work.workedMs / 1000)]),
		family("energy_watt_hours", "Energy of batch work, measured or estimated", [sample(work.wattHours)]),
	];
}

function countBy<State extends string>(all: readonly State[], found: readonly State[]): readonly Sample[] {
	const counts = new Map<State, number>(all.map((state) => [state, 0]));
	for (const state of found) counts.set(state, (counts.get(state) ?? 0) + 1);
	return [...counts].map(([state, count]) => sample(count, { state }));
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
	return { name, help, type: "gauge", samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
	return { name, help, type: "counter", samples };
}

function sample(value: number, labels: Sample["labels"] = {}): Sample {
	return { labels, value };
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}
