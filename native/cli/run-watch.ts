import { setTimeout } from "node:timers/promises";
import { systemClock } from "../base/base.ts";
import type { BatchProgress } from "../jobs/jobs.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { BatchRecord } from "../ledger/ledger.ts";
import type { Service } from "../service.ts";
import { createProgressView } from "./progress-view.ts";
import { describeModel, describeStart } from "./run-report.ts";

/** Why nothing happens any more to the batch of a run. */
export type Rest =
	| { readonly kind: "ended"; readonly batch: BatchRecord }
	/** Its first lines have run; the rest waits to be queued. */
	| { readonly kind: "rehearsed"; readonly batch: BatchRecord }
	| { readonly kind: "interrupted" }
	/** It stands still until somebody says go on. */
	| { readonly kind: "paused"; readonly message: string }
	| { readonly kind: "broken"; readonly message: string };

/** Shows on stderr how the batch of a run goes. */
export interface RunWatch {
	/** To be called before the first line starts: says what need not be run any more. */
	tellStart(batch: BatchRecord): void;
	note(text: string): void;
	/** Shows how it goes until it goes no further. */
	untilRest(batchId: string): Promise<Rest>;
	/** Leaves the last state standing. */
	end(): void;
}

/** How often the progress line is drawn: smooth for an eye, nothing for a CPU. */
const DRAW_MS = 200;

/** Watches the service's work until `interrupt`. */
export function createRunWatch(service: Service, interrupt: AbortSignal): RunWatch {
	const view = createProgressView(process.stderr, systemClock);
	let isModelTold = false;
	/** Whether the start of the rehearsed lines (true) and that of all (false) was told of. */
	const toldStarts = new Set<boolean>();

	function tellStart(batch: BatchRecord): void {
		// Work that was broken off and begins again is no news.
		if (toldStarts.has(batch.isHeld)) return;
		toldStarts.add(batch.isHeld);
		if (batch.completed + batch.failed > 0) view.note(describeStart(batch));
	}

	function restOf({ batch, isInHand, trouble }: BatchProgress): Rest | null {
		if (isEnded(batch.status)) return { kind: "ended", batch };
		if (batch.isHeld && batch.rehearsed !== null) return { kind: "rehearsed", batch };
		if (interrupt.aborted) return { kind: "interrupted" };
		// Lines that run come to their end, or they would have to run again.
		if (batch.pause !== null) return isInHand ? null : { kind: "paused", message: batch.pause.message };
		return trouble === null ? null : { kind: "broken", message: trouble };
	}

	return {
		tellStart,
		note: view.note,
		async untilRest(batchId) {
			for (;;) {
				const state = service.residency.models[0]?.state;
				if (!isModelTold && state?.kind === "ready") {
					view.note(describeModel(state.model));
					isModelTold = true;
				}
				const progress = service.jobs.progress(batchId);
				if (!progress) throw new Error(`The ledger lacks the batch ${batchId} that was just made.`);
				view.update(progress);
				const rest = restOf(progress);
				if (rest?.kind === "ended" && rest.batch.status === "completed" && toldStarts.size === 0) {
					view.note("All of its lines were done before; none is run.");
				}
				if (rest !== null) return rest;
				await pause(interrupt);
			}
		},
		end: view.end,
	};
}

/** Waits for the next drawing, or less when interrupted. */
async function pause(interrupt: AbortSignal): Promise<void> {
	try {
		await setTimeout(DRAW_MS, undefined, { signal: interrupt });
	} catch (error) {
		if (!interrupt.aborted) throw error;
	}
}
