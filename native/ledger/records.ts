/** What the ledger keeps and answers: plain data, nothing of how it is stored. */
import type {
	BatchMachines,
	BatchPolicy,
	BatchPriority,
	FileFormat,
	PauseCause,
	RehearsalOptions,
	RowTemplate,
} from "../contract/contract.ts";

export type * from "./figure-records.ts";

/** Lower-case hex SHA-256. */
export type Digest = string;

/** A stored file: its bytes are the blobs in order. */
export interface FileRecord {
	readonly id: string;
	readonly filename: string;
	/** OpenAI's purpose, e.g. `batch`, `batch_output`. */
	readonly purpose: string;
	readonly sizeBytes: number;
	/** SHA-256 of the whole. */
	readonly digest: Digest;
	readonly blobs: readonly { readonly digest: Digest; readonly sizeBytes: number }[];
	readonly createdAtMs: number;
	/** Null: kept until deleted. */
	readonly expiresAtMs: number | null;
}

/** Facts about a file that its sender states. */
export interface NewFile {
	readonly filename: string;
	readonly purpose: string;
	readonly expiresAtMs: number | null;
}

/** Why bytes could not be stored. */
export type StoreFailure =
	| { readonly kind: "disk-full"; readonly message: string }
	| { readonly kind: "too-large"; readonly limitBytes: number };

/** Bytes on disk, named by content, not yet a file: give them to `createFile`, or they are swept after a day. */
export interface StoredBytes {
	readonly sizeBytes: number;
	readonly digest: Digest;
	readonly blobs: readonly { readonly digest: Digest; readonly sizeBytes: number }[];
}

/** An upload in parts (OpenAI's Uploads). */
export interface UploadRecord {
	readonly id: string;
	readonly filename: string;
	readonly purpose: string;
	readonly mimeType: string;
	readonly sizeBytes: number;
	readonly createdAtMs: number;
	readonly expiresAtMs: number;
	readonly status: "pending" | "completed" | "cancelled" | "expired";
	readonly fileId: string | null;
	/** Expiry the finished file shall have, counted from its creation; null: none. */
	readonly fileExpiresAfterMs: number | null;
}

/** One part of an upload. */
export interface UploadPart {
	readonly id: string;
	readonly uploadId: string;
	readonly createdAtMs: number;
	readonly bytes: StoredBytes;
}

/** What a batch is: fixed at creation, content of its `batch` op. */
export interface BatchManifest {
	/** Which API made it: decides how its id begins and in whose list it stands. */
	readonly surface: "openai" | "anthropic";
	readonly inputFileId: string;
	/** How the lines are written, and their answers. */
	readonly format: FileFormat;
	/** What each row asks; null where the format is no table. */
	readonly template: RowTemplate | null;
	/** What a line whose request breaks its schema does: fail the whole file before anything runs, or be answered with a 400. */
	readonly badLines: "refuse-file" | "fail-line";
	/** Line url all lines have, e.g. `/v1/chat/completions`; of other dialects the one that their requests mean. */
	readonly endpoint: string;
	/** As the client wrote it, e.g. `24h`. */
	readonly completionWindow: string;
	readonly windowMs: number;
	readonly metadata: { readonly [key: string]: string } | null;
	/** Answers all lines, whatever model they name; null: each line's own (one model a file). */
	readonly modelOverride: string | null;
	/** Expiry of output and error file counted from their creation; null: none. */
	readonly outputExpiresAfterMs: number | null;
	readonly priority: BatchPriority;
	/** Not started before; null: at once. */
	readonly notBeforeMs: number | null;
	/** When the answers get stale; null: never. */
	readonly effectiveUntilMs: number | null;
	readonly policy: BatchPolicy;
	/** Runs these lines only and is then held until it is queued; its window counts from there. Null: a batch like any other. */
	readonly rehearsal: RehearsalOptions | null;
	/** Told of the end of this batch; null: nobody but those of the settings. */
	readonly webhookUrl: string | null;
	/** Takes answers over from equal lines of earlier batches; false: every line runs. */
	readonly reuseAnswers: boolean;
	/** Which machines were to work on it when it was made, by their ids; absent: all. What was said since goes before it. */
	readonly machines?: BatchMachines;
}

/** OpenAI's states. */
export type BatchStatus =
	| "validating"
	| "failed"
	| "in_progress"
	| "finalizing"
	| "completed"
	| "expired"
	| "cancelling"
	| "cancelled";

/** One fault of an input file. */
export interface Fault {
	/** e.g. `invalid_json_line` (reference: Azure's list). */
	readonly code: string;
	/** What is wrong and how to mend it. */
	readonly message: string;
	/** Field, e.g. `body.messages[0].role`; null: the line as a whole. */
	readonly param: string | null;
	/** 1-based; null: the file as a whole. */
	readonly line: number | null;
}

/** A model as the results depend on it. */
export interface ModelIdentity {
	readonly name: string;
	/** SHA-256 of the model file. */
	readonly digest: Digest;
}

/** Token counts added up over the finished lines. */
export interface Usage {
	readonly inputTokens: number;
	readonly cachedTokens: number;
	readonly outputTokens: number;
	readonly reasoningTokens: number;
}

/** A batch as the fold shows it. Times are wall-clock milliseconds; null until it came to that. */
export interface BatchRecord {
	readonly id: string;
	/** Log of the machine that took it in. */
	readonly origin: string;
	readonly manifest: BatchManifest;
	readonly status: BatchStatus;
	readonly faults: readonly Fault[];
	/** Set once validated. */
	readonly model: ModelIdentity | null;
	readonly total: number;
	readonly completed: number;
	readonly failed: number;
	readonly usage: Usage;
	readonly outputFileId: string | null;
	readonly errorFileId: string | null;
	readonly createdAtMs: number;
	readonly expiresAtMs: number;
	readonly inProgressAtMs: number | null;
	readonly finalizingAtMs: number | null;
	readonly completedAtMs: number | null;
	readonly failedAtMs: number | null;
	readonly expiredAtMs: number | null;
	readonly cancellingAtMs: number | null;
	readonly cancelledAtMs: number | null;
	/** A rehearsal that was not queued: nothing but its first lines runs. */
	readonly isHeld: boolean;
	/** What the rehearsed lines came to, once all of them have run; null: not yet, or no rehearsal. */
	readonly rehearsed: RehearsedFigures | null;
	/** Stands still until somebody says go on; null: it does not. */
	readonly pause: { readonly cause: PauseCause; readonly message: string; readonly atMs: number } | null;
	/** Causes it was let go on for all the same: they pause it no more. */
	readonly overruled: readonly PauseCause[];
	/** Why it is to end early with what it has, decided but not yet sealed; null: it is not. */
	readonly givenUp: { readonly fault: Fault; readonly atMs: number } | null;
	/** It is believed that it won't be done in time; null: it is not. */
	readonly warning: { readonly message: string; readonly atMs: number } | null;
	/** Counts up from 0 with each retry of its failed lines. */
	readonly round: number;
	/** Lines whose results were taken over from equal lines of other batches. */
	readonly adopted: number;
	/** Starts of lines beyond their first, and lines put back by `retry`. */
	readonly retries: number;
	/** Work on it, waiting not counted, over all machines. */
	readonly workedMs: number;
	readonly lastWorkedAtMs: number | null;
	readonly wattHours: number;
	/** All of `wattHours` was measured; true where there was no work yet. */
	readonly isEnergyMeasured: boolean;
	/** The first time somebody got all of its results. */
	readonly collectedAtMs: number | null;
	/** When its files and results were removed for their age; its figures stay. */
	readonly resultsDroppedAtMs: number | null;
	/** What was put up with at validation; the first 100. */
	readonly notices: readonly Fault[];
	readonly machines: MachineChoice;
}

/** Which machines may work on a batch. */
export interface MachineChoice {
	/** None but these; null: all. */
	readonly only: readonly string[] | null;
	/** Not these. */
	readonly never: readonly string[];
}

/** A tenure of a host among several machines; see `native/mesh`. */
export interface Epoch {
	readonly term: number;
	readonly rank: number;
	readonly device: string;
}

/** What the lines of a rehearsal came to. */
export interface RehearsedFigures {
	readonly lines: number;
	readonly failed: number;
	readonly inputTokens: number;
	readonly outputTokens: number;
	/** From the first start to the last end. */
	readonly durationMs: number;
	readonly atMs: number;
}

/** How long files are kept. */
export interface Retention {
	/** Files and results of an ended batch go this long after they were collected; before, never. */
	readonly keepCollectedMs: number;
	/**
	 * Files uploaded for batches that no valid batch ever read go this long after they came, and rehearsals that were never
	 * queued this long after they ended.
	 */
	readonly keepUnusedMs: number;
}

/** Where a line lies and what it is; derived from the input blobs, made by validation. */
export interface IndexedLine {
	/** 0-based position among the requests of the file (blank lines do not count). */
	readonly line: number;
	readonly customId: string;
	/** Byte range of the line in the file, without its line end. */
	readonly offset: number;
	readonly length: number;
	/** 16 bytes: digest of url and body, and of how many equal ones came before it in this file. Not of its position. */
	readonly key: Uint8Array;
	/** Lines of one family share their first message; they are handed out together. */
	readonly family: number;
}

/** What validation found. */
export type ValidationOutcome =
	| {
			readonly kind: "valid";
			readonly total: number;
			readonly model: ModelIdentity;
			/** What was put up with; the first 100 are kept. */
			readonly notices: readonly Fault[];
	  }
	| { readonly kind: "invalid"; readonly faults: readonly Fault[] };

/** A line handed out for work, with its bytes. */
export interface LeasedLine {
	readonly line: number;
	readonly customId: string;
	readonly key: Uint8Array;
	readonly bytes: Uint8Array;
	/** Times the inference process crashed by its own fault while it ran this line. */
	readonly crashes: number;
}

/** Permission to work on some lines for a while. May be wrong; that costs double work and nothing else. */
export interface Lease {
	readonly token: string;
	readonly batchId: string;
	readonly lines: readonly LeasedLine[];
	readonly durationMs: number;
}

/** How a result came to be. */
export interface Provenance {
	readonly modelDigest: Digest;
	readonly engineVersion: string;
	readonly machine: string;
	readonly seed: number | null;
	readonly promptTokens: number;
	readonly cachedTokens: number;
	readonly completionTokens: number;
	readonly reasoningTokens: number;
	readonly producedAtMs: number;
	readonly durationMs: number;
	/** Starts it took, this one among them. */
	readonly attempts: number;
}

/** The answer to one line. */
export interface LineResult {
	readonly line: number;
	readonly isError: boolean;
	/** JSON text of `{"response":…,"error":…}`. Equal requests that are deterministic give equal bytes. */
	readonly payload: string;
	readonly provenance: Provenance;
}

/** A line with its result, for building output; `result` null: it has none. */
export interface FinishedLine {
	readonly line: number;
	readonly customId: string;
	readonly key: Uint8Array;
	readonly result: { readonly isError: boolean; readonly payload: string; readonly provenance: Provenance } | null;
}

/** How far a line is: it has no result, or it has one. */
export type LineState = "open" | "answered" | "failed";

/** A line with its request and its result, for browsing. */
export interface BrowsedLine extends FinishedLine {
	/** As they stand in the input, without the line end; null: the input is gone. */
	readonly bytes: Uint8Array | null;
}

/** How a batch ended. Files are null where they would be empty. */
export interface Seal {
	/** `failed`: given up early; needs `givenUp` to be set. */
	readonly status: "completed" | "cancelled" | "expired" | "failed";
	readonly output: StoredBytes | null;
	readonly errors: StoredBytes | null;
	/** File name extension of the two, e.g. `jsonl`, `csv`. */
	readonly extension: string;
}

/** Rows of a list, newest first unless asked otherwise, and whether more follow. */
export interface Page<T> {
	readonly rows: readonly T[];
	readonly hasMore: boolean;
}

/** Which part of a list. `after` is the id of the last row seen. */
export interface PageQuery {
	readonly after: string | null;
	readonly limit: number;
	readonly order: "asc" | "desc";
}

/** Which batches of a list. */
export interface BatchQuery extends PageQuery {
	/** Null: all. */
	readonly surface: BatchManifest["surface"] | null;
	/** Rehearsals that were not queued too. */
	readonly withHeld: boolean;
}

/** Something changed; read it anew. */
export type LedgerChange =
	| { readonly kind: "batch"; readonly batchId: string }
	| { readonly kind: "file"; readonly fileId: string }
	| { readonly kind: "notice"; readonly number: number };

/** One finding of `verify`. */
export interface LedgerProblem {
	readonly kind: "broken-chain" | "missing-blob" | "damaged-blob" | "fold-differs" | "stray-result";
	readonly message: string;
}

/** Why the ledger could not be opened. */
export type OpenFailure =
	| { readonly kind: "in-use"; readonly message: string }
	| { readonly kind: "newer-schema"; readonly message: string }
	| { readonly kind: "damaged"; readonly message: string }
	| { readonly kind: "unwritable"; readonly message: string };
