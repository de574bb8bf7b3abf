import type { BatchRecord, Fault, Ledger, Seal } from "../ledger/ledger.ts";
import { sealDue } from "./seal-due.ts";

/**
 * How the work on batches is shared with other machines, as the jobs ask it; who answers is above them. Alone, all of it is this
 * machine's (`unshared`).
 */
export interface Sharing {
	/** Lines come in slices that a host hands out; else all open lines are this machine's. */
	readonly isShared: boolean;
	/** Whether this machine does for a batch what one must do and no more: checks its file, takes answers over, warns of its end. */
	isOwn(batch: BatchRecord): boolean;
	/** Sees to it that a file that is to be checked here is on this disk. Rejects with a sentence where it is not to be had. */
	beginCheck(batch: BatchRecord): Promise<void>;
	/** Whether a file may be refused for what was found here; else its maker, or another machine, is to check it. */
	mayRefuse(batch: BatchRecord, faults: readonly Fault[]): boolean;
	/** Whether lines of a batch wait here to be run. */
	hasLines(batchId: string): boolean;
	/** Resolves with true once there may be more lines of a batch, with false where it is not worth waiting any longer. */
	moreLines(batchId: string, enough: AbortSignal): Promise<boolean>;
	/** Whether it can be known where the lines of a batch lie without checking its file. */
	hasIndex(batchId: string): boolean;
	/** Makes known where the lines of a batch lie. */
	bringIndex(batchId: string): Promise<void>;
	/** Sees to it that what of the input its results are written from is on this disk. Rejects with a sentence where it is not to be had. */
	bringInput(batchId: string): Promise<void>;
	/** Names of other machines that have lines of a batch in hand. */
	othersAtWork(batchId: string): readonly string[];
	/** How this machine is to seal a batch now (wall clock); null: not now, or another does. */
	endDue(batch: BatchRecord, nowMs: number): Seal["status"] | null;
	/** Ends a batch, or hands over what it is to end with. */
	seal(batchId: string, seal: Seal): Promise<void>;
	/** Sealing did not go well; it will be asked for again. */
	sealFailed(batchId: string): void;
}

/** What a machine alone does. */
export function unshared(ledger: Pick<Ledger, "seal">): Sharing {
	return {
		isShared: false,
		isOwn: () => true,
		beginCheck: async () => {},
		mayRefuse: () => true,
		hasLines: () => true,
		moreLines: async () => false,
		hasIndex: () => false,
		bringIndex: async () => {},
		bringInput: async () => {},
		othersAtWork: () => [],
		endDue: sealDue,
		async seal(batchId, seal) {
			await ledger.seal(batchId, seal);
		},
		sealFailed: () => {},
	};
}
