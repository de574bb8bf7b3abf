/**
 * What is known of a batch on its way: speed, forecast, health in words, deadlines at risk. Owns looking; the only thing it
 * changes is the warning that a deadline won't be met.
 */
import { type Clock, timeInWords } from "../../base/base.ts";
import type { BatchHealth } from "../../contract/contract.ts";
import type { Residency } from "../../engine/residency.ts";
import type { BatchRecord, Ledger } from "../../ledger/ledger.ts";
import type { BatchProgress, WorkForecast } from "../jobs.ts";
import type { Sharing } from "../sharing.ts";
import type { Troubles } from "../troubles.ts";
import type { BatchMemories } from "../work/batch-memory.ts";
import { sampleLines } from "../work/rehearsal.ts";
import { mayWorkOn, type WorkPermit } from "../work-permit.ts";
import { forecastBatch, type LineTokens } from "./forecast.ts";
import { describeHealth } from "./health.ts";
import type { Pace, Paces } from "./pace.ts";
import { describeProgress } from "./progress.ts";
import type { Rates } from "./rates.ts";
import type { ShortageWatch } from "./shortage.ts";
import { histogramPercentile } from "./statistics.ts";

/** Tells how batches do. */
export interface Insight {
	progress(batch: BatchRecord): BatchProgress;
	forecast(batch: BatchRecord): WorkForecast | null;
	health(batch: BatchRecord): BatchHealth;
	/** A moment of Unix seconds as people read it: local time, with the day where it is not within a day from now. */
	formatTime(seconds: number): string;
}

/** A batch in hand. */
export interface InHand {
	readonly batchId: string;
	/** When it was taken up (wall clock). */
	readonly sinceMs: number;
	/** Its lines run now; else it is being checked. */
	readonly isWorking: boolean;
	/** No new lines are started. */
	readonly isDraining: boolean;
}

/** What `createInsight` needs. */
export interface InsightDeps {
	readonly ledger: Pick<Ledger, "finishedLine" | "modelSpeed" | "durations">;
	readonly residency: Pick<Residency, "models" | "freezing">;
	readonly clock: Clock;
	/** Of this machine's own work. */
	readonly rates: Rates;
	/** Of all machines' work. */
	readonly paces: Pick<Paces, "of">;
	readonly sharing: Pick<Sharing, "isShared" | "othersAtWork">;
	readonly troubles: Pick<Troubles, "message">;
	readonly memories: Pick<BatchMemories, "lastResultAtMs">;
	readonly nightSpent: () => string | null;
	readonly permit: () => WorkPermit;
	readonly shortages: Pick<ShortageWatch, "current" | "lastAtMs">;
	readonly inHand: () => readonly InHand[];
}

/** Rehearsals whose lines are remembered one by one: more than anybody looks at in a day. */
const MOST_SAMPLES = 64;

/** Gathers what is known of a batch and has it put into words and figures. */
export function createInsight(deps: InsightDeps): Insight {
	const { ledger, residency, clock, rates, paces, sharing } = deps;
	const samples = new Map<string, readonly LineTokens[]>();

	const findInHand = ({ id }: BatchRecord) => deps.inHand().find(({ batchId }) => batchId === id) ?? null;

	/** Tokens of the rehearsed lines; they do not change any more, but where a retry put some back. */
	function sampleOf({ id, manifest, rehearsed, total, round }: BatchRecord): readonly LineTokens[] {
		if (manifest.rehearsal === null || rehearsed === null) return [];
		const key = `${id} ${round}`;
		const known = samples.get(key);
		if (known) return known;
		const sample = sampleLines(total, manifest.rehearsal.lines, manifest.rehearsal.spread).flatMap((line) => {
			const made = ledger.finishedLine(id, line)?.result?.provenance;
			return made ? [{ inputTokens: made.promptTokens, outputTokens: made.completionTokens }] : [];
		});
		for (const oldest of samples.keys()) {
			if (samples.size < MOST_SAMPLES) break;
			samples.delete(oldest);
		}
		samples.set(key, sample);
		return sample;
	}

	/** How fast a batch comes on, by the work of all machines where it is shared; null: nothing of it runs. */
	function speedOf(batch: BatchRecord): Pace | null {
		if (sharing.isShared && !batch.isHeld) return paces.of(batch.id);
		const inHand = findInHand(batch);
		if (inHand?.isWorking !== true) return null;
		const workedMs = clock.nowMs() - inHand.sinceMs;
		return { linesPerSecond: rates.linesPerSecond(), tokensPerSecond: rates.tokensPerSecond(), workedMs };
	}

	function forecast(batch: BatchRecord): WorkForecast | null {
		const { isGranted, untilMs } = deps.permit();
		const resident = residency.models.find(({ source }) => source.name === batch.model?.name);
		return forecastBatch(batch, {
			nowMs: clock.nowMs(),
			permittedAtMs: isGranted || sharing.othersAtWork(batch.id).length > 0 ? null : untilMs,
			running: speedOf(batch),
			history: batch.model === null ? null : ledger.modelSpeed(batch.model.digest),
			sample: sampleOf(batch),
			lanes: resident?.state.kind === "ready" ? resident.state.model.lanes : null,
		});
	}

	function progress(batch: BatchRecord): BatchProgress {
		const inHand = findInHand(batch);
		return describeProgress(batch, {
			speed: speedOf(batch),
			othersAtWork: sharing.othersAtWork(batch.id),
			models: residency.models,
			isInHand: inHand !== null,
			isDraining: inHand?.isDraining ?? false,
			trouble: deps.troubles.message(batch.id),
			nowMs: clock.nowMs(),
			nightSpent: deps.nightSpent(),
			...hindrancesOf(deps, batch),
			formatTime,
		});
	}

	const formatTime = (seconds: number): string => timeInWords(seconds, clock.nowMs());

	return {
		progress,
		forecast,
		health(batch) {
			const { activity, trouble } = progress(batch);
			const { isFrozen, lastThawMs } = residency.freezing;
			return describeHealth(batch, {
				nowMs: clock.nowMs(),
				inHandSinceMs: findInHand(batch)?.sinceMs ?? null,
				trouble,
				activity,
				isElsewhere: sharing.othersAtWork(batch.id).length > 0,
				forecast: forecast(batch),
				lastResultAtMs: deps.memories.lastResultAtMs(batch.id),
				isFrozen,
				lastThawAtMs: lastThawMs === null ? null : clock.nowMs() - (clock.monotonicMs() - lastThawMs),
				lastShortAtMs: deps.shortages.lastAtMs,
				lineP95Ms: histogramPercentile(ledger.durations(batch.id), 0.95),
				nightSpent: deps.nightSpent(),
				...hindrancesOf(deps, batch),
				formatTime,
			});
		},
		formatTime,
	};
}

/** What keeps a batch from working that would else. */
function hindrancesOf({ permit, shortages }: InsightDeps, batch: BatchRecord) {
	const now = permit();
	const isPermitted = mayWorkOn(now, batch);
	const shortage = shortages.current();
	return {
		notPermitted: isPermitted ? null : now.reason,
		isStartKnown: isPermitted || now.untilMs !== null,
		shortage: shortage !== null && isModelOf(batch, shortage.model) ? shortage : null,
	};
}

/** Before a batch is checked its model may not be known; then any may be it. */
function isModelOf({ model, manifest }: BatchRecord, name: string): boolean {
	const wanted = model?.name ?? manifest.modelOverride;
	return wanted === null || wanted === name;
}
