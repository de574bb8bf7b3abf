import type { Clock } from "../base/base.ts";
import type { BatchProgress } from "../jobs/jobs.ts";

/** Shows how a batch goes: one line that is drawn over on a terminal, a plain line now and then elsewhere. */
export interface ProgressView {
	update(progress: BatchProgress): void;
	/** Prints a line that stays, above the one that is drawn over. */
	note(text: string): void;
	/** Leaves the last state standing. */
	end(): void;
}

/** Where the view goes. */
export interface ProgressStream {
	readonly isTTY?: boolean;
	readonly columns?: number;
	write(text: string): unknown;
}

/** Off a terminal a line is printed this often, so that a log file of a whole night stays readable. */
const PLAIN_EVERY_MS = 10_000;
const BAR_WIDTH = 24;
const CLEAR_LINE = "\r\u001b[2K";

/** Builds the view for a stream. */
export function createProgressView(stream: ProgressStream, clock: Clock): ProgressView {
	let lastText = "";
	let lastPlainMs = Number.NEGATIVE_INFINITY;
	let open = false;
	return {
		update(progress) {
			const text = describeProgress(progress);
			if (text === lastText) return;
			if (stream.isTTY) {
				const line = `${drawBar(progress)} ${text}`;
				stream.write(CLEAR_LINE + line.slice(0, (stream.columns ?? 80) - 1));
				open = true;
			} else {
				const finished = progress.batch.completed + progress.batch.failed === progress.batch.total;
				if (!finished && clock.monotonicMs() - lastPlainMs < PLAIN_EVERY_MS) return;
				lastPlainMs = clock.monotonicMs();
				stream.write(`${text}\n`);
			}
			lastText = text;
		},
		note(text) {
			stream.write(`${open ? CLEAR_LINE : ""}${text}\n`);
			open = false;
		},
		end() {
			if (open) stream.write("\n");
			open = false;
		},
	};
}

/** e.g. `412/1,000 lines, 37.2 lines/s, 1,210 tokens/s, 16 s left`, or what it waits for. */
export function describeProgress(progress: BatchProgress): string {
	const { batch, linesPerSecond, tokensPerSecond, secondsLeft } = progress;
	if (batch.status !== "in_progress") return progress.activity;
	const done = batch.completed + batch.failed;
	const parts = [`${format(done)}/${format(batch.total)} lines`];
	if (batch.failed > 0) parts.push(`${format(batch.failed)} failed`);
	if (linesPerSecond > 0) {
		parts.push(`${linesPerSecond.toFixed(1)} lines/s`, `${format(Math.round(tokensPerSecond))} tokens/s`);
	} else {
		parts.push(progress.activity);
	}
	if (secondsLeft !== null && done < batch.total) parts.push(`${describeDuration(secondsLeft)} left`);
	return parts.join(", ");
}

/** e.g. `42 s`, `3 min 10 s`, `2 h 5 min`. */
export function describeDuration(seconds: number): string {
	const whole = Math.ceil(seconds);
	if (whole < 60) return `${whole} s`;
	if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
	return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

function drawBar({ batch }: BatchProgress): string {
	const share = batch.total === 0 ? 0 : (batch.completed + batch.failed) / batch.total;
	const full = Math.floor(share * BAR_WIDTH);
	return `[${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)}]`;
}

function format(value: number): string {
	return value.toLocaleString("en-US");
}
