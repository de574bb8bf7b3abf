/**
 * The record of every file, batch, line and result: a log of operations and its fold (shared/design 4). Owns the database and
 * the blob folder; the only room with SQL in it. Must never know of models' insides, HTTP or who runs a line, and must never
 * acknowledge what is not on disk.
 *
 * The interface carries durations, opaque tokens and idempotent commits, so that a fleet's ledger can live elsewhere.
 */
import type { Result } from "../base/base.ts";
import type { NoticeKind, PauseCause } from "../contract/contract.ts";
import type { LedgerExchange } from "./exchange.ts";
import type { StoredOp } from "./log.ts";
import type {
	BatchManifest,
	BatchQuery,
	BatchRecord,
	BrowsedLine,
	Delivery,
	Digest,
	DurationHistogram,
	Epoch,
	Fault,
	FileRecord,
	FinishedLine,
	IndexedLine,
	Lease,
	LeasedLine,
	LedgerChange,
	LedgerProblem,
	LineResult,
	LineState,
	MachineChoice,
	ModelSpeed,
	NewFile,
	Notice,
	Page,
	PageQuery,
	RehearsedFigures,
	Retention,
	Seal,
	Stint,
	StoredBytes,
	StoreFailure,
	UploadPart,
	UploadRecord,
	ValidationOutcome,
	WorkMinute,
} from "./records.ts";

export type * from "./exchange.ts";
export type { StoredOp } from "./log.ts";
export { blobsOf } from "./op-blobs.ts";
export type * from "./records.ts";
export { sealDigest } from "./seal-digest.ts";

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
	/** Null: there never was one, or it was deleted. */
	batch(id: string): BatchRecord | null;
	/** The batch that published a file as its output or errors, in this round or an earlier one; null: none did, or it is deleted. */
	batchOfFile(fileId: string): BatchRecord | null;
	batches(query: BatchQuery): Page<BatchRecord>;
	/** Batches that still need something done, oldest first. A new process takes up its duties from here. */
	openBatches(): readonly BatchRecord[];
	/** Drops the lines indexed so far for a batch: validation starts over after a crash. */
	clearIndex(batchId: string): void;
	/** Adds lines to the index; derived data, durable at the latest with `settleValidation`. At most 25,000 a call. */
	indexLines(batchId: string, lines: readonly IndexedLine[]): void;
	settleValidation(batchId: string, outcome: ValidationOutcome): Promise<BatchRecord>;
	/** Writes the index of a validated batch as a blob and says so in the log, for machines without its input. No-op if somebody did. */
	shareIndex(batchId: string): Promise<void>;
	/** Whether somebody shared the index of a batch: then the other machines know its lines. */
	isIndexShared(batchId: string): boolean;
	/**
	 * Fills the index of a batch from the blob that another machine shared, in portions; others work in between. True: the index is
	 * there. False: nobody shared one, or the batch has ended or its validation is not known here. Throws `LedgerDamageError` if the
	 * blob is not here or is not the index of this batch.
	 */
	loadIndex(batchId: string): Promise<boolean>;
	/**
	 * Validated lines of other batches with the same key and model digest that succeeded, and are not stale, become results here.
	 * Answers how many. Costs next to nothing when no other batch has got results since the last call. A batch whose manifest says
	 * no to it gets none.
	 */
	adoptResults(batchId: string): Promise<number>;

	/**
	 * Hands out up to `max` lines that have no result and no lease, in family order; null: none left to hand out. Throws
	 * `LedgerInputElsewhereError` if bytes of them are on another machine (`missingInput`).
	 */
	claim(batchId: string, max: number, durationMs: number): Lease | null;
	/** What of a lease has no result yet, to go on with what was put off; null: it ended, ran out, or its lines may not run now. */
	renew(batchId: string, token: string, durationMs: number): Lease | null;
	/** Those of the lines named that have no result, with their bytes, without a lease: for rehearsals, where one process runs a handful. */
	openLines(batchId: string, lines: readonly number[]): readonly LeasedLine[];
	/** Bytes of one line as they stand in the input, without its line end; null: no such line, or its input is gone. */
	lineBytes(batchId: string, line: number): Uint8Array | null;
	/** The first bytes of a batch's input, also where its file was deleted meanwhile; null: they are gone. */
	inputHead(batchId: string, sizeBytes: number): Uint8Array | null;
	/** Gives back what of a lease has no result yet. */
	release(token: string): void;
	/**
	 * While restricted, `claim` hands out only lines that `assign` named: another machine says who works on what. In memory only, like
	 * all leases.
	 */
	restrict(isRestricted: boolean): void;
	/** Adds lines to a slice, runs of (first, count). Those that have a result, also one of another machine, are not handed out. */
	assign(batchId: string, sliceId: string, lines: readonly (readonly [first: number, count: number])[]): void;
	/** Lines of a slice that were not handed out yet are no longer its; null: the slice is no more. Leases go on. */
	withdraw(sliceId: string, lines: readonly (readonly [first: number, count: number])[] | null): void;
	/** Blobs of the input that are not on this machine and in which some of these lines lie; null: all that are not. */
	missingInput(
		batchId: string,
		lines: readonly (readonly [first: number, count: number])[] | null,
	): StoredBytes["blobs"];
	/**
	 * Gets what of the input of some lines, null: all, is on other machines only. `away`: who has it is not there now. `gone`: nobody has
	 * it any more.
	 */
	bringInput(
		batchId: string,
		lines: readonly (readonly [first: number, count: number])[] | null,
	): Promise<"here" | "away" | "gone">;
	/** Lines of a slice without a result; 0 also for a slice that is not there. A retry or the end of its batch forgets it. */
	openOf(sliceId: string): number;
	/** Takes results, whoever made them, whatever lease they had. Writing one twice is a no-op; success beats error. */
	commit(
		batchId: string,
		results: readonly LineResult[],
	): Promise<{ readonly accepted: number; readonly duplicate: number }>;
	/** Counts a crash of the inference process against a line; answers the new count. */
	countCrash(batchId: string, line: number): Promise<number>;
	/** Idempotent; a batch that ended stays as it is. */
	cancel(batchId: string): Promise<BatchRecord>;
	/** Records that the rehearsed lines have all run. Idempotent: the first figures stand. */
	settleRehearsal(batchId: string, figures: Omit<RehearsedFigures, "atMs">): Promise<BatchRecord>;
	/** Figures to compare this batch with: its own rehearsal's, or the newest of another batch with the same input bytes and model. */
	rehearsalBaseline(batchId: string): RehearsedFigures | null;
	/** Queues a held rehearsal; its window of `windowMs` begins. No-op on a batch that is not held. */
	queue(batchId: string, windowMs: number): Promise<BatchRecord>;
	/** Makes a batch stand still; a second pause changes nothing, nor does an overruled cause. Causes other than `user` are told to people. */
	pause(batchId: string, cause: PauseCause, message: string): Promise<BatchRecord>;
	/** Lets it go on. What it was paused for by itself does not pause it again until it happens anew after this. */
	resume(batchId: string): Promise<BatchRecord>;
	/** Decides that a batch ends early with what it has; it is then `finalizing`, to be sealed as `failed`. Idempotent. */
	giveUp(batchId: string, fault: Fault): Promise<BatchRecord>;
	/** Sets or, with null, lifts the warning that a batch won't be done in time. Only a change is recorded, only a new warning is told. */
	warn(batchId: string, message: string | null): Promise<BatchRecord>;
	/**
	 * Reopens an ended batch whose results are there: its failed lines (or those of them named) lose their results and run again,
	 * and so do lines that never ran. Its new window begins. A round counts up; results of errors from before it lose against it.
	 * No-op on a batch that has not ended, and where there is nothing to run. Throws `LedgerMisuseError` if the input was found
	 * invalid, or if input or results were removed for their age.
	 */
	retry(batchId: string, lines: readonly number[] | "all", windowMs: number): Promise<BatchRecord>;
	/** Says which machines may work on it from now on. */
	chooseMachines(batchId: string, choice: MachineChoice): Promise<BatchRecord>;
	/** The first time somebody got all results of an ended batch; later calls change nothing. */
	markCollected(batchId: string): Promise<BatchRecord>;
	/** Removes an ended batch with its files and results; false: no such batch. Throws `LedgerMisuseError` if it has not ended. */
	deleteBatch(batchId: string): Promise<boolean>;

	recordStint(stint: Stint): Promise<void>;
	/** Of one batch or of all, of minutes from `fromMs` to before `toMs`, ascending. */
	workMinutes(query: {
		readonly batchId: string | null;
		readonly fromMs: number;
		readonly toMs: number;
	}): readonly WorkMinute[];
	/** Stints that overlap the time, ascending. */
	stints(query: { readonly fromMs: number; readonly toMs: number }): readonly Stint[];
	durations(batchId: string): DurationHistogram;
	/** Of a model on this machine over its last hour of work; null: it has not worked yet. */
	modelSpeed(modelDigest: string): ModelSpeed | null;

	/** Notices after a number, ascending. */
	notices(after: number, limit: number): readonly Notice[];
	/** Records a notice that no change of a batch brings along: `report`. */
	notify(kind: NoticeKind, batchId: string | null, message: string): Promise<Notice>;
	/** Records that a webhook was delivered or given up. Idempotent. */
	settleDelivery(delivery: Delivery): Promise<void>;
	/** Deliveries settled for notices after a number. */
	deliveries(after: number): readonly Delivery[];

	/** All lines in input order. */
	finishedLines(batchId: string): AsyncIterable<FinishedLine>;
	/** One line by its place among the requests of the file; null: there is no such line. */
	finishedLine(batchId: string, line: number): FinishedLine | null;
	/** One line by its custom_id. */
	lineByCustomId(batchId: string, customId: string): FinishedLine | null;
	/** Numbers of the lines from `first` to before `end` that are in a state, ascending. Some 10 ms for 20,000 lines. */
	linesInState(batchId: string, state: LineState, first: number, end: number): readonly number[];
	/**
	 * The lines of these numbers, which ascend, with what was asked and what came of it, in small portions; others get their turn
	 * in between. Leave it whenever there is enough. Numbers of no line are passed over.
	 */
	browseLines(batchId: string, lines: readonly number[]): AsyncIterable<readonly BrowsedLine[]>;
	/** Publishes the end of a batch and its files. The first seal stands; a second one is a no-op. */
	seal(batchId: string, seal: Seal): Promise<BatchRecord>;
	/**
	 * Fixes an end under the epoch of a host without publishing it, so that other machines may keep it first. Null: the batch is in
	 * another round, or has ended in this one. Throws as `seal` does.
	 */
	propose(
		batchId: string,
		seal: Seal,
		under: { readonly epoch: Epoch | null; readonly round: number },
	): Promise<StoredOp | null>;
	/**
	 * Publishes the seal of the current round that has this digest (`sealDigest`), whoever proposed it. Idempotent. Of several
	 * published ones that of the earliest epoch is shown, on all machines the same; the files of all of them stay. Throws
	 * `LedgerMisuseError` if there is no such seal.
	 */
	publish(batchId: string, digest: Digest): Promise<BatchRecord>;

	/**
	 * Marks files and uploads past their time as gone, drops what `retention` says has been kept long enough, and removes blobs
	 * nothing refers to.
	 */
	sweep(retention: Retention): Promise<void>;
	/** Checks the log's chain, every blob's digest and the fold against the log. */
	verify(): AsyncIterable<LedgerProblem>;
	/** Makes every table but the log anew. Line indexes of open batches are dropped: they go back to validating. */
	rebuild(): Promise<void>;
	/** Answers a function that ends the watching. */
	watch(listener: (change: LedgerChange) => void): () => void;
	/** The logs of all machines, and the way in for those of others. */
	readonly exchange: LedgerExchange;
	close(): Promise<void>;
}
