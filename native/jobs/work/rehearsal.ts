import type { BatchRecord, Ledger, LineResult, RehearsedFigures } from "../../ledger/ledger.ts";
import type { FeedDeps } from "./feed.ts";

/**
 * The lines a rehearsal runs of `total`, 0-based and ascending: the first `count`, or as many spread evenly over the file, its
 * first and its last among them. All of a file that has no more.
 */
export function sampleLines(total: number, count: number, spread: boolean): readonly number[] {
	const wanted = Math.min(total, count);
	// Steps of at least one line each, so that none comes twice.
	const step = spread && wanted > 1 ? (total - 1) / (wanted - 1) : 1;
	return Array.from({ length: wanted }, (_, index) => Math.round(index * step));
}

/** What rehearsed lines came to. Answers taken over from another batch count like any other. */
export function rehearsedFigures(
	results: readonly Pick<LineResult, "isError" | "provenance">[],
): Omit<RehearsedFigures, "atMs"> {
	const made = results.map(({ provenance }) => provenance);
	return {
		lines: results.length,
		failed: results.filter(({ isError }) => isError).length,
		inputTokens: made.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
		outputTokens: made.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
		durationMs: busyMs(made.map(({ producedAtMs, durationMs }) => [producedAtMs - durationMs, producedAtMs])),
	};
}

/** The lines that are to be rehearsed; null: it is no rehearsal, or it has been. Being queued meanwhile changes nothing. */
export function sampleOf({ manifest, rehearsed, total }: BatchRecord): readonly number[] | null {
	if (manifest.rehearsal === null || rehearsed !== null) return null;
	return sampleLines(total, manifest.rehearsal.lines, manifest.rehearsal.spread);
}

/** Hands out the rehearsed lines that have no result, once: without leases, for they are a handful and this process's alone. */
export function rehearsalLedger(
	ledger: Pick<Ledger, "openLines" | "countCrash">,
	sample: readonly number[],
): FeedDeps["ledger"] {
	let isHandedOut = false;
	return {
		claim(batchId, _max, durationMs) {
			if (isHandedOut) return null;
			isHandedOut = true;
			return { token: "rehearsal", batchId, lines: ledger.openLines(batchId, sample), durationMs };
		},
		release() {},
		countCrash: ledger.countCrash,
	};
}

/** Records what the rehearsed lines came to, if all of them have their results and it is not recorded yet. */
export async function settleRehearsal(
	ledger: Pick<Ledger, "batch" | "finishedLine" | "settleRehearsal">,
	batchId: string,
): Promise<void> {
	const batch = ledger.batch(batchId);
	if (batch === null || batch.status !== "in_progress") return;
	const sample = sampleOf(batch);
	if (sample === null) return;
	const results = sample.flatMap((line) => ledger.finishedLine(batchId, line)?.result ?? []);
	if (results.length === sample.length) await ledger.settleRehearsal(batchId, rehearsedFigures(results));
}

/**
 * Time during which at least one of the lines ran. The gap that a restart leaves between two of them, or the days since another
 * batch had one of them answered, is no time of work.
 */
function busyMs(runs: readonly (readonly [fromMs: number, toMs: number])[]): number {
	let busy = 0;
	let reached = Number.NEGATIVE_INFINITY;
	for (const [fromMs, toMs] of [...runs].sort(([left], [right]) => left - right)) {
		busy += Math.max(0, toMs - Math.max(fromMs, reached));
		reached = Math.max(reached, toMs);
	}
	return busy;
}
