import { setTimeout } from "node:timers/promises";
import { assertNever, systemClock } from "../base/base.ts";
import type { LoadedModel } from "../engine/engine.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { BatchRecord } from "../ledger/ledger.ts";
import { type Service, startService } from "../service.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { createProgressView, describeDuration } from "./progress-view.ts";
import { onInterrupt, reportStartFailure } from "./start.ts";
import { submitFile } from "./submit-file.ts";
import { version } from "./version.ts";
import { writeResults } from "./write-results.ts";

/** Options of `nightshift run`. */
export interface RunOptions extends GlobalOptions {
	readonly output: string;
	readonly model?: string;
	readonly lanes?: number;
	readonly threads?: number;
}

/** How often the progress line is drawn: smooth for an eye, nothing for a CPU. */
const DRAW_MS = 200;

/** How waiting for a batch ended. */
type Waited =
	| { readonly kind: "ended"; readonly batch: BatchRecord }
	| { readonly kind: "interrupted" }
	| { readonly kind: "broken"; readonly message: string };

/** Does a whole batch file on this machine, from validation to results.jsonl. */
export async function runCommand(path: string, options: RunOptions): Promise<ExitCode> {
	const started = await startService({
		...options,
		model: options.model ?? null,
		lanes: options.lanes ?? null,
		threads: options.threads ?? null,
		port: null,
		startJobs: false,
		version: version(),
	});
	if (!started.ok) return reportStartFailure(started.error);
	const service = started.value;
	try {
		return await runBatch(service, path, options);
	} finally {
		await service.stop();
	}
}

async function runBatch(service: Service, path: string, options: RunOptions): Promise<ExitCode> {
	const interrupt = new AbortController();
	const stopWatching = onInterrupt(() => interrupt.abort());
	try {
		const submitted = await submitFile(service, path);
		if (!submitted.ok) {
			process.stderr.write(`nightshift: ${submitted.error.message}\n`);
			return submitted.error.kind === "no-room" ? exitCodes.broken : exitCodes.badInput;
		}
		// Another file that was stopped half-way must not go first: this command is about this file.
		service.jobs.start(submitted.value.id);
		const startedMs = systemClock.monotonicMs();
		const doneBefore = submitted.value.completed + submitted.value.failed;
		if (doneBefore > 0) process.stderr.write(`${doneBefore} of ${submitted.value.total} lines were done before.\n`);
		const waited = await waitForEnd(service, submitted.value.id, interrupt.signal);
		switch (waited.kind) {
			case "ended":
				return await report(service, waited.batch, path, options.output, systemClock.monotonicMs() - startedMs);
			case "interrupted":
				process.stderr.write("Stopped. Every finished line is kept; the same command goes on from here.\n");
				return exitCodes.interrupted;
			case "broken":
				process.stderr.write(
					`nightshift: ${waited.message}\nEvery finished line is kept; the same command goes on from here.\n`,
				);
				return exitCodes.broken;
			default:
				return assertNever(waited);
		}
	} finally {
		stopWatching();
	}
}

async function waitForEnd(service: Service, batchId: string, interrupt: AbortSignal): Promise<Waited> {
	const view = createProgressView(process.stderr, systemClock);
	let isModelTold = false;
	try {
		for (;;) {
			const state = service.residency.models[0]?.state;
			if (!isModelTold && state?.kind === "ready") {
				view.note(describeModel(state.model));
				isModelTold = true;
			}
			const progress = service.jobs.progress(batchId);
			if (!progress) throw new Error(`The ledger lacks the batch ${batchId} that was just made.`);
			view.update(progress);
			if (isEnded(progress.batch.status)) return { kind: "ended", batch: progress.batch };
			if (interrupt.aborted) return { kind: "interrupted" };
			if (progress.trouble !== null) return { kind: "broken", message: progress.trouble };
			await pause(interrupt);
		}
	} finally {
		view.end();
	}
}

/** What was chosen for this machine, e.g. `demo on the CPU, 2 threads: 16 batch lanes …`. */
function describeModel(model: LoadedModel): string {
	const place =
		model.gpu === "none"
			? `the CPU, ${model.threads} threads`
			: `${model.gpuLayers} of ${model.totalLayers} layers on ${model.gpu}`;
	return `${model.source.name} on ${place}: ${model.notes.join(" ")}`;
}

/** Waits for the next drawing, or less when interrupted. */
async function pause(interrupt: AbortSignal): Promise<void> {
	try {
		await setTimeout(DRAW_MS, undefined, { signal: interrupt });
	} catch (error) {
		if (!interrupt.aborted) throw error;
	}
}

async function report(
	service: Service,
	batch: BatchRecord,
	path: string,
	output: string,
	elapsedMs: number,
): Promise<ExitCode> {
	if (batch.status === "failed") {
		for (const fault of batch.faults) {
			const place = fault.line === null ? path : `${path}:${fault.line}`;
			const field = fault.param === null ? "" : ` ${fault.param}:`;
			process.stderr.write(`${place}:${field} ${fault.message} (${fault.code})\n`);
		}
		const broken = batch.faults.every((fault) => fault.code === "model_load_failed");
		if (!broken) process.stderr.write("Nothing was queued. Mend the file and run the same command again.\n");
		return broken ? exitCodes.broken : exitCodes.badInput;
	}
	const written = await writeResults(service.ledger, batch, output);
	const lines = `${batch.completed.toLocaleString("en-US")} of ${batch.total.toLocaleString("en-US")} lines answered`;
	process.stderr.write(`${lines} in ${describeDuration(elapsedMs / 1_000)}: ${written.outputPath}\n`);
	if (written.errorsPath === null) return exitCodes.done;
	process.stderr.write(`${batch.failed.toLocaleString("en-US")} lines failed; the reasons: ${written.errorsPath}\n`);
	return exitCodes.failedLines;
}
