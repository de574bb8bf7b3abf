/**
 * The record of every file, batch, line and result: a log of operations and its fold (shared/design 4). Owns the database and
 * the blob folder; the only room with SQL in it. Must never know of models' insides, HTTP or who runs a line, and must never
 * acknowledge what is not on disk.
 *
 * The interface carries durations, opaque tokens and idempotent commits, so that a fleet's ledger can live elsewhere.
 */
import type { Result } from "../base/base.ts";
import type {
	BatchManifest,
	BatchRecord,
	FileRecord,
	FinishedLine,
	IndexedLine,
	Lease,
	LedgerChange,
	LedgerProblem,
	LineResult,
	NewFile,
	Page,
	PageQuery,
	Seal,
	StoredBytes,
	StoreFailure,
	UploadPart,
	UploadRecord,
	ValidationOutcome,
} from "./records.ts";

export type * from "./records.ts";

/**
 * The ledger. Every promise of a change resolves only once the change is on disk (fsync). One process opens it at a time.
 */
export interface Ledger {
	/** Streams bytes into line-aligned blobs of about 8 MiB. On failure nothing is left behind. */
	storeBytes(bytes: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Result<StoredBytes, StoreFailure>>;
	/** Streams bytes into one blob, for output files. */
	storeWhole(bytes: AsyncIterable<Uint8Array>): Promise<Result<StoredBytes, StoreFailure>>;
	createFile(file: NewFile, bytes: StoredBytes): Promise<FileRecord>;
	file(id: string): FileRecord | null;
	files(query: PageQuery & { readonly purpose: string | null }): Page<FileRecord>;
	/** False: no such file. Batches that read it keep its blobs alive until they end. */
	deleteFile(id: string): Promise<boolean>;
	/** Bytes of a file or of a part of it. */
	readFile(file: FileRecord, range?: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array>;

	createUpload(upload: Omit<UploadRecord, "id" | "createdAtMs" | "status" | "fileId">): Promise<UploadRecord>;
	upload(id: string): UploadRecord | null;
	addUploadPart(uploadId: string, bytes: StoredBytes): Promise<UploadPart>;
	uploadParts(uploadId: string): readonly UploadPart[];
	/** Ends a pending upload: with the file made of the parts in the order given, or cancelled. */
	completeUpload(
		uploadId: string,
		partIds: readonly string[],
	): Promise<{ readonly upload: UploadRecord; readonly file: FileRecord }>;
	cancelUpload(uploadId: string): Promise<UploadRecord>;

	/** With a key seen before, answers the batch of then and `created: false`. */
	createBatch(
		manifest: BatchManifest,
		idempotencyKey: string | null,
	): Promise<{ readonly batch: BatchRecord; readonly created: boolean }>;
	batch(id: string): BatchRecord | null;
	batches(query: PageQuery): Page<BatchRecord>;
	/** Batches that still need something done, oldest first. A new process takes up its duties from here. */
	openBatches(): readonly BatchRecord[];
	/** Drops the lines indexed so far for a batch: validation starts over after a crash. */
	clearIndex(batchId: string): void;
	/** Adds lines to the index; derived data, durable at the latest with `settleValidation`. At most 25,000 a call. */
	indexLines(batchId: string, lines: readonly IndexedLine[]): void;
	settleValidation(batchId: string, outcome: ValidationOutcome): Promise<BatchRecord>;
	/** Validated lines of other batches with the same key and model digest that succeeded become results here. Answers how many. */
	adoptResults(batchId: string): Promise<number>;

	/** Hands out up to `max` lines that have no result and no lease, in family order; null: none left to hand out. */
	claim(batchId: string, max: number, durationMs: number): Lease | null;
	/** Gives back what of a lease has no result yet. */
	release(token: string): void;
	/** Takes results, whoever made them, whatever lease they had. Writing one twice is a no-op; success beats error. */
	commit(
		batchId: string,
		results: readonly LineResult[],
	): Promise<{ readonly accepted: number; readonly duplicate: number }>;
	/** Counts a crash of the inference process against a line; answers the new count. */
	countCrash(batchId: string, line: number): Promise<number>;
	/** Idempotent; a batch that ended stays as it is. */
	cancel(batchId: string): Promise<BatchRecord>;
	/** All lines in input order. */
	finishedLines(batchId: string): AsyncIterable<FinishedLine>;
	/** One line by its custom_id. */
	lineByCustomId(batchId: string, customId: string): FinishedLine | null;
	/** Publishes the end of a batch and its files. The first seal stands; a second one is a no-op. */
	seal(batchId: string, seal: Seal): Promise<BatchRecord>;

	/** Marks files and uploads past their time as gone, and removes blobs nothing refers to. */
	sweep(): Promise<void>;
	/** Checks the log's chain, every blob's digest and the fold against the log. */
	verify(): AsyncIterable<LedgerProblem>;
	/** Makes every table but the log anew. Line indexes are dropped: batches that need theirs go back to validating. */
	rebuild(): Promise<void>;
	/** Answers a function that ends the watching. */
	watch(listener: (change: LedgerChange) => void): () => void;
	close(): Promise<void>;
}
