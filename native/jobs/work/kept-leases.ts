import type { BatchRecord, Ledger } from "../../ledger/ledger.ts";
import type { WorkPermit } from "../work-permit.ts";
import type { FeedDeps } from "./feed.ts";

/**
 * Leases that stay with their batch while work is put off for a short time, so that it goes on with the very lines it was stopped
 * at and nobody else begins them meanwhile. In memory only, as leases are.
 */
export interface KeptLeases {
	/** What a feed of this batch leases from: first what was kept for it; and what it gives back is kept while work is put off. */
	ledgerOf(batchId: string): FeedDeps["ledger"];
	/** Gives back what is to be kept no longer: work is put off for long, or its batch is not to go on by itself. */
	look(): void;
	/** Gives back all of other batches than this one; of all with null. */
	releaseOthers(batchId: string | null): void;
}

/** What `createKeptLeases` needs. */
export interface KeptLeasesDeps {
	readonly ledger: Pick<Ledger, "batch" | "claim" | "renew" | "release" | "countCrash">;
	readonly permit: () => WorkPermit;
}

/** Keeps nothing yet. */
export function createKeptLeases({ ledger, permit }: KeptLeasesDeps): KeptLeases {
	/** Tokens by batch, first leased first; those of lines that all have results by now among them, for they cost nothing. */
	const kept = new Map<string, string[]>();

	const isOpen = (batchId: string) => mayGoOn(ledger.batch(batchId));

	function isPutOff(batchId: string): boolean {
		const { isGranted, keepsLeases } = permit();
		return !isGranted && keepsLeases && isOpen(batchId);
	}

	function release(batchId: string): void {
		for (const token of kept.get(batchId) ?? []) ledger.release(token);
		kept.delete(batchId);
	}

	/** The next token kept for a batch; undefined: none is left. */
	function takeToken(batchId: string): string | undefined {
		const tokens = kept.get(batchId);
		const token = tokens?.shift();
		if (tokens?.length === 0) kept.delete(batchId);
		return token;
	}

	return {
		ledgerOf: (batchId) => ({
			claim(_batchId, max, durationMs) {
				for (let token = takeToken(batchId); token !== undefined; token = takeToken(batchId)) {
					const lease = ledger.renew(batchId, token, durationMs);
					if (lease !== null) return lease;
					ledger.release(token);
				}
				return ledger.claim(batchId, max, durationMs);
			},
			release(token) {
				if (isPutOff(batchId)) kept.set(batchId, [...(kept.get(batchId) ?? []), token]);
				else ledger.release(token);
			},
			countCrash: ledger.countCrash,
		}),
		look() {
			if (kept.size === 0) return;
			const { keepsLeases } = permit();
			for (const batchId of [...kept.keys()]) if (!keepsLeases || !isOpen(batchId)) release(batchId);
		},
		releaseOthers(batchId) {
			for (const other of [...kept.keys()]) if (other !== batchId) release(other);
		},
	};
}

/** Nobody stopped it and it has not ended. */
function mayGoOn(batch: BatchRecord | null): boolean {
	return batch !== null && batch.status === "in_progress" && batch.pause === null && batch.givenUp === null;
}
