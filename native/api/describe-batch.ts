/** Asks around for what there is to know of a batch, for whoever shows it: the API, and the CLI where it runs a batch itself. */
import type { Clock } from "../base/base.ts";
import type { BatchDetails, Rehearsal } from "../contract/contract.ts";
import { describeStatistics } from "../jobs/insight/statistics.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { sampleLines } from "../jobs/work/rehearsal.ts";
import type { BatchRecord, Ledger } from "../ledger/ledger.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Reports } from "../reports/reports.ts";
import { composeDetails, composeRehearsedLine, isPlayed } from "./batch-details.ts";
import type { BatchFormats } from "./batch-formats.ts";
import { placeOf } from "./batch-place.ts";

/** Who is asked. */
export interface DescribeDeps {
	readonly ledger: Pick<Ledger, "file" | "durations" | "workMinutes">;
	readonly jobs: Pick<Jobs, "health">;
	readonly reports: Pick<Reports, "forecast">;
	readonly mesh: Pick<Mesh, "durabilityOf" | "chosen">;
	readonly clock: Clock;
}

/** A batch with everything known of it now. */
export function describeBatch({ ledger, jobs, reports, mesh, clock }: DescribeDeps, batch: BatchRecord): BatchDetails {
	const health = jobs.health(batch.id);
	if (health === null) throw new Error(`The batch ${batch.id} is in the ledger, but jobs does not know it`);
	const nowMs = clock.nowMs();
	const minutes = ledger.workMinutes({ batchId: batch.id, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
	const statistics = describeStatistics(batch, { nowMs, minutes, durations: ledger.durations(batch.id) });
	const inputFilename = ledger.file(batch.manifest.inputFileId)?.filename ?? null;
	const forecast = reports.forecast(batch.id);
	return composeDetails(batch, { nowMs, inputFilename, health, statistics, forecast, place: placeOf(mesh, batch.id) });
}

/** Who is asked for a rehearsal. */
export interface DescribeRehearsalDeps extends DescribeDeps {
	readonly ledger: Pick<Ledger, "file" | "durations" | "workMinutes" | "finishedLine" | "lineBytes">;
	readonly formats: BatchFormats;
}

/** What the rehearsal of a batch showed so far. */
export async function describeRehearsal(deps: DescribeRehearsalDeps, batch: BatchRecord): Promise<Rehearsal> {
	const details = describeBatch(deps, batch);
	const isFinished = isPlayed(batch);
	return {
		batch: details,
		lines: await rehearsedLines(deps, batch),
		forecast: isFinished ? details.forecast : null,
		is_finished: isFinished,
	};
}

async function rehearsedLines(
	{ ledger, formats }: DescribeRehearsalDeps,
	batch: BatchRecord,
): Promise<Rehearsal["lines"]> {
	const { rehearsal } = batch.manifest;
	// Without a model it has not been validated: no line is known yet.
	if (rehearsal === null || batch.model === null || batch.resultsDroppedAtMs !== null) return [];
	const format = await formats.of(batch);
	const sample = sampleLines(batch.total, rehearsal.lines, rehearsal.spread);
	return sample.flatMap((number) => {
		const line = ledger.finishedLine(batch.id, number);
		return line === null ? [] : (composeRehearsedLine(line, ledger.lineBytes(batch.id, number), format) ?? []);
	});
}
