import {
	addEstimates,
	describeSample,
	divideEstimates,
	type Estimate,
	estimateWithin,
	exactly,
	scaleEstimate,
	studentFactor,
} from "../../base/base.ts";
import type { ForecastObject } from "../../contract/contract.ts";
import type { BatchRecord, ModelSpeed } from "../../ledger/ledger.ts";
import type { WorkForecast } from "../jobs.ts";

/** Tokens of one line that has run. */
export interface LineTokens {
	readonly inputTokens: number;
	readonly outputTokens: number;
}

/** What is known beyond the batch's record. Speeds count tokens that went through the model: read and not cached, or written. */
export interface ForecastFacts {
	readonly nowMs: number;
	/** When work may go on that may not now; null: it may, or nobody knows when. */
	readonly permittedAtMs: number | null;
	/** The batch at work right now, and how long it has been since it was taken up; null: it waits. */
	readonly running: ModelSpeed | null;
	/** Earlier work of the same model on this machine; null: none. */
	readonly history: ModelSpeed | null;
	/** Lines looked at one by one, as the rehearsed ones are: they tell how much lines differ. May be empty. */
	readonly sample: readonly LineTokens[];
	/** Lines the model runs at the same time; null: it was not loaded yet. */
	readonly lanes: number | null;
}

/** A guess from one line, or from one minute of work, is off by this share; it narrows with the square root of both. */
const WIDTH_OF_ONE = 0.6;

/** No guess of tokens is narrower: the lines to come are never quite like those that have run. */
const LEAST_TOKENS_WIDTH = 0.03;

/** No guess of speed is narrower: the machine gets warm, its owner comes and goes, prompts get longer. */
const LEAST_SPEED_WIDTH = 0.1;

/** A few lines rehearsed on a cold machine tell the speed of the whole no better than this. */
const REHEARSAL_WIDTH = 0.3;

/** Speed of less work than this is that of filling the lanes; whatever else is known is better. */
const LEAST_WORK_MS = 60_000;

/**
 * What is left of a batch will take this, if it goes on (or is queued) now, or when it may, and nothing comes between. Null:
 * there is nothing to forecast, or nothing has run yet that would tell the tokens of a line or the speed.
 */
export function forecastBatch(batch: BatchRecord, facts: ForecastFacts): WorkForecast | null {
	if (batch.status !== "in_progress" || batch.givenUp !== null) return null;
	const known = knownLines(batch, facts.sample);
	const cachedShare = batch.usage.inputTokens > 0 ? batch.usage.cachedTokens / batch.usage.inputTokens : 0;
	const speed = chooseSpeed(batch, facts, cachedShare);
	if (known === null || speed === null) return null;
	const done = batch.completed + batch.failed;
	const left = Math.max(batch.total - done, 0);
	const input = lineEstimate(known.inputTokens, known.lines, left, facts.sample, (line) => line.inputTokens);
	const output = lineEstimate(known.outputTokens, known.lines, left, facts.sample, (line) => line.outputTokens);
	const work = addEstimates(scaleEstimate(input, 1 - cachedShare), output);
	const seconds = divideEstimates(scaleEstimate(work, left), speed.tokensPerSecond);
	const dueMs = Math.max(facts.nowMs, batch.manifest.notBeforeMs ?? 0);
	const startMs = Math.max(dueMs, facts.permittedAtMs ?? 0);
	const endMs = batch.isHeld ? dueMs + batch.manifest.windowMs : batch.expiresAtMs;
	return {
		lines_left: left,
		lines_done: done,
		input_tokens_per_line: input,
		output_tokens_per_line: output,
		input_tokens: scaleEstimate(input, left),
		output_tokens: scaleEstimate(output, left),
		tokens_per_second: speed.tokensPerSecond,
		speed_from: speed.from,
		seconds,
		finish_at: addEstimates(exactly(startMs / 1_000), seconds),
		deadline_at: batch.isHeld ? null : Math.floor(batch.expiresAtMs / 1_000),
		misses_deadline: left > 0 && startMs + seconds.expected * 1_000 > endMs,
	};
}

interface KnownLines extends LineTokens {
	/** How many lines the token counts are of; at least one. */
	readonly lines: number;
}

/** All finished lines; where there are none (a retry put them back), those that were rehearsed. */
function knownLines(batch: BatchRecord, sample: readonly LineTokens[]): KnownLines | null {
	const finished = batch.completed + batch.failed;
	if (finished > 0) return { ...batch.usage, lines: finished };
	if (batch.rehearsed !== null && batch.rehearsed.lines > 0) return batch.rehearsed;
	if (sample.length === 0) return null;
	const total = (pick: (line: LineTokens) => number) => sample.reduce((sum, line) => sum + pick(line), 0);
	return {
		lines: sample.length,
		inputTokens: total((line) => line.inputTokens),
		outputTokens: total((line) => line.outputTokens),
	};
}

/**
 * Tokens of a line among those left: their mean is off by what the mean of the known lines is off, and by what the mean of
 * so few to come may differ from it.
 */
function lineEstimate(
	tokens: number,
	lines: number,
	left: number,
	sample: readonly LineTokens[],
	pick: (line: LineTokens) => number,
): Estimate {
	const { mean, deviation } = describeSample(sample.map(pick));
	const error = Math.sqrt(1 / lines + (left > 0 ? 1 / left : 0));
	const width =
		sample.length >= 2 && mean > 0
			? studentFactor(sample.length) * (deviation / mean) * error
			: WIDTH_OF_ONE / Math.sqrt(lines);
	return estimateWithin(tokens / lines, Math.max(width, LEAST_TOKENS_WIDTH));
}

interface Speed {
	readonly tokensPerSecond: Estimate;
	readonly from: ForecastObject["speed_from"];
}

/** The best speed that is known: of enough work on this batch, of enough earlier work, of the rehearsal, of a little work. */
function chooseSpeed(batch: BatchRecord, facts: ForecastFacts, cachedShare: number): Speed | null {
	const { running, history } = facts;
	const isWorking = running !== null && running.tokensPerSecond > 0 && running.workedMs > 0;
	const ofRunning: Speed | null = isWorking ? { tokensPerSecond: measured(running), from: "running" } : null;
	if (ofRunning !== null && running !== null && running.workedMs > LEAST_WORK_MS) return ofRunning;
	const isKnown = history !== null && history.tokensPerSecond > 0 && history.workedMs > 0;
	const ofHistory: Speed | null = isKnown ? { tokensPerSecond: measured(history), from: "history" } : null;
	// A little earlier work is mostly this very rehearsal, with empty lanes and the start of everything in it.
	if (ofHistory !== null && history !== null && history.workedMs > LEAST_WORK_MS) return ofHistory;
	return rehearsalSpeed(batch, facts.lanes, cachedShare) ?? ofHistory ?? ofRunning;
}

function measured({ tokensPerSecond, workedMs }: ModelSpeed): Estimate {
	const width = WIDTH_OF_ONE / Math.sqrt(Math.max(workedMs / 60_000, 1));
	return estimateWithin(tokensPerSecond, Math.max(width, LEAST_SPEED_WIDTH));
}

/**
 * A rehearsal leaves lanes empty: with all of them busy the machine is between as fast as it was then and faster by as many
 * times as there are lanes to a rehearsed line.
 */
function rehearsalSpeed({ rehearsed }: BatchRecord, lanes: number | null, cachedShare: number): Speed | null {
	if (rehearsed === null || rehearsed.lines === 0 || rehearsed.durationMs <= 0) return null;
	const tokens = rehearsed.inputTokens * (1 - cachedShare) + rehearsed.outputTokens;
	if (tokens <= 0) return null;
	const slowest = tokens / (rehearsed.durationMs / 1_000);
	const gain = Math.max((lanes ?? 1) / rehearsed.lines, 1);
	const expected = slowest * Math.sqrt(gain);
	const { low, high } = estimateWithin(expected, REHEARSAL_WIDTH);
	return {
		tokensPerSecond: { low: Math.min(slowest, low), expected, high: Math.max(slowest * gain, high) },
		from: "rehearsal",
	};
}
