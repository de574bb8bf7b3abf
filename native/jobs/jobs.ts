/**
 * A batch from file to results: validate, lease, run, gather, finish. Owns the batch's life and the wire format of its lines;
 * must never touch SQL, sockets or node-llama-cpp. Its duties come from the ledger, never from memory, so starting is
 * recovering.
 */
import type { Result } from "../base/base.ts";
import type { BatchManifest, BatchRecord } from "../ledger/ledger.ts";

/** Why a batch could not be created. `message` is fit for the client; `param` names the field. */
export interface CreateFailure {
	readonly kind: "file-not-found" | "wrong-purpose" | "unsupported-endpoint" | "bad-window";
	readonly message: string;
	readonly param: string;
}

/** Why a batch could not be cancelled. */
export type CancelFailure =
	| { readonly kind: "not-found" }
	| { readonly kind: "already-ended"; readonly batch: BatchRecord };

/** How a running batch is doing; for progress bars and status pages. */
export interface BatchProgress {
	readonly batch: BatchRecord;
	readonly linesPerSecond: number;
	readonly tokensPerSecond: number;
	/** Null until it can be told. */
	readonly secondsLeft: number | null;
	/** What it is doing or waiting for, in words. */
	readonly activity: string;
	/** What keeps it from going on until somebody mends it, e.g. a full disk or a model file that is gone; null: nothing. */
	readonly trouble: string | null;
}

/** Runs batches. */
export interface Jobs {
	/** Records the batch (durable when this resolves) and validates it in the background. */
	create(manifest: BatchManifest, idempotencyKey: string | null): Promise<Result<BatchRecord, CreateFailure>>;
	cancel(batchId: string): Promise<Result<BatchRecord, CancelFailure>>;
	progress(batchId: string): BatchProgress | null;
	/** Takes up every open batch of the ledger, oldest first; or only the one named. */
	start(only?: string): void;
	/** Stops handing out lines, records what is finished, gives back the rest. */
	stop(): Promise<void>;
}
