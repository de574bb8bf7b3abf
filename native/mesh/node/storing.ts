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
	/** Gets a blob from whoever has it. */
	fetch(blob: BlobName, origin: string): Promise<Result<void, { readonly message: string }>>;
	/** Puts operations into the ledger; on disk when it resolves. */
	store(operations: readonly StoredOp[]): Promise<Result<void, string>>;
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

/** Nothing on its way. */
export function createStoring(deps: StoringDeps): Storing {
	const { log, retryMs = RETRY_MS } = deps;
	const waiting = new Map<string, StoredOp[]>();
	const stopping = new AbortController();
	let count = 0;

	async function fetchAll(operations: readonly StoredOp[], origin: string): Promise<string | null> {
		for (const operation of operations) {
			for (const blob of deps.blobsOf(operation)) {
				if (deps.hasBlob(blob.digest)) continue;
				const fetched = await deps.fetch(blob, origin);
				if (!fetched.ok) return fetched.error.message;
			}
		}
		return null;
	}

	/** Null: done; else why not. */
	async function storeOnce(operations: readonly StoredOp[], origin: string): Promise<string | null> {
		const missing = await fetchAll(operations, origin);
		if (missing !== null) return missing;
		const stored = await deps.store(operations);
		return stored.ok ? null : stored.error;
	}

	async function work(origin: string, queue: StoredOp[]): Promise<void> {
		let pauseMs = retryMs;
		while (queue.length > 0 && !stopping.signal.aborted) {
			const portion = queue.slice(0, MOST_AT_ONCE);
			const trouble = await storeOnce(portion, origin);
			if (trouble === null) {
				queue.splice(0, portion.length);
				count -= portion.length;
				pauseMs = retryMs;
				continue;
			}
			log.warn({ origin, waiting: queue.length, trouble }, "another machine's operations can't be stored yet");
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
