/**
 * Other machines' operations on their way into the ledger: first the blobs they speak of, then they. So whatever this machine
 * reports to have on disk is there with its bytes. Each log has its own turn: one that waits for a blob holds up no other.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Log, Result } from "../../base/base.ts";
import type { StoredOp } from "../../ledger/log.ts";
import type { BlobName } from "./messages.ts";

/** The way into the ledger. */
export interface Storing {
	/** Takes operations of one log or several, in their order. */
	take(operations: readonly StoredOp[]): void;
	stop(): void;
}

/** What storing is made of. */
export interface StoringDeps {
	readonly log: Log;
	/** What must be on this disk before an operation. */
	blobsOf(operation: StoredOp): readonly BlobName[];
	hasBlob(digest: string): boolean;
	/** Gets a blob from whoever has it. `no-holder`: nobody who was asked has it. */
	fetch(blob: BlobName, origin: string): Promise<Result<void, Trouble>>;
	/** Whether the logs say that the bytes of an operation may be on no machine any more. */
	mayBeGone(operation: StoredOp): boolean;
	/** Puts operations into the ledger; on disk when it resolves. `gone`: blobs that nobody has any more. */
	store(operations: readonly StoredOp[], gone: ReadonlySet<string>): Promise<Result<void, string>>;
	/** Operations came whose bytes nobody in reach has: all that waits here is to be forgotten, as by a start anew. */
	onStranded(): void;
	/** More wait than a machine can hold. They are on other disks; whoever starts anew is sent them again. */
	onTooMany(): void;
	/** Waits; shorter in tests. */
	readonly retryMs?: number;
}

/** Operations put into the ledger at once: a transaction of some ten milliseconds. */
const MOST_AT_ONCE = 256;

/** Waiting operations of all logs: a night's work of thirty machines, some 40 MB. */
const MOST_WAITING = 100_000;

/** First pause where a blob can't be had or the disk not be written, doubled up to the last: who has it may be away till morning. */
const RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/** Bytes that may be gone, by what the logs say, and that nobody in reach had so often count as gone. */
const GONE_AFTER = 3;

/**
 * The core counts with an operation as soon as it has come. One whose bytes nobody in reach has, for about two minutes by the pauses
 * above, came from a machine that went away right after, perhaps for good: its lines must be run by others.
 */
const STRANDED_AFTER = 8;

/** Why operations are not in the ledger yet. */
interface Trouble {
	readonly kind: string;
	readonly message: string;
}

/** Nothing on its way. */
export function createStoring(deps: StoringDeps): Storing {
	const { log, retryMs = RETRY_MS } = deps;
	const waiting = new Map<string, StoredOp[]>();
	const stopping = new AbortController();
	/** How often each blob that may be gone was not to be had. Few at a time: a log waits at its first. */
	const misses = new Map<string, number>();
	let count = 0;

	/** Null: it is here, or nobody has it any more; else why it is not. */
	async function bring(blob: BlobName, operation: StoredOp, gone: Set<string>): Promise<Trouble | null> {
		const { digest } = blob;
		if (deps.hasBlob(digest)) return null;
		const fetched = await deps.fetch(blob, operation.origin);
		if (fetched.ok) return null;
		const isMissed = fetched.error.kind === "no-holder" && deps.mayBeGone(operation);
		const missed = (misses.get(digest) ?? 0) + (isMissed ? 1 : 0);
		misses.set(digest, missed);
		if (missed < GONE_AFTER) return fetched.error;
		gone.add(digest);
		return null;
	}

	/** Null: done; else why not. */
	async function storeOnce(operations: readonly StoredOp[]): Promise<Trouble | null> {
		const gone = new Set<string>();
		for (const operation of operations) {
			for (const blob of deps.blobsOf(operation)) {
				const trouble = await bring(blob, operation, gone);
				if (trouble !== null) return trouble;
			}
		}
		const stored = await deps.store(operations, gone);
		if (!stored.ok) return { kind: "not-stored", message: stored.error };
		for (const digest of gone) misses.delete(digest);
		return null;
	}

	async function work(origin: string, queue: StoredOp[]): Promise<void> {
		let pauseMs = retryMs;
		let stranded = 0;
		while (queue.length > 0 && !stopping.signal.aborted) {
			const portion = queue.slice(0, MOST_AT_ONCE);
			const trouble = await storeOnce(portion);
			if (trouble === null) {
				queue.splice(0, portion.length);
				count -= portion.length;
				pauseMs = retryMs;
				stranded = 0;
				continue;
			}
			log.warn(
				{ origin, waiting: queue.length, trouble: trouble.message },
				"another machine's operations can't be stored yet",
			);
			stranded = trouble.kind === "no-holder" ? stranded + 1 : 0;
			if (stranded === STRANDED_AFTER) deps.onStranded();
			await pause(pauseMs, undefined, { signal: stopping.signal }).catch(onlyAborts);
			pauseMs = Math.min(pauseMs * 2, LAST_RETRY_MS);
		}
		waiting.delete(origin);
	}

	return {
		take(operations) {
			count += operations.length;
			if (count > MOST_WAITING) return deps.onTooMany();
			for (const operation of operations) {
				const queue = waiting.get(operation.origin);
				if (queue !== undefined) {
					queue.push(operation);
					continue;
				}
				const fresh = [operation];
				waiting.set(operation.origin, fresh);
				// In a turn of its own, so that all of one frame go together.
				queueMicrotask(() => void work(operation.origin, fresh));
			}
		},
		stop: () => stopping.abort(),
	};
}

function onlyAborts(error: unknown): void {
	if (!(error instanceof Error) || error.name !== "AbortError") throw error;
}
