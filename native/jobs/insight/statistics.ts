import type { BatchStatistics } from "../../contract/contract.ts";
import { isEnded } from "../../ledger/batch-status.ts";
import type { BatchRecord, DurationHistogram, WorkMinute } from "../../ledger/ledger.ts";

/** What the ledger tells of a batch's past. */
export interface StatisticsFacts {
	readonly nowMs: number;
	/** All minutes of the batch. */
	readonly minutes: readonly Pick<WorkMinute, "machine" | "lines">[];
	readonly durations: DurationHistogram;
}

/** What happened to a batch so far, as the contract tells it. */
export function describeStatistics(batch: BatchRecord, facts: StatisticsFacts): BatchStatistics {
	const p50 = histogramPercentile(facts.durations, 0.5);
	const p95 = histogramPercentile(facts.durations, 0.95);
	return {
		adopted: batch.adopted,
		retries: batch.retries,
		worked_seconds: batch.workedMs / 1_000,
		queue_age_seconds: hasWaitingLines(batch) ? Math.max(facts.nowMs - batch.createdAtMs, 0) / 1_000 : null,
		line_seconds: p50 === null || p95 === null ? null : { p50: p50 / 1_000, p95: p95 / 1_000 },
		machines: linesByMachine(facts.minutes),
		energy: { watt_hours: batch.wattHours, is_measured: batch.isEnergyMeasured },
	};
}

/**
 * The duration in milliseconds that a share (0 to 1) of the lines stayed within, as if the lines of a bucket lay evenly in it;
 * those of the last, which has no end, count with its start. Null: the histogram is empty.
 */
export function histogramPercentile({ boundsMs, counts }: DurationHistogram, share: number): number | null {
	const total = counts.reduce((sum, count) => sum + count, 0);
	if (total === 0) return null;
	const rank = share * total;
	let below = 0;
	let lowMs = 0;
	for (const [bucket, count] of counts.entries()) {
		const highMs = boundsMs[bucket] ?? Number.POSITIVE_INFINITY;
		if (count > 0 && below + count >= rank) {
			return Number.isFinite(highMs) ? lowMs + (highMs - lowMs) * ((rank - below) / count) : lowMs;
		}
		below += count;
		if (Number.isFinite(highMs)) lowMs = highMs;
	}
	return lowMs;
}

/** Before a batch is checked, all of its lines wait. */
function hasWaitingLines(batch: BatchRecord): boolean {
	if (isEnded(batch.status)) return false;
	return batch.status === "validating" || batch.completed + batch.failed < batch.total;
}

function linesByMachine(minutes: StatisticsFacts["minutes"]): Readonly<Record<string, number>> {
	const lines = new Map<string, number>();
	for (const minute of minutes) lines.set(minute.machine, (lines.get(minute.machine) ?? 0) + minute.lines);
	return Object.fromEntries(lines);
}
