/**
 * Batches, lines and rehearsals as `/api/batches` tells them: OpenAI's object with all that Nightshift knows besides. Pure: what
 * others know, such as a forecast, is handed in.
 */
import { basename } from "node:path";
import { assertNever } from "../base/base.ts";
import type {
	BatchDetails,
	BatchHealth,
	BatchOptions,
	BatchPlace,
	BatchStatistics,
	ForecastObject,
	LineResultObject,
	RehearsedLine,
	WorkMinuteObject,
} from "../contract/contract.ts";
import type { LineFormat, SkipReason } from "../jobs/formats/formats.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { BatchRecord, BatchStatus, FinishedLine, WorkMinute } from "../ledger/ledger.ts";
import { isStale } from "./freshness.ts";
import { renderBatch, renderBatchFault, seconds, secondsOrNull } from "./render.ts";

/** What is known of a batch beyond its record. */
export interface BatchFacts {
	readonly nowMs: number;
	/** Name of the input file; null: it was removed. */
	readonly inputFilename: string | null;
	readonly health: BatchHealth;
	readonly statistics: BatchStatistics;
	readonly forecast: ForecastObject | null;
	/** How it stands among the machines. */
	readonly place: BatchPlace;
}

/** A batch with everything known of it. */
export function composeDetails(batch: BatchRecord, facts: BatchFacts): BatchDetails {
	const { manifest, pause } = batch;
	return {
		...renderBatch(batch),
		format: manifest.format,
		input_filename: facts.inputFilename,
		options: composeOptions(batch, facts.place),
		priority: manifest.priority,
		policy: manifest.policy,
		not_before: secondsOrNull(manifest.notBeforeMs),
		effective_until: secondsOrNull(manifest.effectiveUntilMs),
		stale: isStale(manifest, facts.nowMs),
		collected_at: secondsOrNull(batch.collectedAtMs),
		results_dropped_at: secondsOrNull(batch.resultsDroppedAtMs),
		pause: pause === null ? null : { cause: pause.cause, message: pause.message, at: seconds(pause.atMs) },
		is_rehearsal: batch.isHeld,
		round: batch.round,
		health: facts.health,
		statistics: facts.statistics,
		forecast: facts.forecast,
		notices: batch.notices.map(renderBatchFault),
		...facts.place,
	};
}

/** What was chosen, in the words it is chosen by. */
function composeOptions({ manifest, model }: BatchRecord, { machines }: BatchPlace): BatchOptions {
	const { modelOverride } = manifest;
	return {
		format: manifest.format,
		template: manifest.template,
		// The manifest has a path; a model is chosen by its name, which before the check only its file's name tells.
		model: modelOverride === null ? null : (model?.name ?? basename(modelOverride, ".gguf")),
		priority: manifest.priority,
		not_before: secondsOrNull(manifest.notBeforeMs),
		effective_until: secondsOrNull(manifest.effectiveUntilMs),
		policy: manifest.policy,
		webhook_url: manifest.webhookUrl,
		reuse_answers: manifest.reuseAnswers,
		machines,
	};
}

/** The batch a line belongs to, and how its lines are written. */
export interface LineView {
	readonly batch: BatchRecord;
	readonly format: LineFormat;
	readonly nowMs: number;
}

/** A line's answer and where it came from. A line that an ended batch never ran has the error that stands in the error file. */
export function composeLineResult(line: FinishedLine, { batch, format, nowMs }: LineView): LineResultObject {
	const { manifest, model } = batch;
	const skipped = line.result === null ? skipReasonOf(batch.status) : null;
	const made = line.result?.provenance ?? null;
	return {
		custom_id: line.customId,
		result: line.result === null && skipped === null ? null : format.result(line, skipped),
		is_error: line.result?.isError ?? skipped !== null,
		produced_at: made === null ? null : made.producedAtMs / 1000,
		effective_until: secondsOrNull(manifest.effectiveUntilMs),
		stale: isStale(manifest, nowMs),
		model: made !== null && made.modelDigest === model?.digest ? model.name : null,
		model_digest: made?.modelDigest ?? null,
		engine: made?.engineVersion ?? null,
		machine: made?.machine ?? null,
		seed: made?.seed ?? null,
		duration_seconds: made === null ? null : made.durationMs / 1000,
		input_tokens: made?.promptTokens ?? null,
		output_tokens: made?.completionTokens ?? null,
	};
}

/** Why lines without a result have none in a batch of this status; null: they are still to run, or there are no such lines. */
export function skipReasonOf(status: BatchStatus): SkipReason | null {
	switch (status) {
		case "expired":
			return "batch_expired";
		case "cancelled":
			return "batch_cancelled";
		case "failed":
			return "batch_failed";
		case "validating":
		case "in_progress":
		case "finalizing":
		case "cancelling":
		case "completed":
			return null;
		default:
			return assertNever(status);
	}
}

/** One rehearsed line; null: it has no result yet. `bytes` are its request as it stands in the file; null: that is gone. */
export function composeRehearsedLine(
	line: FinishedLine,
	bytes: Uint8Array | null,
	format: LineFormat,
): RehearsedLine | null {
	if (line.result === null) return null;
	const { isError, provenance } = line.result;
	return {
		line: line.line + 1,
		custom_id: line.customId,
		request: bytes === null ? {} : { ...format.request(bytes).body },
		result: { ...format.result(line, null) },
		text: format.text(line),
		is_error: isError,
		input_tokens: provenance.promptTokens,
		output_tokens: provenance.completionTokens,
		seconds: provenance.durationMs / 1000,
	};
}

/** True: nothing of the rehearsal is still to come. */
export function isPlayed(batch: Pick<BatchRecord, "rehearsed" | "status">): boolean {
	return batch.rehearsed !== null || isEnded(batch.status);
}

/** A minute of work. */
export function composeMinute(minute: WorkMinute): WorkMinuteObject {
	return {
		at: seconds(minute.atMs),
		machine: minute.machine,
		lines: minute.lines,
		failed: minute.failed,
		input_tokens: minute.inputTokens,
		output_tokens: minute.outputTokens,
	};
}
