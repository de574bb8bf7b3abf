import { assertNever, systemClock } from "../base/base.ts";
import { statusSchema } from "../contract/contract.ts";
import { locate } from "../locations/locations.ts";
import { type Service, type StartFailure, startService } from "../service.ts";
import { askToGoOn } from "./ask.ts";
import { type BatchFlags, readBatchFlags } from "./batch-flags.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { findOutputFault } from "./output-path.ts";
import { printRehearsal, reportEnd } from "./run-report.ts";
import { createRunWatch, type Rest, type RunWatch } from "./run-watch.ts";
import { findService } from "./service-client.ts";
import { onInterrupt, reportStartFailure } from "./start.ts";
import { RUN_WINDOW_MS, type SubmitWish, submitFile } from "./submit-file.ts";
import { version } from "./version.ts";

/** Options of `nightshift run`. */
export interface RunOptions extends GlobalOptions, BatchFlags {
	/** Absent: `results` with the extension of the file's kind. */
	readonly output?: string;
	readonly lanes?: number;
	readonly threads?: number;
	/** Shows the first lines before the rest runs; true: as many as usual. */
	readonly rehearse?: number | true;
	readonly spread?: boolean;
	/** Goes on after the rehearsal without asking. */
	readonly yes?: boolean;
}

/** Lines of a rehearsal unless told otherwise. */
const USUAL_REHEARSAL_LINES = 5;

/** Does a whole batch file on this machine, from validation to results.jsonl. */
export async function runCommand(path: string, options: RunOptions): Promise<ExitCode> {
	const { output, rehearse, spread = false } = options;
	if (spread && rehearse === undefined) return refuse("--spread says which lines to rehearse; give --rehearse too.");
	const flags = readBatchFlags(options);
	if (!flags.ok) return refuse(flags.error);
	const outputFault = output === undefined ? null : await findOutputFault(path, output);
	if (outputFault !== null) return refuse(outputFault);
	const started = await startService({
		...options,
		model: options.model ?? null,
		lanes: options.lanes ?? null,
		threads: options.threads ?? null,
		port: null,
		startJobs: false,
		conduct: "here-and-now",
		version: version(),
	});
	if (!started.ok) return reportNoStart(started.error, path, options.dataDir);
	const service = started.value;
	const lines = rehearse === true ? USUAL_REHEARSAL_LINES : rehearse;
	const rehearsal = lines === undefined ? null : { lines, spread };
	try {
		return await runBatch(service, path, options, { options: flags.value, rehearsal });
	} finally {
		await service.stop();
	}
}

async function runBatch(service: Service, path: string, options: RunOptions, wish: SubmitWish): Promise<ExitCode> {
	const interrupt = new AbortController();
	const stopWatching = onInterrupt(() => interrupt.abort());
	const watch = createRunWatch(service, interrupt.signal);
	try {
		const submitted = await submitFile(service, path, wish);
		if (!submitted.ok) {
			const { kind, message } = submitted.error;
			return kind === "no-room" ? reportBroken(message) : refuse(message);
		}
		const { id, isHeld } = submitted.value;
		if (wish.rehearsal !== null && !isHeld) watch.note("This file was begun before; it goes on without a rehearsal.");
		const startedMs = systemClock.monotonicMs();
		// Another file that was stopped half-way must not go first: this command is about this file.
		service.jobs.start(id, watch.tellStart);
		const rest = await untilNobodyIsAsked(service, watch, id, { interrupt, isSure: options.yes === true });
		watch.end();
		return await end(service, rest, { path, options, elapsedMs: systemClock.monotonicMs() - startedMs });
	} finally {
		watch.end();
		stopWatching();
	}
}

/** Goes on after a rehearsal, if whoever sits there says so; elsewhere it goes on by itself. */
async function untilNobodyIsAsked(
	service: Service,
	watch: RunWatch,
	batchId: string,
	{ interrupt, isSure }: { readonly interrupt: AbortController; readonly isSure: boolean },
): Promise<Rest> {
	for (;;) {
		const rest = await watch.untilRest(batchId);
		if (rest.kind !== "rehearsed") return rest;
		watch.end();
		await printRehearsal(service, rest.batch);
		const answer = isSure ? "yes" : await askToGoOn(interrupt.signal);
		switch (answer) {
			case "yes":
				await service.jobs.queue(batchId, RUN_WINDOW_MS);
				break;
			case "no":
				return rest;
			case "interrupted":
				return { kind: "interrupted" };
			default:
				return assertNever(answer);
		}
	}
}

interface RunFacts {
	readonly path: string;
	readonly options: RunOptions;
	readonly elapsedMs: number;
}

async function end(service: Service, rest: Rest, { path, options, elapsedMs }: RunFacts): Promise<ExitCode> {
	switch (rest.kind) {
		case "ended":
			return reportEnd(service.ledger, rest.batch, { path, output: options.output ?? null, elapsedMs });
		case "rehearsed":
			process.stderr.write("Nothing more was run. The same command goes on from here.\n");
			return exitCodes.done;
		case "interrupted":
			process.stderr.write("Stopped. Every finished line is kept; the same command goes on from here.\n");
			return exitCodes.interrupted;
		case "paused":
			return reportBroken(`${rest.message}\nEvery finished line is kept; the same command goes on past this limit.`);
		case "broken":
			return reportBroken(`${rest.message}\nEvery finished line is kept; the same command goes on from here.`);
		default:
			return assertNever(rest);
	}
}

/** Where a service runs on the folder, the file is better handed to that. */
async function reportNoStart(failure: StartFailure, path: string, dataDir: string): Promise<ExitCode> {
	if (failure.kind !== "in-use") return reportStartFailure(failure);
	const client = findService(locate(dataDir));
	const status = await client?.call("/api/status", statusSchema);
	if (!status?.ok) return reportStartFailure(failure);
	return reportBroken(
		`A service runs on ${dataDir}. Hand the file to it with 'nightshift submit ${path}', or choose another folder with --data-dir.`,
	);
}

function refuse(message: string): ExitCode {
	process.stderr.write(`nightshift: ${message}\n`);
	return exitCodes.badInput;
}

function reportBroken(message: string): ExitCode {
	process.stderr.write(`nightshift: ${message}\n`);
	return exitCodes.broken;
}
