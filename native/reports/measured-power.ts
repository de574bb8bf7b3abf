/** What models were measured to draw in earlier work: a better guess for their next work than the power of this moment. */
import type { Clock } from "../base/base.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { PowerReading } from "../machine/machine.ts";

/** Tells the power of a model from its earlier work; null: too little of it was measured. */
export type MeasuredPower = (modelDigest: string) => PowerReading | null;

/** Measured power counts for a week: after that, drivers, limits and other parts of the computer may have changed. */
const REMEMBERED_MS = 7 * 24 * 3_600_000;
/** Less work than this says little about a night of it. */
const LEAST_WORK_MS = 60_000;
/** A week of work is some thousand records; a list of batches asks for each of them. */
const REFRESH_MS = 60_000;

const MILLISECONDS_PER_HOUR = 3_600_000;

/** Reads it from the ledger's stints, at most once a minute. */
export function createMeasuredPower(ledger: Pick<Ledger, "batch" | "stints">, clock: Clock): MeasuredPower {
	let readAtMs = Number.NEGATIVE_INFINITY;
	let known: ReadonlyMap<string, PowerReading> = new Map();
	return (modelDigest) => {
		if (clock.monotonicMs() - readAtMs >= REFRESH_MS) {
			readAtMs = clock.monotonicMs();
			known = readPowers(ledger, clock.nowMs());
		}
		return known.get(modelDigest) ?? null;
	};
}

function readPowers(ledger: Pick<Ledger, "batch" | "stints">, nowMs: number): ReadonlyMap<string, PowerReading> {
	const digests = new Map<string, string | null>();
	const sums = new Map<string, { readonly wattHours: number; readonly workedMs: number }>();
	for (const { batchId, fromMs, toMs, wattHours, isMeasured } of ledger.stints({
		fromMs: nowMs - REMEMBERED_MS,
		toMs: nowMs,
	})) {
		if (!isMeasured) continue;
		if (!digests.has(batchId)) digests.set(batchId, ledger.batch(batchId)?.model?.digest ?? null);
		const digest = digests.get(batchId) ?? null;
		if (digest === null) continue;
		const sum = sums.get(digest) ?? { wattHours: 0, workedMs: 0 };
		sums.set(digest, { wattHours: sum.wattHours + wattHours, workedMs: sum.workedMs + (toMs - fromMs) });
	}
	const powers = new Map<string, PowerReading>();
	for (const [digest, { wattHours, workedMs }] of sums) {
		if (workedMs < LEAST_WORK_MS) continue;
		const watts = wattHours / (workedMs / MILLISECONDS_PER_HOUR);
		const basis = `${Math.round(watts)} W, the mean of measured earlier work with this model`;
		powers.set(digest, { watts, isMeasured: true, basis });
	}
	return powers;
}
