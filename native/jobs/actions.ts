/** What people do to a batch on its way. */
import { z } from "zod";
import { err, ok, type Result } from "../base/base.ts";
import { isEnded } from "../ledger/batch-status.ts";
import type { BatchRecord, FinishedLine, Ledger } from "../ledger/ledger.ts";
import type { ActFailure, Jobs } from "./jobs.ts";

/** What `createActions` needs. */
export interface ActionsDeps {
	readonly ledger: Pick<
		Ledger,
		"batch" | "cancel" | "queue" | "pause" | "resume" | "retry" | "finishedLines" | "bringInput"
	>;
	/** Ends work on a batch, running lines too. */
	readonly interrupt: (batchId: string) => void;
	/** Has running lines end and no new ones start. */
	readonly drain: (batchId: string) => void;
	/** Something is to be done or not any more. */
	readonly wake: () => void;
}

type Acted = Result<BatchRecord, ActFailure>;

/** Statuses of answers that may be others next time, below 500: too slow, too many, over the batch's own budget. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 409, 422, 425, 429]);

const payloadSchema = z.object({ response: z.object({ status_code: z.number() }).nullable() });

/** Builds the actions. Each answers the batch as it is afterwards, at once where there is nothing to be done. */
export function createActions(deps: ActionsDeps): Pick<Jobs, "cancel" | "queue" | "pause" | "resume" | "retry"> {
	const { ledger } = deps;

	/** Acts on a batch that has not ended; `verb` completes "can't be … any more". */
	async function act(
		batchId: string,
		verb: string,
		change: (batch: BatchRecord) => Promise<BatchRecord>,
	): Promise<Acted> {
		const before = ledger.batch(batchId);
		if (!before) return err({ kind: "not-found" });
		if (isEnded(before.status)) {
			return refuse(before, `The batch has ended (${before.status}) and can't be ${verb} any more.`);
		}
		const batch = await change(before);
		deps.wake();
		return ok(batch);
	}

	return {
		cancel: (batchId) =>
			act(batchId, "cancelled", async (before) => {
				if (before.status === "cancelling") return before;
				const batch = await ledger.cancel(batchId);
				deps.interrupt(batchId);
				return batch;
			}),
		queue: (batchId, windowMs) =>
			act(batchId, "queued", async (before) =>
				before.isHeld && before.status !== "cancelling" ? ledger.queue(batchId, windowMs) : before,
			),
		async pause(batchId) {
			const busy = ledger.batch(batchId);
			if (busy?.status === "finalizing" || busy?.status === "cancelling") {
				const doing = busy.status === "finalizing" ? "Its results are being written" : "It is being cancelled";
				return refuse(busy, `${doing}; there is nothing left to pause.`);
			}
			return act(batchId, "paused", async (before) => {
				if (before.pause !== null) return before;
				const batch = await ledger.pause(batchId, "user", "Paused by its owner.");
				deps.drain(batchId);
				return batch;
			});
		},
		resume: (batchId) =>
			act(batchId, "resumed", async (before) => (before.pause === null ? before : ledger.resume(batchId))),
		async retry(batchId, which, windowMs) {
			const before = ledger.batch(batchId);
			if (!before) return err({ kind: "not-found" });
			const hindrance = await describeHindrance(ledger, before);
			if (hindrance !== null) return refuse(before, hindrance);
			const lines = which === "all" ? "all" : await linesThatMayPass(ledger.finishedLines(batchId));
			// Reading took a while; somebody may have deleted it or been faster.
			const now = ledger.batch(batchId);
			if (!now) return err({ kind: "not-found" });
			const batch = await ledger.retry(batchId, lines, windowMs);
			deps.wake();
			return ok(batch);
		},
	};
}

function refuse(batch: BatchRecord, message: string): Acted {
	return err({ kind: "wrong-state", batch, message });
}

/** Why the lines of a batch can't run again; null: they can. */
async function describeHindrance(ledger: Pick<Ledger, "bringInput">, batch: BatchRecord): Promise<string | null> {
	if (!isEnded(batch.status)) {
		return `The batch is ${batch.status.replace("_", " ")}; its failed lines can be run again once it has ended.`;
	}
	const isRefused = batch.status === "failed" && batch.inProgressAtMs === null;
	if (isRefused) {
		return "The batch's file was refused, so none of its lines ran. Mend the file and create a new batch.";
	}
	if (batch.resultsDroppedAtMs !== null) {
		return "The batch's results were removed for their age. Upload its file again and create a new batch.";
	}
	const input = batch.total > 0 ? await ledger.bringInput(batch.id, [[0, 1]]) : "here";
	if (input === "away") {
		return "The batch's input file is on another machine that is not there right now. Switch it on, and try again.";
	}
	if (input === "gone") {
		return "The batch's input file is gone. Upload it again and create a new batch: lines that were answered are not run again.";
	}
	return null;
}

/** Failed lines that might be answered at another time. Lines that never ran are no failed ones; they run in any case. */
async function linesThatMayPass(lines: AsyncIterable<FinishedLine>): Promise<readonly number[]> {
	const found: number[] = [];
	for await (const { line, result } of lines) if (result?.isError && mayPass(result.payload)) found.push(line);
	return found;
}

/** Whether an error answer may be another one next time. What can't be read is not held against the line. */
export function mayPass(payload: string): boolean {
	const read = payloadSchema.safeParse(JSON.parse(payload));
	const status = read.success ? read.data.response?.status_code : undefined;
	return status === undefined || status >= 500 || PASSING_STATUSES.has(status);
}
