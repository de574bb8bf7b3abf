/** Puts a night's work into the report people read in the morning. Pure. */
import { assertNever } from "../base/base.ts";
import type { BatchHealth, NightReport, SettingsValues, Yield, YieldCause } from "../contract/contract.ts";
import type { Night } from "../jobs/order/night.ts";
import type { BatchRecord, Stint, WorkMinute } from "../ledger/ledger.ts";
import type { PowerReading } from "../machine/machine.ts";
import { hostedFigures } from "./costs.ts";
import type { PriceTable } from "./prices.ts";
import { type StintSums, sumMinutes, sumStints } from "./work-sums.ts";

/** A batch with what the report says of it. */
export interface ReportedBatch {
	readonly batch: BatchRecord;
	readonly filename: string | null;
	readonly health: BatchHealth;
}

/** All that a report is made from. */
export interface NightMaterial {
	readonly night: Night;
	/** Of the night, of all batches. */
	readonly minutes: readonly WorkMinute[];
	/** That overlap the night. */
	readonly stints: readonly Stint[];
	/** All that are remembered. */
	readonly yields: readonly Yield[];
	/** Those the night is about, in the order they are to stand. */
	readonly batches: readonly ReportedBatch[];
	/** Batches that are not ended. */
	readonly open: readonly ReportedBatch[];
	/** Ended, with results that nobody fetched. */
	readonly uncollected: readonly Omit<ReportedBatch, "health">[];
	/** As it is now: words for how the energy was found. */
	readonly power: PowerReading;
	readonly prices: PriceTable;
	readonly energy: SettingsValues["energy"];
}

const WATT_HOURS_PER_KILOWATT_HOUR = 1_000;

/** Makes the report. */
export function composeNight(material: NightMaterial): NightReport {
	const { night, minutes, stints, prices } = material;
	const done = sumMinutes(minutes);
	const worked = sumStints(stints, night);
	return {
		from: seconds(night.fromMs),
		to: seconds(night.toMs),
		lines: done.lines,
		failed: done.failed,
		retries: done.retries,
		input_tokens: done.inputTokens,
		output_tokens: done.outputTokens,
		worked_seconds: worked.workedMs / 1000,
		energy: describeEnergy(worked, material),
		hosted: hostedFigures(prices.prices, done.inputTokens, done.outputTokens),
		prices_as_of: prices.asOf,
		yields: sumYields(material.yields, night),
		batches: material.batches.map((reported) => describeBatch(reported, minutes)),
		uncollected: material.uncollected.map(({ batch, filename }) => ({
			id: batch.id,
			filename,
			ended_at: seconds(endedAtMs(batch) ?? batch.createdAtMs),
		})),
		attention: findAttention(material),
	};
}

function describeEnergy(worked: StintSums, { power, energy }: NightMaterial): NightReport["energy"] {
	const kilowattHours = worked.wattHours / WATT_HOURS_PER_KILOWATT_HOUR;
	return {
		kilowatt_hours: kilowattHours,
		is_measured: worked.energySource === "measured",
		basis: energyBasis(worked.energySource, power),
		cost: energy.pricePerKilowattHour === null ? null : kilowattHours * energy.pricePerKilowattHour,
		currency: energy.currency,
	};
}

/** The present reading tells best how it was found, as long as it is of the same kind as the night's. */
function energyBasis(source: StintSums["energySource"], power: PowerReading): string {
	switch (source) {
		case "none":
			return "nothing was worked on";
		case "measured":
			return power.isMeasured ? power.basis : "GPU by its sensor, the rest of the computer estimated";
		case "estimated":
			return power.isMeasured ? "estimated; no sensor told it" : power.basis;
		case "mixed":
			return "partly by the GPU's sensor, partly estimated";
		default:
			return assertNever(source);
	}
}

function sumYields(all: readonly Yield[], night: Night): NightReport["yields"] {
	const yields = all.filter(({ arrivedAtMs }) => arrivedAtMs >= night.fromMs && arrivedAtMs < night.toMs);
	const causes = new Map<string, { cause: YieldCause; count: number; frozen_seconds: number }>();
	for (const { cause, frozenMs } of yields) {
		const name = nameCause(cause);
		const known = causes.get(name) ?? { cause, count: 0, frozen_seconds: 0 };
		causes.set(name, { cause, count: known.count + 1, frozen_seconds: known.frozen_seconds + frozenMs / 1000 });
	}
	return {
		count: yields.length,
		frozen_seconds: yields.reduce((sum, { frozenMs }) => sum + frozenMs, 0) / 1000,
		recomputed_tokens: yields.reduce((sum, { recomputedTokens }) => sum + recomputedTokens, 0),
		causes: [...causes.values()].sort(
			(one, other) => other.count - one.count || other.frozen_seconds - one.frozen_seconds,
		),
	};
}

/** Stops are told apart by what they were for: the figures in their words differ each time. */
function nameCause(cause: YieldCause): string {
	switch (cause.kind) {
		case "request":
			return JSON.stringify([cause.kind, cause.endpoint, cause.client]);
		case "stop":
			return JSON.stringify([cause.kind, cause.cause]);
		default:
			return assertNever(cause);
	}
}

function describeBatch({ batch, filename, health }: ReportedBatch, minutes: readonly WorkMinute[]) {
	const done = sumMinutes(minutes.filter((minute) => minute.batchId === batch.id));
	return {
		id: batch.id,
		filename,
		status: batch.status,
		health,
		model: batch.model?.name ?? null,
		lines: done.lines,
		failed: done.failed,
		total: batch.total,
		completed: batch.completed,
	};
}

/** A batch stands here once: those that can still be helped first. */
function findAttention({ open, batches }: NightMaterial): NightReport["attention"] {
	const found = new Map<string, string>();
	for (const { batch, health } of [...open, ...batches]) {
		if (needsSomebody(batch, health)) found.set(batch.id, health.words);
	}
	return [...found].map(([batchId, message]) => ({ batch_id: batchId, message }));
}

function needsSomebody(batch: BatchRecord, { state }: BatchHealth): boolean {
	switch (state) {
		case "late":
		case "stuck":
		case "rehearsed":
			return true;
		case "paused":
			return batch.pause?.cause !== "user";
		case "partial":
		case "failed":
			// Who has fetched the results has seen it.
			return batch.collectedAtMs === null;
		case "checking":
		case "waiting":
		case "on-time":
		case "done":
		case "done-uncollected":
		case "cancelled":
			return false;
		default:
			return assertNever(state);
	}
}

/** When a batch ended; null: it has not. */
export function endedAtMs(batch: BatchRecord): number | null {
	return batch.completedAtMs ?? batch.failedAtMs ?? batch.expiredAtMs ?? batch.cancelledAtMs;
}

function seconds(ms: number): number {
	return Math.floor(ms / 1000);
}
