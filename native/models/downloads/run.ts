/** One download from its first byte to its place. */
import { type Clock, err, type Log, ok, type Result } from "../../base/base.ts";
import type { Download } from "../../contract/contract.ts";
import type { DownloadLimits } from "./downloads.ts";
import { createRate, type Rate } from "./rate.ts";
import { type DownloadRecord, type RecordStore, recordName } from "./record.ts";
import type { Settling } from "./settle.ts";
import { type FileKind, fetchFile, type TransferFault } from "./transfer.ts";
import type { WebDeps } from "./web.ts";

/** What a run is made from. */
export interface RunDeps {
	/** What is done with files that have come. */
	readonly settling: Settling;
	readonly fileKind: FileKind;
	readonly store: RecordStore;
	readonly web: WebDeps;
	readonly limits: DownloadLimits;
	readonly freeBytes: () => Promise<number>;
	readonly clock: Clock;
	readonly log: Log;
	/** Hears of every piece that comes, and of each step. */
	readonly onProgress: (kind: "bytes" | "step") => void;
}

/** A download that is being fetched. */
export interface Run {
	readonly record: DownloadRecord;
	readonly isChecking: boolean;
	/** Of all its files. */
	readonly receivedBytes: number;
	readonly rate: Rate;
	/** How it ended; never rejects. */
	readonly ended: Promise<Result<void, TransferFault>>;
	/** Ends it at the next byte; what has come is kept. */
	abort(): void;
}

/** Begins, or goes on with, a download. */
export function startRun(record: DownloadRecord, deps: RunDeps): Run {
	const { store, clock } = deps;
	const abort = new AbortController();
	const rate = createRate(clock.monotonicMs());
	const settleDeps = { store, signal: abort.signal };
	let receivedBytes = syncedBytes(record.files);
	let isChecking = false;

	async function fetchFiles(): Promise<Result<void, TransferFault>> {
		for (const [index, file] of record.files.entries()) {
			const fetched = await fetchFile(file, {
				...deps.web,
				partPath: store.partPath(record, file),
				fileKind: deps.fileKind,
				limits: deps.limits,
				signal: abort.signal,
				save: () => store.save(record),
				freeBytes: deps.freeBytes,
				onPosition(position) {
					const received = syncedBytes(record.files.slice(0, index)) + position;
					rate.add(Math.max(0, received - receivedBytes), clock.monotonicMs());
					receivedBytes = received;
					deps.onProgress("bytes");
				},
			});
			if (!fetched.ok) return fetched;
		}
		return ok(undefined);
	}

	async function run(): Promise<Result<void, TransferFault>> {
		if (record.files.some(({ digest }) => digest === null)) {
			const fetched = await fetchFiles();
			if (!fetched.ok) return fetched;
			isChecking = true;
			deps.onProgress("step");
			const checked = await deps.settling.check(record, settleDeps);
			if (!checked.ok) return checked;
			const problem = await store.save(record);
			if (problem !== null) return err({ kind: "failed", message: problem });
		}
		return deps.settling.place(record, settleDeps);
	}

	const ended = run().catch((error: unknown) => {
		deps.log.error({ error: String(error), reference: record.reference }, "a download broke");
		return err({ kind: "failed", message: "Something went wrong in Nightshift; its log tells more." } as const);
	});
	return {
		record,
		rate,
		ended,
		get isChecking() {
			return isChecking;
		},
		get receivedBytes() {
			return receivedBytes;
		},
		abort: () => abort.abort(),
	};
}

/** A download as others see it. `run` is the one of the download, if it is being fetched. */
export function describeDownload(record: DownloadRecord, run: Run | null, nowMs: number): Download {
	const sizes = record.files.flatMap(({ sizeBytes }) => sizeBytes ?? []);
	const isFetching = run !== null && !run.isChecking;
	return {
		id: record.id,
		reference: record.reference,
		name: recordName(record),
		state: run === null ? record.phase : run.isChecking ? "checking" : "running",
		received_bytes: run?.receivedBytes ?? syncedBytes(record.files),
		total_bytes: sizes.length < record.files.length ? null : sizes.reduce((sum, size) => sum + size, 0),
		bytes_per_second: isFetching ? run.rate.at(nowMs) : null,
		problem: record.problem,
		created_at: Math.floor(record.createdAtMs / 1_000),
	};
}

function syncedBytes(files: DownloadRecord["files"]): number {
	return files.reduce((sum, file) => sum + file.syncedBytes, 0);
}
