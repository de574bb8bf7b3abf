/**
 * A batch from file to results: validate, rehearse, lease, run, gather, finish. Owns the batch's life, the order of batches and
 * the wire format of their lines; must never touch SQL, sockets or node-llama-cpp. Its duties come from the ledger, never from
 * memory, so starting is recovering.
 */
import type { Result } from "../base/base.ts";
import type { BatchHealth, BatchRetry, ForecastObject } from "../contract/contract.ts";
import type { BatchManifest, BatchRecord } from "../ledger/ledger.ts";

/** Why a batch could not be created. `message` is fit for the client; `param` names the field. */
export interface CreateFailure {
	readonly kind:
		| "file-not-found"
		| "wrong-purpose"
		| "unsupported-endpoint"
		| "bad-template"
		| "model-not-found"
		| "webhook-not-allowed";
	readonly message: string;
	readonly param: string;
}

/** Why something could not be done to a batch. */
export type ActFailure =
	| { readonly kind: "not-found" }
	/** Its state forbids it; `message` says why and what can be done, fit for the client. */
	| { readonly kind: "wrong-state"; readonly batch: BatchRecord; readonly message: string };

/** How a running batch is doing; for progress bars and status pages. */
export interface BatchProgress {
	readonly batch: BatchRecord;
	/** It is checked or worked on right now; after a pause too, until its running lines have ended. */
	readonly isInHand: boolean;
	readonly linesPerSecond: number;
	readonly tokensPerSecond: number;
	/** Null until it can be told. */
	readonly secondsLeft: number | null;
	/** What it is doing or waiting for, in words. */
	readonly activity: string;
	/** What keeps it from going on until somebody mends it, e.g. a full disk or a model file that is gone; null: nothing. */
	readonly trouble: string | null;
}

/** What is left of a batch will take this; energy and money are for `reports` to add. */
export type WorkForecast = Omit<ForecastObject, "energy" | "hosted" | "prices_as_of">;

/** Runs batches. */
export interface Jobs {
	/** Records the batch (durable when this resolves) and validates it in the background. A key seen before answers its batch. */
	create(manifest: BatchManifest, idempotencyKey: string | null): Promise<Result<BatchRecord, CreateFailure>>;
	cancel(batchId: string): Promise<Result<BatchRecord, ActFailure>>;
	/** Queues a rehearsal; a batch that is queued already stays as it is. */
	queue(batchId: string, windowMs: number): Promise<Result<BatchRecord, ActFailure>>;
	/** Lines that run end; no new ones start until `resume`. */
	pause(batchId: string): Promise<Result<BatchRecord, ActFailure>>;
	resume(batchId: string): Promise<Result<BatchRecord, ActFailure>>;
	/** Runs the failed lines of an ended batch again, into the same batch. With none to run it stays as it is. */
	retry(batchId: string, which: BatchRetry["lines"], windowMs: number): Promise<Result<BatchRecord, ActFailure>>;
	progress(batchId: string): BatchProgress | null;
	/** Null: no such batch, it has ended, or nothing is known of its speed or its lines yet. */
	forecast(batchId: string): WorkForecast | null;
	/** Null: no such batch. */
	health(batchId: string): BatchHealth | null;
	/** The permit to work changed: looks at it now. Comes after `Residency.suspend`, which counts what the lanes held. */
	attend(): void;
	/** A rehearsal waits for its lines to run, permitted or not. */
	wantsToRehearse(): boolean;
	/** A batch could be checked, rehearsed or worked on, permitted or not, now or within the next hours. */
	hasWork(): boolean;
	/**
	 * Takes up every open batch of the ledger, in the order of `order.ts`; or only the one named. `onBegin` hears of a batch each
	 * time its lines are about to run, when answers that were there already have been taken over.
	 */
	start(only?: string, onBegin?: (batch: BatchRecord) => void): void;
	/** Stops handing out lines, records what is finished, gives back the rest. */
	stop(): Promise<void>;
}
