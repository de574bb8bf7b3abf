/** Tells how old answers are and whether they are still to be used: headers of everything that hands out results. */
import type { BatchRecord } from "../ledger/ledger.ts";

/** Facts of a batch that its freshness follows from. */
export type AgedBatch = Pick<
	BatchRecord,
	"id" | "manifest" | "completedAtMs" | "failedAtMs" | "expiredAtMs" | "cancelledAtMs"
>;

/** The headers, so that pages of allowed origins can be let see them. */
export const freshnessHeaderNames = [
	"x-nightshift-batch",
	"x-nightshift-produced-at",
	"x-nightshift-effective-until",
	"x-nightshift-stale",
] as const;

/** True: the answers are past the time they were to be used until. */
export function isStale(manifest: Pick<BatchRecord["manifest"], "effectiveUntilMs">, nowMs: number): boolean {
	return manifest.effectiveUntilMs !== null && nowMs >= manifest.effectiveUntilMs;
}

/** When a batch ended, whichever way; null: it has not. */
export function endedAtMs(batch: AgedBatch): number | null {
	return batch.completedAtMs ?? batch.failedAtMs ?? batch.expiredAtMs ?? batch.cancelledAtMs;
}

/**
 * Headers of an answer that carries results of a batch. `producedAtMs` is when they were made: of a whole batch its end, of a
 * line its own; null where that is still to come, and then the header is left out.
 */
export function freshnessHeaders(
	batch: AgedBatch,
	nowMs: number,
	producedAtMs: number | null = endedAtMs(batch),
): Readonly<Record<string, string>> {
	const { effectiveUntilMs } = batch.manifest;
	return {
		"x-nightshift-batch": batch.id,
		...(producedAtMs === null ? {} : { "x-nightshift-produced-at": new Date(producedAtMs).toISOString() }),
		...(effectiveUntilMs === null ? {} : { "x-nightshift-effective-until": new Date(effectiveUntilMs).toISOString() }),
		"x-nightshift-stale": String(isStale(batch.manifest, nowMs)),
	};
}
