/** Slices of lines that were handed to this machine: from the grant until every line has a result, or they are given back. */
import type { Log } from "../../base/base.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Slice } from "../core/core.ts";

/** What is in hand. */
export interface Slices {
	/** Makes lines ready to be claimed: their places are looked up and their bytes fetched first. */
	start(slice: Slice): void;
	/** Lines that another machine does instead: those not begun are left to it. */
	shrink(leaseId: string, lines: Slice["lines"]): void;
	hasLines(batchId: string): boolean;
	/** See `Sharing.moreLines`. */
	moreLines(batchId: string, enough: AbortSignal): Promise<boolean>;
	/** Results were recorded: tells of slices that are done, and lets lanes go that wait for lines of a batch that has none left. */
	look(): void;
	/** Gives everything back. */
	giveBack(): void;
	/** Forgets everything, without a word: whoever handed it out is gone. */
	forget(): void;
}

/** What slices are made of. */
export interface SlicesDeps {
	readonly ledger: Pick<Ledger, "assign" | "withdraw" | "openOf">;
	readonly log: Log;
	/** Waits until the lines of a batch are known here and the bytes of these are. Rejects with a sentence. */
	prepare(batchId: string, lines: Slice["lines"]): Promise<void>;
	/** The core is to hear that nothing more is done of a slice here. */
	onEnded(leaseId: string): void;
	/** There are lines to be worked on. */
	onLines(): void;
	/** Whether there will be no more lines of a batch: each has a result, or it ended. */
	isOver(batchId: string): boolean;
	/** How long lanes wait for the next slice; shorter in tests. */
	readonly lingerMs?: number;
}

interface Held {
	readonly slice: Slice;
	/** Its lines can be claimed. */
	isReady: boolean;
}

/**
 * A worker that has run out of lines waits so long for more before it lets its model go: longer than asking the host takes, so that
 * the small slices of a batch's end don't cost a fresh start each.
 */
const LINGER_MS = 3_000;

/** Nothing in hand. */
export function createSlices(deps: SlicesDeps): Slices {
	const { ledger, log, lingerMs = LINGER_MS } = deps;
	const held = new Map<string, Held>();
	/** Batches whose lanes wait for more lines; each is told whether there are any. */
	const waiting = new Map<string, Set<(isMore: boolean) => void>>();

	async function start(slice: Slice): Promise<void> {
		const { leaseId, batchId, lines } = slice;
		const entry: Held = { slice, isReady: false };
		held.set(leaseId, entry);
		try {
			await deps.prepare(batchId, lines);
		} catch (error) {
			log.warn({ batchId, leaseId, error: String(error) }, "lines handed to this machine can't be worked on here");
			if (held.get(leaseId) === entry) end(leaseId);
			return;
		}
		if (held.get(leaseId) !== entry) return;
		entry.isReady = true;
		ledger.assign(batchId, leaseId, lines);
		if (ledger.openOf(leaseId) === 0) return end(leaseId);
		for (const settle of [...(waiting.get(batchId) ?? [])]) settle(true);
		deps.onLines();
	}

	function end(leaseId: string): void {
		if (!held.delete(leaseId)) return;
		ledger.withdraw(leaseId, null);
		deps.onEnded(leaseId);
	}

	function hasOpenLines(batchId: string): boolean {
		for (const { slice, isReady } of held.values()) {
			if (slice.batchId === batchId && isReady && ledger.openOf(slice.leaseId) > 0) return true;
		}
		return false;
	}

	return {
		start: (slice) => void start(slice),
		shrink(leaseId, lines) {
			if (held.get(leaseId)?.isReady !== true) return;
			ledger.withdraw(leaseId, lines);
			if (ledger.openOf(leaseId) === 0) end(leaseId);
		},
		hasLines: (batchId) => (waiting.get(batchId)?.size ?? 0) > 0 || hasOpenLines(batchId),
		moreLines(batchId, enough) {
			return new Promise((resolve) => {
				const settles = waiting.get(batchId) ?? new Set();
				waiting.set(batchId, settles);
				const giveUp = (): void => settle(false);
				const timer = setTimeout(giveUp, lingerMs);
				function settle(isMore: boolean): void {
					clearTimeout(timer);
					enough.removeEventListener("abort", giveUp);
					settles.delete(settle);
					if (settles.size === 0) waiting.delete(batchId);
					resolve(isMore);
				}
				settles.add(settle);
				enough.addEventListener("abort", giveUp);
				if (enough.aborted || deps.isOver(batchId)) giveUp();
			});
		},
		look() {
			for (const [leaseId, { isReady }] of [...held]) if (isReady && ledger.openOf(leaseId) === 0) end(leaseId);
			// Whoever writes the results waits for the lanes.
			for (const [batchId, settles] of waiting)
				if (deps.isOver(batchId)) for (const settle of [...settles]) settle(false);
		},
		giveBack() {
			for (const leaseId of [...held.keys()]) end(leaseId);
		},
		forget() {
			for (const leaseId of held.keys()) ledger.withdraw(leaseId, null);
			held.clear();
		},
	};
}
