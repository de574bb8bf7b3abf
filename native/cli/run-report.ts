/** What `nightshift run` says: of the model, of what is there already, of the end. */
import { createBatchFormats } from "../api/batch-formats.ts";
import { describeRehearsal } from "../api/describe-batch.ts";
import { durationInWords, formatCount } from "../base/base.ts";
import type { LoadedModel } from "../engine/engine.ts";
import type { BatchRecord, Ledger } from "../ledger/ledger.ts";
import type { Service } from "../service.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { reportFaults, wasModelAtFault } from "./faults-view.ts";
import { formatTime } from "./format-time.ts";
import { usualOutput } from "./output-path.ts";
import { rehearsalInWords } from "./rehearsal-view.ts";
import { writeResults } from "./write-results.ts";

/** What need not be run any more, and what runs. */
export function describeStart({ total, completed, failed, adopted, isHeld }: BatchRecord): string {
	const done = completed + failed;
	const from = adopted > 0 ? " (equal lines of other files count)" : "";
	const left = isHeld ? "" : `, ${formatCount(total - done)} run now`;
	return `${formatCount(done)} of ${formatCount(total)} lines were done before${from}${left}.`;
}

/** What was chosen for this machine, e.g. `demo on the CPU, 2 threads: 16 batch lanes …`. */
export function describeModel(model: LoadedModel): string {
	const place =
		model.gpu === "none"
			? `the CPU, ${model.threads} threads`
			: `${model.gpuLayers} of ${model.totalLayers} layers on ${model.gpu}`;
	return `${model.source.name} on ${place}: ${model.notes.join(" ")}`;
}

/** Prints what the rehearsed lines came to. */
export async function printRehearsal(service: Service, batch: BatchRecord): Promise<void> {
	const formats = createBatchFormats(service.ledger);
	const rehearsal = await describeRehearsal({ ...service, formats }, batch);
	process.stdout.write(rehearsalInWords(rehearsal, formatTime));
}

/** Where a run's file came from, where its results go, and how long it took. */
export interface EndFacts {
	readonly path: string;
	/** Null: where results usually go. */
	readonly output: string | null;
	readonly elapsedMs: number;
}

/** Writes the results of an ended batch, says what came of it, and answers the exit code. */
export async function reportEnd(ledger: Ledger, batch: BatchRecord, facts: EndFacts): Promise<ExitCode> {
	const { path, output, elapsedMs } = facts;
	if (batch.status === "failed") reportFaults(path, batch.faults);
	if (batch.status === "failed" && batch.inProgressAtMs === null) {
		if (wasModelAtFault(batch.faults)) return exitCodes.broken;
		process.stderr.write("Nothing was queued. Mend the file and run the same command again.\n");
		return exitCodes.badInput;
	}
	const written = await writeResults(ledger, batch, output ?? usualOutput(path, batch.manifest.format));
	if (!written.ok) {
		process.stderr.write(`nightshift: ${written.error} All answers are kept; the same command writes them again.\n`);
		return exitCodes.broken;
	}
	await ledger.markCollected(batch.id);
	const { outputPath, errorsPath } = written.value;
	const lines = `${formatCount(batch.completed)} of ${formatCount(batch.total)} lines answered`;
	process.stderr.write(`${lines} in ${durationInWords(elapsedMs)}: ${outputPath}\n`);
	if (errorsPath === null) return exitCodes.done;
	const failed = batch.total - batch.completed;
	process.stderr.write(
		`${formatCount(failed)} ${failed === 1 ? "line" : "lines"} failed; the reasons: ${errorsPath}. The same command runs what failed again, and so does that file.\n`,
	);
	return exitCodes.failedLines;
}
