import { type Clock, durationInWords, formatCount } from "../base/base.ts";
import type { BatchProgress } from "../jobs/jobs.ts";
import { createLineView, type LineStream, type LineView } from "./line-view.ts";

/** Shows how a batch goes: one line that is drawn over on a terminal, a plain line now and then elsewhere. */
export interface ProgressView extends Pick<LineView, "note" | "end"> {
	update(progress: BatchProgress): void;
}

/** Off a terminal a line is printed this often, so that a log file of a whole night stays readable. */
const PLAIN_EVERY_MS = 10_000;
const BAR_WIDTH = 24;

/** Builds the view for a stream. */
export function createProgressView(stream: LineStream, clock: Clock): ProgressView {
	const view = createLineView(stream, clock, PLAIN_EVERY_MS);
	return {
		update(progress) {
			const { completed, failed, total } = progress.batch;
			const text = { lead: `${drawBar(progress)} `, plain: describeProgress(progress) };
			view.update(text, completed + failed === total);
		},
		note: view.note,
		end: view.end,
	};
}

/** e.g. `412/1,000 lines, 37.2 lines/s, 1,210 tokens/s, 16 s left`, or what it waits for. */
export function describeProgress(progress: BatchProgress): string {
	const { batch, linesPerSecond, tokensPerSecond, secondsLeft } = progress;
	if (batch.status !== "in_progress") return progress.activity;
	const done = batch.completed + batch.failed;
	const parts = [`${formatCount(done)}/${formatCount(batch.total)} lines`];
	if (batch.failed > 0) parts.push(`${formatCount(batch.failed)} failed`);
	if (linesPerSecond > 0) {
		parts.push(`${linesPerSecond.toFixed(1)} lines/s`, `${formatCount(Math.round(tokensPerSecond))} tokens/s`);
	} else {
		parts.push(progress.activity);
	}
	if (secondsLeft !== null && done < batch.total) parts.push(`${durationInWords(secondsLeft * 1_000)} left`);
	return parts.join(", ");
}

function drawBar({ batch }: BatchProgress): string {
	const share = batch.total === 0 ? 0 : (batch.completed + batch.failed) / batch.total;
	const full = Math.floor(share * BAR_WIDTH);
	return `[${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)}]`;
}
