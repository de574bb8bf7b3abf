/** Fetches blobs from members: some at once, the rest in turn, each of them once. */
import { err, type Log, type Result } from "../../../base/base.ts";
import type { DeviceId } from "../../identity/identity.ts";
import type { Holders } from "./holders.ts";
import { type OpenedBlob, type OpenRequest, openBlob } from "./open-blob.ts";
import { createTransfer, TransferBroken, type TransferDeps } from "./transfer.ts";

/** What is to be fetched. */
export interface BlobRequest {
	/** Lower-case hex SHA-256. */
	readonly digest: string;
	readonly sizeBytes: number;
	/** Who has it, the best first. */
	readonly from: readonly DeviceId[];
}

/** Why a blob did not come. */
export interface BlobFault {
	readonly kind:
		| "no-holder"
		/** Whoever was asked gave bytes of another name. */
		| "wrong-bytes"
		| "not-stored"
		| "too-many"
		| "stopped";
	readonly message: string;
}

/** What fetching is made of. */
export interface FetchBlobsDeps {
	readonly holders: Holders;
	readonly log: Log;
	readonly limits: TransferDeps["limits"];
	isMember(deviceId: DeviceId): boolean;
	/**
	 * Writes bytes as the blob of this digest; on disk when it resolves. `bytes` are no more than `limitBytes`, and their last comes
	 * only if all of them were right; where they throw, nothing may be kept, and what they threw must be thrown on. The failure is a
	 * sentence: the disk is full, perhaps.
	 */
	receive(digest: string, bytes: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Result<void, string>>;
}

/** Fetching. */
export interface FetchBlobs {
	fetch(request: BlobRequest): Promise<Result<void, BlobFault>>;
	/** Opens one to be read by who keeps it elsewhere, past all who wait. Null: nobody gives it now. */
	open(request: OpenRequest): Promise<OpenedBlob | null>;
	stop(): void;
}

/** At once. Each is a connection, a file and a hash; more than fill a gigabit, so that small ones don't wait for large ones. */
const MOST_AT_ONCE = 6;
/** Of them large ones, models mostly: they take minutes, and what batches need must pass by. */
const MOST_LARGE = 2;
const LARGE_BYTES = 64 * 1_024 * 1_024;
/** Waiting for their turn: the chunks of an input of 60 GB. Who is told `too-many` asks again when some are done. */
const MOST_WAITING = 8_192;

/** A blob on its way or waiting. */
interface Job {
	readonly digest: string;
	readonly sizeBytes: number;
	/** Grows while it waits or runs, when somebody else knows others who have it. */
	readonly from: DeviceId[];
	readonly isLarge: boolean;
	readonly done: Promise<Result<void, BlobFault>>;
	settle(result: Result<void, BlobFault>): void;
}

/** Fetches nothing yet. */
export function createFetchBlobs(deps: FetchBlobsDeps): FetchBlobs {
	const jobs = new Map<string, Job>();
	const waiting: Job[] = [];
	const running = new Set<Job>();
	const stopping = new AbortController();

	function beginSome(): void {
		while (running.size < MOST_AT_ONCE) {
			const large = [...running].filter(({ isLarge }) => isLarge).length;
			const at = waiting.findIndex(({ isLarge }) => !isLarge || large < MOST_LARGE);
			const [job] = at < 0 ? [] : waiting.splice(at, 1);
			if (job === undefined) return;
			running.add(job);
			void run(job);
		}
	}

	async function run(job: Job): Promise<void> {
		const result = await fetchFrom(job, job.from);
		running.delete(job);
		jobs.delete(job.digest);
		job.settle(result);
		beginSome();
	}

	/** Where several gave bytes that are wrong together, each is asked alone: one of them is to blame, and one may have it right. */
	async function fetchFrom(job: Job, from: readonly DeviceId[]): Promise<Result<void, BlobFault>> {
		const { result, givers } = await transferOnce(job, from);
		if (result.ok || result.error.kind !== "wrong-bytes") return result;
		const [giver] = givers;
		// Nothing was asked for, under a name that nothing has.
		if (giver === undefined) return result;
		if (givers.size === 1) {
			deps.log.warn({ deviceId: giver, digest: job.digest }, "a machine gave other bytes than it was asked for");
			const others = from.filter((holder) => holder !== giver);
			return others.length === 0 ? result : fetchFrom(job, others);
		}
		let last: Result<void, BlobFault> = result;
		for (const holder of from) {
			last = await fetchFrom(job, [holder]);
			if (last.ok || last.error.kind === "stopped" || last.error.kind === "not-stored") return last;
		}
		return last;
	}

	async function transferOnce({ digest, sizeBytes }: Job, from: readonly DeviceId[]) {
		const signal = stopping.signal;
		const { bytes, givers } = createTransfer({ digest, sizeBytes }, from, { ...deps, signal });
		try {
			const stored = await deps.receive(digest, bytes, sizeBytes);
			const result: Result<void, BlobFault> = stored.ok ? stored : err({ kind: "not-stored", message: stored.error });
			return { result, givers };
		} catch (error) {
			if (!(error instanceof TransferBroken)) throw error;
			return { result: err(faults[error.kind]), givers };
		}
	}

	return {
		fetch({ digest, sizeBytes, from }) {
			const present = jobs.get(digest);
			if (present !== undefined) {
				present.from.push(...from.filter((holder) => !present.from.includes(holder)));
				return present.done;
			}
			if (stopping.signal.aborted) return Promise.resolve(err(faults.stopped));
			if (waiting.length >= MOST_WAITING) return Promise.resolve(err(tooMany));
			const { promise: done, resolve: settle } = Promise.withResolvers<Result<void, BlobFault>>();
			const job: Job = { digest, sizeBytes, from: [...from], isLarge: sizeBytes > LARGE_BYTES, done, settle };
			jobs.set(digest, job);
			waiting.push(job);
			beginSome();
			return done;
		},
		open: (request) => openBlob(request, { ...deps, signal: stopping.signal }),
		stop() {
			stopping.abort();
			deps.holders.stop();
			for (const job of waiting.splice(0)) {
				jobs.delete(job.digest);
				job.settle(err(faults.stopped));
			}
		},
	};
}

const tooMany: BlobFault = { kind: "too-many", message: "Too much is being fetched from other machines already." };
const faults = {
	"no-holder": { kind: "no-holder", message: "No other machine could give it." },
	"wrong-bytes": { kind: "wrong-bytes", message: "The other machines gave something else than they were asked for." },
	stopped: { kind: "stopped", message: "This machine stopped fetching." },
} as const satisfies Record<TransferBroken["kind"], BlobFault>;
