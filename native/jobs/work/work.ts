/**
 * Running the lines of one batch: which line next, by which lane, what its answer or failure comes to, when to stop for
 * everybody's good. Owns the way of a line from its lease to its recorded result; must never choose between batches (that is
 * `order/`), nor know how a file is written (`formats/`).
 */
import { type Clock, type Log, ok } from "../../base/base.ts";
import { batchDialectFor, type Dialect } from "../../engine/dialects/dialect.ts";
import type { HeldModel, Residency } from "../../engine/residency.ts";
import type { BatchRecord, Ledger, LineResult, ModelIdentity } from "../../ledger/ledger.ts";
import type { ModelFile, Models } from "../../models/models.ts";
import { openBatchFormat } from "../batch-format.ts";
import type { LineFormat } from "../formats/formats.ts";
import { namesAnsweredBy } from "../model-names.ts";
import type { Sharing } from "../sharing.ts";
import { mayWorkOn, type WorkPermit } from "../work-permit.ts";
import { promptText } from "./batch-line.ts";
import type { BatchMemory } from "./batch-memory.ts";
import { type FeedDeps, feedBatch, type WorkSignals } from "./feed.ts";
import { createGatherer, RECORD_AFTER_MS, RECORD_SHARED_AFTER_MS } from "./gather.ts";
import type { KeptLeases } from "./kept-leases.ts";
import { createLineRunner, type LineRunner } from "./line.ts";
import { rehearsalLedger, sampleOf, settleRehearsal } from "./rehearsal.ts";
import type { Stints } from "./stint.ts";
import { createWatchman } from "./watchman.ts";

/** What `workOn` needs. */
export interface WorkDeps {
	readonly ledger: Ledger;
	readonly residency: Residency;
	readonly models: Models;
	readonly stints: Stints;
	readonly kept: KeptLeases;
	readonly permit: () => WorkPermit;
	readonly sharing: Sharing;
	/** Of this batch, from earlier work on it in this process's life. */
	readonly memory: BatchMemory;
	readonly machine: () => string;
	readonly clock: Clock;
	readonly log: Log;
	/** Its lines are about to run; answers that were there already have been taken over. */
	readonly onBegin: (batch: BatchRecord) => void;
	/** It has its model now, or not any more. */
	readonly onModel: (isHeld: boolean) => void;
	readonly onLineDone: (result: LineResult) => void;
	readonly onTrouble: (message: string | null) => void;
}

/** A batch with its model in memory. */
interface Job {
	readonly batch: BatchRecord;
	readonly runner: LineRunner;
	readonly format: LineFormat;
	readonly inFlight: number;
}

/** Requests handed over beyond the lanes: a lane that falls free finds the next line waiting in the other process. */
const SPARE_REQUESTS_PER_LANE = 1;
/** Budgets of time are looked at this often. */
const WATCH_MS = 1_000;

/**
 * Runs the lines of a validated batch that have no result yet, of a held one those of its rehearsal, until none is left, a
 * signal ends it or the model has to leave, for a live request or because work is not permitted any more; whoever calls again
 * then waits for the model. Rejects with a sentence for people when the model can't be loaded any more.
 */
export async function workOn(deps: WorkDeps, batch: BatchRecord, signals: WorkSignals): Promise<void> {
	const { ledger, log } = deps;
	const { dialect, identity, model } = findModel(deps, batch);
	const format = openBatchFormat(ledger, batch);
	const adopted = deps.sharing.isOwn(batch) ? await ledger.adoptResults(batch.id) : 0;
	if (await isDoneWithout(ledger, batch.id)) return;
	deps.onBegin(ledger.batch(batch.id) ?? batch);
	const held = await acquire(deps, batch, model, signals);
	if (held === null) return;
	deps.onModel(true);
	const stint = deps.stints.begin(batch.id);
	try {
		const { engine, loaded, leaving } = held;
		log.info({ batch: batch.id, adopted, model: model.name, lanes: loaded.lanes }, "working on a batch");
		const runner = createLineRunner({
			...deps,
			engine,
			batch,
			dialect,
			model: identity,
			loaded,
			request: format.request,
			answersFor: namesAnsweredBy(identity, batch, deps),
			starts: deps.memory.starts,
			frozenMs: () => deps.residency.freezing.frozenMs,
		});
		const job: Job = { batch, runner, format, inFlight: loaded.lanes * (1 + SPARE_REQUESTS_PER_LANE) };
		await runLines(deps, job, { stop: AbortSignal.any([signals.stop, leaving]), drain: signals.drain });
		if (leaving.aborted) log.info({ batch: batch.id, model: model.name }, "the batch's model left the memory");
	} finally {
		deps.onModel(false);
		held.release();
		await stint.end();
	}
}

/** Everything a batch needs to be worked on at all. Throws a sentence for people where it is not there any more. */
function findModel(
	{ models, sharing }: WorkDeps,
	batch: BatchRecord,
): { readonly dialect: Dialect; readonly identity: ModelIdentity; readonly model: ModelFile } {
	const dialect = batchDialectFor(batch.manifest.endpoint);
	if (!dialect || !batch.model) throw new Error(`The batch ${batch.id} was not validated by this version.`);
	// Another machine's batch names the model as it is called there.
	const same = sharing.isOwn(batch) ? null : models.withDigest(batch.model.digest);
	const model = same === null ? models.find(batch.manifest.modelOverride ?? batch.model.name) : ok(same);
	if (!model.ok) throw new Error(model.error.message);
	return { dialect, identity: batch.model, model: model.value };
}

/** Whether no line has to run now, as where all answers were there already: the model need not be loaded for that. */
async function isDoneWithout(ledger: Ledger, batchId: string): Promise<boolean> {
	await settleRehearsal(ledger, batchId);
	const batch = ledger.batch(batchId);
	if (batch === null || batch.status !== "in_progress" || batch.completed + batch.failed === batch.total) return true;
	return batch.isHeld && batch.rehearsed !== null;
}

/** Null: it was told to end while it waited, or may not have it now. */
async function acquire(
	deps: WorkDeps,
	batch: BatchRecord,
	{ path, name }: ModelFile,
	signals: WorkSignals,
): Promise<HeldModel | null> {
	const enough = AbortSignal.any([signals.stop, signals.drain]);
	const held = await deps.residency.acquire({ path, name }, "batch", enough);
	if (held.ok) return held.value;
	if (held.error.kind !== "aborted") throw new Error(held.error.message);
	if (enough.aborted || !mayWorkOn(deps.permit(), batch)) return null;
	throw new Error(`The model ${name} can't be used: the service is stopping.`);
}

/** The lines to be rehearsed, if there are any; else all that are open. Whose turn it is after a rehearsal is asked anew. */
async function runLines(deps: WorkDeps, job: Job, signals: WorkSignals): Promise<void> {
	const { ledger } = deps;
	const sample = sampleOf(job.batch);
	if (sample === null) return runOpenLines(deps, job, signals);
	await feed(deps, job, signals, { ledger: rehearsalLedger(ledger, sample), moreLines: async () => false });
	await settleRehearsal(ledger, job.batch.id);
}

/** Runs all lines without a result, and ends early where the watchman says so. */
async function runOpenLines(deps: WorkDeps, job: Job, signals: WorkSignals): Promise<void> {
	const { ledger } = deps;
	const batch = ledger.batch(job.batch.id) ?? job.batch;
	const enough = new AbortController();
	const watchman = createWatchman(
		{ ledger, unrecordedMs: () => deps.stints.unrecordedMs(batch.id), onEnough: () => enough.abort() },
		batch,
	);
	watchman.look();
	const watching = setInterval(watchman.look, WATCH_MS);
	const drain = AbortSignal.any([signals.drain, enough.signal]);
	try {
		const ledger = deps.kept.ledgerOf(batch.id);
		const moreLines = (signal: AbortSignal) => deps.sharing.moreLines(batch.id, signal);
		await feed(deps, job, { stop: signals.stop, drain }, { ledger, moreLines, onDone: watchman.count });
	} finally {
		clearInterval(watching);
	}
	await watchman.settled();
}

async function feed(
	deps: WorkDeps,
	{ batch, runner, format, inFlight }: Job,
	signals: WorkSignals,
	{ ledger, moreLines, onDone }: Pick<FeedDeps, "ledger" | "moreLines"> & { readonly onDone?: FeedDeps["onDone"] },
): Promise<void> {
	const gatherer = createGatherer({
		commit: async (results) => {
			await deps.ledger.commit(batch.id, results);
		},
		recordAfterMs: () => (deps.sharing.isShared ? RECORD_SHARED_AFTER_MS : RECORD_AFTER_MS),
		onTrouble: deps.onTrouble,
	});
	const feedDeps: FeedDeps = {
		ledger,
		gatherer,
		suspicion: deps.memory.suspicion,
		runLine: runner.run,
		quarantine: runner.quarantine,
		promptText: (line) => promptText(format.request(line.bytes)),
		inFlight,
		moreLines,
		onDone: (result) => {
			deps.onLineDone(result);
			onDone?.(result);
		},
		clock: deps.clock,
	};
	await feedBatch(feedDeps, batch.id, signals);
}
