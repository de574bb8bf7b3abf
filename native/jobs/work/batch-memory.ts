import type { BatchPolicy } from "../../contract/contract.ts";
import type { BatchRecord } from "../../ledger/ledger.ts";
import { createSuspicion, type Suspicion } from "./suspicion.ts";

/** What is remembered of a batch while this process lives; nothing of it has to survive. */
export interface BatchMemory {
	readonly suspicion: Suspicion;
	/** How often lines without a result have been started. */
	readonly starts: Map<number, number>;
	/** When its last line was done (wall clock); null: none was since this process began. */
	lastResultAtMs: number | null;
}

/** The memories of all batches that were worked on. */
export interface BatchMemories {
	of(batch: BatchRecord): BatchMemory;
	/** When its last line was done, if that is remembered. */
	lastResultAtMs(batchId: string): number | null;
	/** Forgets all batches but these. */
	keep(batchIds: ReadonlySet<string>): void;
}

/** Builds empty memories. */
export function createBatchMemories(): BatchMemories {
	const memories = new Map<string, BatchMemory>();

	function begin(policy: BatchPolicy): BatchMemory {
		return { suspicion: createSuspicion(policy), starts: new Map(), lastResultAtMs: null };
	}

	return {
		of({ id, manifest }) {
			const memory = memories.get(id) ?? begin(manifest.policy);
			memories.set(id, memory);
			return memory;
		},
		lastResultAtMs: (batchId) => memories.get(batchId)?.lastResultAtMs ?? null,
		keep(batchIds) {
			for (const id of memories.keys()) if (!batchIds.has(id)) memories.delete(id);
		},
	};
}
