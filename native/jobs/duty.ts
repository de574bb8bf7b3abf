import type { Log } from "../base/base.ts";
import type { BatchRecord } from "../ledger/ledger.ts";
import type { WorkSignals } from "./work/feed.ts";

/** One kind of work on batches, done one batch at a time for as long as there is any. */
export interface Duty {
	/** Looks for work now: something changed. */
	wake(): void;
	/** Ends the batch in hand, if it is this one; it is taken up again if it is still due. */
	interrupt(batchId: string): void;
	/** Asks it to come to an end by itself: what runs is finished, nothing new begun. */
	drain(batchId: string): void;
	/** The batch in hand. */
	current(): string | null;
	/** The batch in hand was asked to come to an end. */
	isDraining(): boolean;
	start(): void;
	/** Interrupts and waits for the end. */
	stop(): Promise<void>;
}

/** What `createDuty` needs. */
export interface DutyDeps {
	/** For the log, e.g. `validate`. */
	readonly name: string;
	/** The batch to take next, read from the ledger each time: duties come from what is recorded, not from memory. */
	readonly next: () => BatchRecord | null;
	/** A rejection is trouble that may pass (a full disk): it is told and the work tried again later. */
	readonly perform: (batch: BatchRecord, signals: WorkSignals) => Promise<void>;
	/** Hears of trouble with a batch, and null once it is over. */
	readonly onTrouble: (batchId: string, message: string | null) => void;
	/** The batch in hand was let go: it may be due for another duty now. */
	readonly onLetGo: () => void;
	readonly log: Log;
}

interface InHand {
	readonly batchId: string;
	readonly stop: AbortController;
	readonly drain: AbortController;
}

/** First pause after trouble, doubled up to the last. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/** Builds a duty; it does nothing before `start`. */
export function createDuty(deps: DutyDeps): Duty {
	let stopping = false;
	let loop: Promise<void> = Promise.resolve();
	let inHand: InHand | null = null;
	let wakeUp = () => {};
	let wokenEarly = false;
	let endPause = () => {};
	let retryMs = FIRST_RETRY_MS;

	async function attend(): Promise<void> {
		while (!stopping) {
			const batch = deps.next();
			if (!batch) {
				await sleepUntilWoken();
				continue;
			}
			inHand = { batchId: batch.id, stop: new AbortController(), drain: new AbortController() };
			try {
				await deps.perform(batch, { stop: inHand.stop.signal, drain: inHand.drain.signal });
				deps.onTrouble(batch.id, null);
				retryMs = FIRST_RETRY_MS;
				inHand = null;
				deps.onLetGo();
			} catch (error) {
				deps.log.error(
					{ duty: deps.name, batch: batch.id, error: String(error) },
					"a batch can't go on; it is tried again",
				);
				deps.onTrouble(batch.id, error instanceof Error ? error.message : String(error));
				inHand = null;
				await pauseAfterTrouble();
			}
		}
	}

	/** Until there may be work. A wake that came just before counts. */
	async function sleepUntilWoken(): Promise<void> {
		if (!wokenEarly && !stopping) {
			await new Promise<void>((resolve) => {
				wakeUp = resolve;
			});
		}
		wakeUp = () => {};
		wokenEarly = false;
	}

	/** After trouble, news must not cut the pause short: a full disk makes plenty of news. Only stopping does. */
	async function pauseAfterTrouble(): Promise<void> {
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, retryMs);
			endPause = () => {
				clearTimeout(timer);
				resolve();
			};
			if (stopping) endPause();
		});
		retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
	}

	return {
		wake() {
			wokenEarly = true;
			wakeUp();
		},
		interrupt(batchId) {
			if (inHand?.batchId === batchId) inHand.stop.abort();
		},
		drain(batchId) {
			if (inHand?.batchId === batchId) inHand.drain.abort();
		},
		current: () => inHand?.batchId ?? null,
		isDraining: () => inHand?.drain.signal.aborted ?? false,
		start() {
			loop = attend();
		},
		async stop() {
			stopping = true;
			inHand?.stop.abort();
			wakeUp();
			endPause();
			await loop;
		},
	};
}
