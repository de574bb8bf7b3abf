import { type Batch, canonicalSeal, isAllowed, isCancelled } from "./batches.ts";
import {
	ALIVE_MS,
	DEFAULT_LINES_PER_SECOND,
	MAX_SLICE_LINES,
	MAX_SLICES,
	SHARES_PER_WORKER,
	SHORTEST_SLICE_MS,
	SLICE_MS,
	TAIL_FACTOR,
	TAIL_PART,
	TAIL_PATIENCE_MS,
} from "./constants.ts";
import { type Epoch, epochName } from "./epochs.ts";
import type { Effect } from "./events.ts";
import { finishLeases, leasedLines, openLines, withLease } from "./leases.ts";
import type { Grant, Want } from "./messages.ts";
import { allLines, countLines, firstLines, type LineRanges, lastLines, without } from "./ranges.ts";
import { isDue } from "./sealing.ts";
import {
	actingEpoch,
	type CoreState,
	doing,
	heardPeers,
	inTurn,
	isHeard,
	type Lease,
	quiet,
	type Step,
} from "./state.ts";
import { hasRoom, startSlice, wantOf } from "./worker.ts";

/** Handing out lines: which, how many, and to whom a second time. */

/** A worker asks: it gets lines, if this machine is host and there are any. */
export function answerWant(state: CoreState, from: string, want: Want): Step {
	return inTurn(
		finishLeases(state, from, want.finished),
		(at) => chooseLines(at, from, want),
		(at) => {
			const grant = undelivered(at, from, want);
			return grant === null ? quiet(at) : doing(at, { kind: "send", to: from, message: grant });
		},
	);
}

/** A host's own worker is given lines the same way, without a frame. */
export function helpOneself(state: CoreState): Step {
	if (!hasRoom(state) || actingEpoch(state) === null) return quiet(state);
	const want = wantOf(state);
	return inTurn(
		finishLeases(state, state.device, want.finished),
		(at) => chooseLines(at, at.device, want),
		(at) => {
			const grant = undelivered(at, at.device, want);
			return grant === null ? quiet(at) : startSlice(at, grant);
		},
	);
}

/**
 * Sees to it that there is a lease with open lines for a worker, if there are any to be had. Who asks again did not get the first
 * answer, or has started anew, and gets the same lines.
 */
function chooseLines(state: CoreState, worker: string, want: Want): Step {
	const epoch = actingEpoch(state);
	if (epoch === null || state.tenure?.handOver !== null) return quiet(state);
	if (undelivered(state, worker, want) !== null || openLeases(state, worker).length >= MAX_SLICES) return quiet(state);
	for (const batch of orderedBatches(state)) {
		if (!isOpen(state, batch, worker, want)) continue;
		const free = without(without(allLines(batch.total ?? 0), batch.done), leasedLines(state, batch.batchId));
		const count = sliceSize(countLines(free), want, workerCount(state));
		if (count > 0) return quiet(lease(state, epoch, worker, want, batch, cutFromEnd(state, free, count), false));
	}
	return state.rules.coversTail ? coverTail(state, epoch, worker, want) : quiet(state);
}

function orderedBatches({ batches, order }: CoreState): Iterable<Batch> {
	if (order === null) return batches.values();
	return order.map((batchId) => batches.get(batchId)).filter((batch) => batch !== undefined);
}

/**
 * Lines of a slice: what lasts the worker a while, but never more than a share of what is left, so that slices shrink towards the
 * end and all workers finish together (factoring); and never less than what lasts it a moment.
 */
export function sliceSize(left: number, { linesPerSecond }: Pick<Want, "linesPerSecond">, workers: number): number {
	const rate = linesPerSecond > 0 ? linesPerSecond : DEFAULT_LINES_PER_SECOND;
	const lasting = Math.floor((rate * SLICE_MS) / 1000);
	const share = Math.ceil(left / (SHARES_PER_WORKER * workers));
	const least = Math.ceil((rate * SHORTEST_SLICE_MS) / 1000);
	return Math.min(left, MAX_SLICE_LINES, Math.max(least, Math.min(lasting, share)));
}

/**
 * Hosts at even positions among the members begin at the front, those at odd ones at the back. Two that do not know of each other
 * then meet in the middle instead of doing the same lines.
 */
function cutFromEnd(state: CoreState, free: LineRanges, count: number): LineRanges {
	const position = state.memberNames.indexOf(state.device);
	const isFromFront = position % 2 === 0 || !state.rules.cutsFromBothEnds;
	return isFromFront ? firstLines(free, count) : lastLines(free, count);
}

/**
 * Nothing is free: the lines of a silent worker go to another at once, the end of a slow one's when little is left. First come is
 * as good as the other (backup tasks). The lease is cut, and the slow one told as a courtesy.
 */
function coverTail(state: CoreState, epoch: Epoch, worker: string, want: Want): Step {
	for (const held of state.leases.values()) {
		const batch = state.batches.get(held.batchId);
		if (held.worker === worker || batch === undefined || !isOpen(state, batch, worker, want)) continue;
		if (state.order !== null && !state.order.includes(batch.batchId)) continue;
		const open = openLines(state, held);
		const count = countLines(open);
		const isSilent = held.worker !== state.device && !isHeard(state, held.worker, ALIVE_MS);
		if (count === 0 || !(isSilent || isSlow(state, held, batch))) continue;
		const most = isSilent ? count : Math.ceil(count / 2);
		const lines = lastLines(open, Math.min(most, sliceSize(count, want, 1)));
		const cut = withLease(state, { ...held, lines: without(held.lines, lines) });
		const shrink: Effect = {
			kind: "send",
			to: held.worker,
			message: { kind: "shrink", leaseId: held.leaseId, lines },
		};
		const taken = lease(cut, epoch, worker, want, batch, lines, true);
		if (held.worker !== state.device) return doing(taken, shrink);
		return doing(taken, { kind: "shrink-slice", leaseId: held.leaseId, lines });
	}
	return quiet(state);
}

function isSlow(state: CoreState, { isTail, grantedMs, expectedMs }: Lease, batch: Batch): boolean {
	const left = (batch.total ?? 0) - batch.doneCount;
	const patienceMs = Math.min(expectedMs * TAIL_FACTOR, TAIL_PATIENCE_MS);
	return !isTail && state.nowMs - grantedMs > patienceMs && left <= Math.max(1, (batch.total ?? 0) * TAIL_PART);
}

function isOpen(state: CoreState, batch: Batch, worker: string, { models }: Want): boolean {
	if (batch.total === null || batch.model === null || isCancelled(batch) || canonicalSeal(batch) !== null) return false;
	if (isDue(state, batch) || !isAllowed(batch, worker)) return false;
	return batch.doneCount < batch.total && models.includes(batch.model);
}

function openLeases(state: CoreState, worker: string): readonly Lease[] {
	return [...state.leases.values()].filter(
		(held) => held.worker === worker && !held.isFinished && countLines(openLines(state, held)) > 0,
	);
}

/** A lease of the worker that it does not know of yet, as a grant; null: there is none, or nothing may be granted now. */
function undelivered(state: CoreState, worker: string, { holding }: Want): Grant | null {
	const epoch = actingEpoch(state);
	const held = openLeases(state, worker).find(({ leaseId }) => !holding.includes(leaseId));
	if (epoch === null || held === undefined || state.tenure?.handOver !== null) return null;
	return { kind: "grant", epoch, leaseId: held.leaseId, batchId: held.batchId, lines: openLines(state, held) };
}

function lease(
	state: CoreState,
	epoch: Epoch,
	worker: string,
	{ linesPerSecond }: Want,
	{ batchId }: Batch,
	lines: LineRanges,
	isTail: boolean,
): CoreState {
	const leaseId = `${epochName(epoch)}.${state.leaseCount}`;
	const rate = linesPerSecond > 0 ? linesPerSecond : DEFAULT_LINES_PER_SECOND;
	const expectedMs = (countLines(lines) / rate) * 1000;
	const times = { grantedMs: state.nowMs, renewedMs: state.nowMs, expectedMs };
	const granted: Lease = { leaseId, batchId, lines, worker, ...times, isTail, isFinished: false };
	return withLease({ ...state, leaseCount: state.leaseCount + 1 }, granted);
}

function workerCount(state: CoreState): number {
	return 1 + heardPeers(state, ALIVE_MS).length;
}
