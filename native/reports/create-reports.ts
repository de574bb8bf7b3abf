/** Gathers what reports are made from. */
import { type Clock, scaleEstimate } from "../base/base.ts";
import type { ForecastObject } from "../contract/contract.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { Night } from "../jobs/order/night.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { BatchRecord, Ledger, WorkMinute } from "../ledger/ledger.ts";
import type { PowerMeter } from "../machine/machine.ts";
import type { StepAside } from "../scheduler/scheduler.ts";
import type { Settings } from "../settings/settings.ts";
import { hostedRanges, kilowattHours } from "./costs.ts";
import { createMeasuredPower } from "./measured-power.ts";
import { composeNight, type ReportedBatch } from "./night-report.ts";
import type { Prices } from "./prices.ts";
import type { Reports } from "./reports.ts";
import { lastNightOf } from "./which-night.ts";

/** What reports are made from. */
export interface ReportsDeps {
	readonly ledger: Pick<Ledger, "batch" | "batches" | "file" | "notices" | "openBatches" | "stints" | "workMinutes">;
	readonly jobs: Pick<Jobs, "forecast" | "health">;
	readonly power: Pick<PowerMeter, "reading">;
	readonly stepAside: Pick<StepAside, "yields">;
	readonly settings: Pick<Settings, "current">;
	readonly prices: Prices;
	readonly clock: Clock;
}

/** Batches looked through, newest first, for those nobody fetched: years of daily use. Bounds how long a report takes. */
const MOST_BATCHES = 2_000;
const BATCH_PAGE = 200;
/** Notices read at a time. */
const NOTICE_PAGE = 1_000;

/** Makes the reports. */
export function createReports(deps: ReportsDeps): Reports {
	const { ledger, jobs, power, stepAside, settings, prices, clock } = deps;
	const measuredPower = createMeasuredPower(ledger, clock);
	const noticedBatches = createNoticeReader(ledger);

	function workedOn(fromMs: number, toMs: number): ReadonlySet<string> {
		return new Set(
			[...ledger.workMinutes({ batchId: null, fromMs, toMs }), ...ledger.stints({ fromMs, toMs })].map(
				({ batchId }) => batchId,
			),
		);
	}

	/** A batch that is gone since has its lines in the sums and no name left to report. */
	function report(batchId: string): readonly ReportedBatch[] {
		const batch = ledger.batch(batchId);
		const health = jobs.health(batchId);
		return batch === null || health === null ? [] : [{ batch, filename: filenameOf(batch), health }];
	}

	function filenameOf(batch: BatchRecord): string | null {
		return ledger.file(batch.manifest.inputFileId)?.filename ?? null;
	}

	return {
		forecast(batchId): ForecastObject | null {
			const work = jobs.forecast(batchId);
			if (work === null) return null;
			const { pricePerKilowattHour, currency } = settings.current.energy;
			const digest = ledger.batch(batchId)?.model?.digest ?? null;
			const measured = digest === null ? null : measuredPower(digest);
			const { watts, isMeasured, basis } = measured ?? power.reading;
			const energy = kilowattHours(work.seconds, watts);
			return {
				...work,
				energy: {
					kilowatt_hours: energy,
					is_measured: isMeasured,
					basis,
					cost: pricePerKilowattHour === null ? null : scaleEstimate(energy, pricePerKilowattHour),
					currency,
				},
				hosted: hostedRanges(prices.current.prices, work.input_tokens, work.output_tokens),
				prices_as_of: prices.current.asOf,
			};
		},
		lastNight() {
			const night = lastNightOf(clock.nowMs(), workedOn);
			const minutes = ledger.workMinutes({ batchId: null, ...night });
			const named = new Set([...workedOn(night.fromMs, night.toMs), ...noticedBatches(night)]);
			const reported = [...named].flatMap(report).filter(({ batch }) => !isRefusedDraft(batch));
			return composeNight({
				night,
				minutes,
				stints: ledger.stints(night),
				yields: stepAside.yields,
				batches: byLines(reported, minutes),
				open: ledger.openBatches().flatMap(({ id }) => report(id)),
				uncollected: findUncollected(ledger).map((batch) => ({ batch, filename: filenameOf(batch) })),
				power: power.reading,
				prices: prices.current,
				energy: settings.current.energy,
			});
		},
	};
}

/** Whoever drops a file to try it is there when it is refused; it is no work of the night. */
function isRefusedDraft({ manifest, status, inProgressAtMs }: BatchRecord): boolean {
	return manifest.rehearsal !== null && status === "failed" && inProgressAtMs === null;
}

/** Those with the most lines first. */
function byLines(batches: readonly ReportedBatch[], minutes: readonly WorkMinute[]): readonly ReportedBatch[] {
	const lines = new Map<string, number>();
	for (const minute of minutes) lines.set(minute.batchId, (lines.get(minute.batchId) ?? 0) + minute.lines);
	return [...batches].sort((one, other) => (lines.get(other.batch.id) ?? 0) - (lines.get(one.batch.id) ?? 0));
}

function findUncollected(ledger: ReportsDeps["ledger"]): readonly BatchRecord[] {
	const found: BatchRecord[] = [];
	let after: string | null = null;
	for (let seen = 0; seen < MOST_BATCHES; seen += BATCH_PAGE) {
		const page = ledger.batches({ after, limit: BATCH_PAGE, order: "desc", surface: null, withHeld: false });
		found.push(...page.rows.filter(isUncollected));
		after = page.rows.at(-1)?.id ?? null;
		if (!page.hasMore) break;
	}
	return found;
}

function isUncollected(batch: BatchRecord): boolean {
	const hasResults = batch.outputFileId !== null || batch.errorFileId !== null;
	return isEnded(batch.status) && hasResults && batch.collectedAtMs === null && batch.resultsDroppedAtMs === null;
}

/**
 * Answers the batches people were told of in a night. All notices are read once; from then on the first ones, which are older than
 * any night asked for, are passed over.
 */
function createNoticeReader(ledger: ReportsDeps["ledger"]): (night: Night) => ReadonlySet<string> {
	/** Notices up to this number are from before that time. */
	let passed = { number: 0, beforeMs: Number.NEGATIVE_INFINITY };
	return ({ fromMs, toMs }) => {
		const batchIds = new Set<string>();
		let after = fromMs >= passed.beforeMs ? passed.number : 0;
		let isBefore = true;
		for (;;) {
			const page = ledger.notices(after, NOTICE_PAGE);
			for (const { number, atMs, batchId } of page) {
				isBefore &&= atMs < fromMs;
				if (isBefore) passed = { number, beforeMs: fromMs };
				if (batchId !== null && atMs >= fromMs && atMs < toMs) batchIds.add(batchId);
				after = number;
			}
			if (page.length < NOTICE_PAGE) return batchIds;
		}
	};
}
