/** Whose turn it is: one download runs, the others wait, and what people say of them is on the disk before it is answered. */
import type { Result } from "../../base/base.ts";
import type { Download } from "../../contract/contract.ts";
import { createBoard } from "./board.ts";
import { type DownloadRecord, recordName } from "./record.ts";
import { type RunDeps, startRun } from "./run.ts";
import type { TransferFault } from "./transfer.ts";

/** Downloads that have an entry. */
export interface DownloadQueue {
	/** Those that are not done, oldest first. */
	readonly records: readonly DownloadRecord[];
	list(): readonly Download[];
	describe(record: DownloadRecord): Download;
	watch(listener: () => void): () => void;
	enter(record: DownloadRecord): Promise<Download>;
	pause(record: DownloadRecord): Promise<Download>;
	resume(record: DownloadRecord): Promise<Download>;
	remove(record: DownloadRecord): Promise<Download>;
	/** Takes the entry of a done one away and answers it; null: there is none. */
	forgetDone(id: string): Download | null;
	start(): Promise<void>;
	stop(): Promise<void>;
}

/** What a queue is made from. */
export interface DownloadQueueDeps extends Omit<RunDeps, "onProgress"> {
	/** Hears of a download whose files are in their place. */
	readonly onDone: (record: DownloadRecord) => void;
}

/** Makes a queue that has not begun. */
export function createDownloadQueue(deps: DownloadQueueDeps): DownloadQueue {
	const { store, clock, limits } = deps;
	const board = createBoard(clock, limits);
	const { tell, describe } = board;
	/** Resolves when the running one has been dealt with. */
	let settled: Promise<void> = Promise.resolve();
	let isStopped = true;

	/** Begins with the one that waits longest, if none runs. */
	function kick(): void {
		const record = board.records.find(({ phase }) => phase === "queued");
		if (isStopped || board.running !== null || record === undefined) return;
		const run = startRun(record, {
			...deps,
			onProgress(kind) {
				if (kind === "step" || clock.monotonicMs() - board.toldAtMs >= limits.tellMs) tell();
			},
		});
		board.running = run;
		settled = run.ended
			.then((outcome) => settle(run.record, outcome))
			.catch((error: unknown) => {
				// What is on the disk is put right by the next start.
				board.running = null;
				deps.log.error({ error: String(error) }, "a download could not be settled");
			});
		tell();
	}

	async function settle(record: DownloadRecord, outcome: Result<void, TransferFault>): Promise<void> {
		if (outcome.ok) {
			await store.remove(record);
			board.finish(record);
			deps.onDone(record);
			deps.log.info({ reference: record.reference, name: recordName(record) }, "a download is done");
		} else if (outcome.error.kind === "failed") {
			await recordFailure(record, outcome.error.message, deps);
		}
		board.running = null;
		tell();
		kick();
	}

	/** Ends the fetching of a download, if it is the one that is fetched. */
	async function halt(record: DownloadRecord): Promise<void> {
		if (board.running?.record !== record) return;
		board.running.abort();
		await settled;
	}

	async function change(record: DownloadRecord, phase: DownloadRecord["phase"]): Promise<Download> {
		// At once, or it would be begun again while it ends.
		record.phase = phase;
		if (phase !== "queued") await halt(record);
		// It may have come to its end just before.
		if (!board.records.includes(record)) return { ...describe(record), state: "done" };
		record.problem = await store.save(record);
		tell();
		kick();
		return describe(record);
	}

	return {
		list: board.list,
		describe,
		watch: board.watch,
		forgetDone: board.forgetDone,
		get records() {
			return board.records;
		},
		enter(record) {
			board.records.push(record);
			return change(record, "queued");
		},
		pause: (record) => change(record, "paused"),
		resume: (record) => (record.phase === "queued" ? Promise.resolve(describe(record)) : change(record, "queued")),
		async remove(record) {
			const was = describe(record);
			record.phase = "paused";
			await halt(record);
			board.records = board.records.filter((one) => one !== record);
			await store.remove(record);
			tell();
			kick();
			return was;
		},
		async start() {
			board.records = [...(await store.load())];
			isStopped = false;
			tell();
			kick();
		},
		stop() {
			isStopped = true;
			return board.running === null ? Promise.resolve() : halt(board.running.record);
		},
	};
}

async function recordFailure(
	record: DownloadRecord,
	problem: string,
	{ store, log }: Pick<DownloadQueueDeps, "store" | "log">,
): Promise<void> {
	// Whoever paused it meanwhile has had the last word.
	if (record.phase === "queued") record.phase = "failed";
	record.problem = problem;
	await store.save(record);
	log.warn({ reference: record.reference, problem }, "a download failed");
}
