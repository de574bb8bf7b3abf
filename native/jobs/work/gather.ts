import type { LineResult } from "../../ledger/ledger.ts";

/** Collects results and has them recorded in groups: one fsync for many lines. */
export interface Gatherer {
	add(result: LineResult): void;
	/** Whoever hands out lines waits for what was added so far: it is recorded soon, whatever `recordAfterMs` says. */
	hasten(): void;
	/** Resolves while there is room for more; waits while recording lags behind or the disk is full. */
	room(): Promise<void>;
	/** Resolves once all that was added is on disk. */
	drain(): Promise<void>;
	/** Tries once more and then lets go of what can't be recorded: its lines run again later. For when the service must end. */
	letGo(): Promise<void>;
}

/** What `createGatherer` needs. */
export interface GathererDeps {
	/** Records results durably; a rejection is taken as passing trouble with the disk and tried again. */
	readonly commit: (results: readonly LineResult[]) => Promise<void>;
	/** How long results are gathered before they are recorded; asked for each group. Never more than `RECORD_SHARED_AFTER_MS`. */
	readonly recordAfterMs: () => number;
	/** Hears why recording fails, and null once it works again. */
	readonly onTrouble: (message: string | null) => void;
}

/** A power cut costs no more than this much finished work; shorter would fsync more often than a disk likes. */
export const RECORD_AFTER_MS = 200;
/**
 * The same where work is shared. Each group becomes a blob and an operation that every other machine fetches, writes and fsyncs, so
 * that the cost of many small ones is paid as often as there are machines.
 */
export const RECORD_SHARED_AFTER_MS = 2_000;
/** Group size that fills one segment of the ledger. */
const RECORD_AFTER_BYTES = 4 << 20;
/** Results held in memory while the disk can't take them; beyond, no new lines are started. */
const MOST_PENDING_BYTES = 16 << 20;
/** First pause after a failed write, doubled up to the last: a full disk is not helped by haste. */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;

/** Builds a gatherer. Results stay in memory until recorded, so trouble with the disk costs time and no line. */
export function createGatherer(deps: GathererDeps): Gatherer {
	let pending: LineResult[] = [];
	let pendingBytes = 0;
	let recordingBytes = 0;
	let timer: NodeJS.Timeout | null = null;
	let isHastened = false;
	let recording: Promise<void> | null = null;
	const roomWaiters: (() => void)[] = [];
	let isEnding = false;
	let endPause = () => {};

	function schedule(): void {
		if (recording) return;
		if (pendingBytes >= RECORD_AFTER_BYTES) record();
		else timer ??= setTimeout(record, isHastened ? RECORD_AFTER_MS : deps.recordAfterMs());
	}

	function record(): void {
		if (timer) clearTimeout(timer);
		timer = null;
		if (recording || pending.length === 0) return;
		isHastened = false;
		const group = pending;
		recordingBytes = pendingBytes;
		pending = [];
		pendingBytes = 0;
		recording = recordUntilDone(group).then(() => {
			recording = null;
			recordingBytes = 0;
			for (const wake of roomWaiters.splice(0)) wake();
			if (pending.length > 0) schedule();
		});
	}

	async function recordUntilDone(group: readonly LineResult[]): Promise<void> {
		for (let pauseMs = FIRST_RETRY_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_RETRY_MS)) {
			try {
				await deps.commit(group);
				deps.onTrouble(null);
				return;
			} catch (error) {
				deps.onTrouble(`Results can't be recorded: ${error instanceof Error ? error.message : String(error)}`);
			}
			if (isEnding) return;
			await pause(pauseMs);
		}
	}

	async function pause(pauseMs: number): Promise<void> {
		await new Promise<void>((resolve) => {
			const retry = setTimeout(resolve, pauseMs);
			endPause = () => {
				clearTimeout(retry);
				resolve();
			};
		});
	}

	async function drain(): Promise<void> {
		while (pending.length > 0 || recording) {
			if (!recording) record();
			await recording;
		}
	}

	return {
		add(result) {
			pending.push(result);
			pendingBytes += result.payload.length;
			schedule();
		},
		hasten() {
			if (isHastened || pending.length === 0) return;
			isHastened = true;
			if (timer) clearTimeout(timer);
			timer = null;
			schedule();
		},
		async room() {
			while (pendingBytes + recordingBytes >= MOST_PENDING_BYTES) {
				await new Promise<void>((resolve) => roomWaiters.push(resolve));
			}
		},
		drain,
		async letGo() {
			isEnding = true;
			endPause();
			await drain();
		},
	};
}
