/**
 * Tells pages of batches: the newest ones first, then those that changed. One for all pages that are open, idle while there are none,
 * and it never describes a batch anew that nothing happened to.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Log } from "../base/base.ts";
import type { BatchDetails, BatchesEvent } from "../contract/contract.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import { placeOf } from "./batch-place.ts";
import { createKnownBatches, type KnownBatches, type KnownBatchesDeps } from "./known-batches.ts";
import type { Feed } from "./state-feed.ts";
import { createThrottle } from "./throttle.ts";

/** What the feed needs. */
export interface BatchFeedDeps extends KnownBatchesDeps {
	readonly ledger: Pick<Ledger, "batch" | "batches" | "openBatches" | "watch">;
	readonly jobs: Pick<Jobs, "progress">;
	/** How safe they are, and who may work on them. */
	readonly mesh: Pick<Mesh, "durabilityOf" | "chosen" | "watch">;
	/** What batches wait for is part of how they do. */
	readonly scheduler: Pick<Scheduler, "watch">;
	readonly log: Log;
}

/** What a page shows of batches at first; further ones it asks for. */
const NEWEST = 100;
/** An event a second: what changes faster can't be read. Batches in hand are looked at as often. */
const LEAST_MS = 1_000;
/** Batches described in one go: some ten milliseconds of work. Those left over have their turn a second later. */
const MOST_AT_ONCE = 20;

type Listener = (event: BatchesEvent) => void;

/** Makes the feed. */
export function createBatchFeed(deps: BatchFeedDeps): Feed<BatchesEvent> {
	const { ledger, log } = deps;
	const listeners = new Set<Listener>();
	/** Those who listen, or will when the newest batches have been described. */
	let joined = 0;
	const known = createKnownBatches(deps);
	/** Something happened to these since they were told of. */
	const touched = new Set<string>();
	let stopWatching = () => {};
	const telling = createThrottle(LEAST_MS, tell);

	function touch(ids: Iterable<string>): void {
		for (const id of ids) touched.add(id);
		if (touched.size > 0) telling.poke();
	}

	function tell(): void {
		const changed: BatchDetails[] = [];
		const gone: string[] = [];
		for (const id of [...touched].slice(0, MOST_AT_ONCE)) {
			touched.delete(id);
			const batch = ledger.batch(id);
			if (batch === null) gone.push(id);
			if (batch === null) known.forget(id);
			const details = batch === null ? null : known.renew(batch);
			if (details !== null) changed.push(details);
		}
		if (touched.size > 0) telling.poke();
		if (changed.length + gone.length === 0) return;
		for (const listener of [...listeners]) listener({ changed, gone });
	}

	function begin(): void {
		known.clear();
		touched.clear();
		const stopTouching = watchBatches(deps, touch);
		const stopMesh = deps.mesh.watch(() => touch(known.ids().filter((id) => hasMoved(deps.mesh, known.get(id)))));
		stopWatching = () => {
			stopTouching();
			stopMesh();
			telling.stop();
			known.clear();
		};
	}

	async function welcome(listener: Listener, isGone: () => boolean): Promise<void> {
		// What others have yet to be told of does not pass for told.
		const changed = await newestBatches(ledger, known, (id) => !touched.has(id), isGone);
		if (isGone()) return;
		listeners.add(listener);
		listener({ changed, gone: [] });
	}

	return {
		join(listener) {
			const own: Listener = (event) => listener(event);
			let hasLeft = false;
			joined += 1;
			if (joined === 1) begin();
			welcome(own, () => hasLeft).catch((error: unknown) => {
				log.error({ error: String(error) }, "the batches could not be described for a page");
			});
			return () => {
				if (hasLeft) return;
				hasLeft = true;
				listeners.delete(own);
				joined -= 1;
				if (joined === 0) stopWatching();
			};
		},
	};
}

/** Tells whether a batch stands among the machines as it was told to. Machines change all the time, batches by that seldom. */
function hasMoved(mesh: BatchFeedDeps["mesh"], told: BatchDetails | null): boolean {
	if (told === null) return false;
	const { durability, machines } = told;
	return !isDeepStrictEqual({ durability, machines }, placeOf(mesh, told.id));
}

/** Names batches that something may have happened to. Answers a function that ends it. */
function watchBatches({ ledger, jobs, scheduler }: BatchFeedDeps, touch: (ids: Iterable<string>) => void): () => void {
	/** Batches that are not ended; null: has to be looked up anew. */
	let openIds: readonly string[] | null = null;
	let inHand: ReadonlySet<string> = new Set();

	function open(): readonly string[] {
		openIds ??= ledger.openBatches().map(({ id }) => id);
		return openIds;
	}

	/** What is in hand changes without the ledger hearing of it: its speed, what it waits for. And so does what just was. */
	function lookAtWork(): void {
		const now = new Set(open().filter((id) => jobs.progress(id)?.isInHand === true));
		touch([...inHand].filter((id) => !now.has(id)));
		touch(now);
		inHand = now;
	}

	const beat = setInterval(lookAtWork, LEAST_MS);
	const stops = [
		ledger.watch((change) => {
			if (change.kind !== "batch") return;
			openIds = null;
			touch([change.batchId]);
		}),
		scheduler.watch(() => touch(open())),
		() => clearInterval(beat),
	];
	return () => {
		for (const stop of stops) stop();
	};
}

/** The newest batches as they are, described by small portions with others' turns in between, until nobody waits for them. */
async function newestBatches(
	ledger: BatchFeedDeps["ledger"],
	known: KnownBatches,
	isTold: (id: string) => boolean,
	isGone: () => boolean,
): Promise<BatchDetails[]> {
	while (!isGone()) {
		const query = { after: null, limit: NEWEST, order: "desc", surface: null, withHeld: true } as const;
		const { rows } = ledger.batches(query);
		const missing = rows.filter(({ id }) => !known.isLearnt(id)).slice(0, MOST_AT_ONCE);
		if (missing.length === 0) return rows.flatMap(({ id }) => known.get(id) ?? []);
		for (const batch of missing) known.learn(batch, isTold(batch.id));
		await nextTurn();
	}
	return [];
}
