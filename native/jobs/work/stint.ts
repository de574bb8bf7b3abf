import type { Clock, Log } from "../../base/base.ts";
import type { Ledger, Stint } from "../../ledger/ledger.ts";
import type { PowerMeter } from "../../machine/machine.ts";

/** Writes down when this machine worked on which batch, and the power it took. */
export interface Stints {
	begin(batchId: string): RunningStint;
	/** Work on a batch that is not in its record yet. */
	unrecordedMs(batchId: string): number;
	/** All work since a moment (wall clock) that is not in the ledger yet. */
	unrecorded(): readonly Pick<Stint, "fromMs" | "toMs">[];
}

/** Work on one batch. */
export interface RunningStint {
	/** Ends it and records it, as far as the disk lets us. Never rejects. */
	end(): Promise<void>;
}

/** What `createStints` needs. */
export interface StintsDeps {
	readonly ledger: Pick<Ledger, "recordStint" | "batch">;
	readonly power: Pick<PowerMeter, "count">;
	readonly machine: () => string;
	readonly clock: Clock;
	readonly log: Log;
	/** Time batch work stood aside so far, which is no work. */
	readonly frozenMs: () => number;
}

/** A killed process forgets no more work than this; shorter would fill the log with hardly anything. */
const RECORD_AFTER_MS = 60_000;
/** A day of minutes that a full disk could not take; older ones are forgotten, which costs figures and no line. */
const MOST_PENDING = 1_440;

interface Mark {
	readonly atMs: number;
	readonly monotonicMs: number;
	readonly frozenMs: number;
}

/** Builds the recorder. A stint that can't be recorded is kept and tried again with the next one. */
export function createStints(deps: StintsDeps): Stints {
	const { ledger, clock, log } = deps;
	const pending: Stint[] = [];
	let current: { readonly batchId: string; mark: Mark } | null = null;
	let recording: Promise<void> = Promise.resolve();

	const markNow = (): Mark => ({
		atMs: clock.nowMs(),
		monotonicMs: clock.monotonicMs(),
		frozenMs: deps.frozenMs(),
	});

	async function recordPending(): Promise<void> {
		for (let stint = pending[0]; stint; stint = pending[0]) {
			try {
				// A batch may have been deleted while the disk was full.
				if (ledger.batch(stint.batchId) !== null) await ledger.recordStint(stint);
			} catch (error) {
				log.warn({ batch: stint.batchId, error: String(error) }, "work could not be written down; it is tried again");
				return;
			}
			pending.shift();
		}
	}

	function record(): Promise<void> {
		recording = recording.then(recordPending);
		return recording;
	}

	return {
		begin(batchId) {
			const energy = deps.power.count();
			const work = { batchId, mark: markNow() };
			current = work;

			/** Puts the work since the last mark among what is to be recorded. */
			function cut(): void {
				const now = markNow();
				const passedMs = now.monotonicMs - work.mark.monotonicMs;
				const workedShare = 1 - (now.frozenMs - work.mark.frozenMs) / passedMs;
				const workedMs = workSince(work.mark, now);
				const { wattHours, isMeasured } = energy.take();
				const fromMs = work.mark.atMs;
				work.mark = now;
				if (workedMs <= 0) return;
				pending.push({
					batchId,
					machine: deps.machine(),
					fromMs,
					toMs: fromMs + workedMs,
					// The rest was drawn for whoever the batch stood aside for.
					wattHours: wattHours * workedShare,
					isMeasured,
				});
				if (pending.length > MOST_PENDING) pending.shift();
			}

			const timer = setInterval(() => {
				cut();
				void record();
			}, RECORD_AFTER_MS);
			return {
				async end() {
					clearInterval(timer);
					cut();
					current = null;
					energy.end();
					await record();
				},
			};
		},
		unrecordedMs(batchId) {
			const waiting = pending.filter((stint) => stint.batchId === batchId);
			const running = current?.batchId === batchId ? workSince(current.mark, markNow()) : 0;
			return waiting.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, running);
		},
		unrecorded() {
			if (current === null) return [...pending];
			const { mark } = current;
			return [...pending, { fromMs: mark.atMs, toMs: mark.atMs + workSince(mark, markNow()) }];
		},
	};
}

/** Whole milliseconds of work between two marks, without the time frozen. */
function workSince(from: Mark, to: Mark): number {
	return Math.max(Math.round(to.monotonicMs - from.monotonicMs - (to.frozenMs - from.frozenMs)), 0);
}
