/** Batches as pages were last told of them, so that none is described anew without need, and nothing is told twice. */
import type { Log } from "../base/base.ts";
import type { BatchDetails } from "../contract/contract.ts";
import type { BatchRecord } from "../ledger/ledger.ts";

/** Remembers batches. */
export interface KnownBatches {
	/** Describes a batch that may have changed; null: it looks as it did, or can't be described. */
	renew(batch: BatchRecord): BatchDetails | null;
	/** Describes a batch that is not known. `isTold` false: the next `renew` answers it even if it looks the same. */
	learn(batch: BatchRecord, isTold: boolean): void;
	/** Nothing is left to learn of it: it is known, or can't be described. */
	isLearnt(id: string): boolean;
	/** Null: not known. */
	get(id: string): BatchDetails | null;
	/** All that are known. */
	ids(): readonly string[];
	forget(id: string): void;
	clear(): void;
}

/** What it needs. */
export interface KnownBatchesDeps {
	readonly describe: (batch: BatchRecord) => BatchDetails;
	readonly log: Log;
}

/** Far more than pages show at first; those looked at longest ago go. */
const MOST_KNOWN = 500;

interface Known {
	readonly details: BatchDetails;
	readonly text: string;
}

/** Knows none yet. */
export function createKnownBatches({ describe, log }: KnownBatchesDeps): KnownBatches {
	const known = new Map<string, Known>();
	/** Told of in the log, once each. */
	const broken = new Set<string>();

	/** Null: the disk may be damaged. Pages show what they had; asking for the batch by itself says more. */
	function tryDescribing(batch: BatchRecord): Known | null {
		try {
			const details = describe(batch);
			broken.delete(batch.id);
			return { details, text: JSON.stringify(details) };
		} catch (error) {
			if (!broken.has(batch.id)) log.error({ error: String(error), batch: batch.id }, "a batch could not be described");
			broken.add(batch.id);
			return null;
		}
	}

	function remember(id: string, now: Known): void {
		known.delete(id);
		known.set(id, now);
		const [oldest] = known.keys();
		if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
	}

	return {
		renew(batch) {
			const now = tryDescribing(batch);
			if (now === null || now.text === known.get(batch.id)?.text) return null;
			remember(batch.id, now);
			return now.details;
		},
		learn(batch, isTold) {
			const now = tryDescribing(batch);
			if (now !== null) remember(batch.id, isTold ? now : { ...now, text: "" });
		},
		isLearnt: (id) => known.has(id) || broken.has(id),
		get: (id) => known.get(id)?.details ?? null,
		ids: () => [...known.keys()],
		forget(id) {
			known.delete(id);
			broken.delete(id);
		},
		clear() {
			known.clear();
			broken.clear();
		},
	};
}
