import { durationBucket } from "./durations.ts";
import type { OpBody } from "./ops.ts";
import type { LineResult } from "./records.ts";

const MINUTE_MS = 60_000;

/** What the operation of a segment says of the work in it. */
export type WorkFigures = Pick<OpBody<"segment">, "work" | "durations">;

/** Lines taken over from other batches: nobody worked. */
export const NO_WORK: WorkFigures = { work: [], durations: [] };

interface Minute {
	readonly machine: string;
	readonly atMs: number;
	lines: number;
	failed: number;
	retries: number;
	inputTokens: number;
	cachedTokens: number;
	outputTokens: number;
}

/** Start of the minute in which something was. */
export function minuteOf(atMs: number): number {
	return Math.max(0, Math.floor(atMs / MINUTE_MS) * MINUTE_MS);
}

/** Adds up the work that brought some results, by machine and minute, in the order in which these first occur. */
export function workFigures(results: Iterable<LineResult>): WorkFigures {
	const minutes = new Map<string, Minute>();
	const buckets = new Map<number, number>();
	let last: Minute | null = null;
	for (const { isError, provenance } of results) {
		const atMs = minuteOf(provenance.producedAtMs);
		// Nearly always that of the line before.
		if (last === null || last.atMs !== atMs || last.machine !== provenance.machine) {
			const key: string = `${atMs} ${provenance.machine}`;
			last = minutes.get(key) ?? noWork(provenance.machine, atMs);
			minutes.set(key, last);
		}
		last.lines += 1;
		last.failed += isError ? 1 : 0;
		last.retries += Math.max(0, provenance.attempts - 1);
		last.inputTokens += provenance.promptTokens;
		last.cachedTokens += provenance.cachedTokens;
		last.outputTokens += provenance.completionTokens;
		const bucket = durationBucket(provenance.durationMs);
		buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
	}
	return { work: [...minutes.values()], durations: [...buckets] };
}

function noWork(machine: string, atMs: number): Minute {
	return { machine, atMs, lines: 0, failed: 0, retries: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0 };
}
