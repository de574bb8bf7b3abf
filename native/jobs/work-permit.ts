import type { BatchRecord } from "../ledger/ledger.ts";

/**
 * Whether batch work may run now, as the jobs ask it; who answers is above them. It stays granted while work is only frozen: what
 * stands still in the memory is not taken from it. It is withdrawn before the models are (`Residency.suspend`).
 */
export interface WorkPermit {
	/** Lines may run: a model may be loaded and used for batch work. */
	readonly isGranted: boolean;
	/** Lines of a rehearsal may run, granted or not: somebody at the machine waits for them. */
	readonly rehearses: boolean;
	/** Lines that were leased stay so while it is not granted: it may be soon. */
	readonly keepsLeases: boolean;
	/** Why it is not granted, for people, e.g. `waiting: Blender uses 6.1 GB of GPU memory`; not told where it is. */
	readonly reason: string;
	/** When it may be granted again by what is known now, Unix milliseconds; null: it is, or nobody knows. */
	readonly untilMs: number | null;
}

/** Nothing keeps work from running: what is done here and now. */
export const alwaysPermitted: WorkPermit = {
	isGranted: true,
	rehearses: true,
	keepsLeases: true,
	reason: "",
	untilMs: null,
};

/** Whether a model may be used for this batch: to check its file, or to run its lines. */
export function mayWorkOn({ isGranted, rehearses }: WorkPermit, batch: Pick<BatchRecord, "isHeld">): boolean {
	return isGranted || (rehearses && batch.isHeld);
}
