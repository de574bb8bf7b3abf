import { ALIVE_MS, MAX_FINISHED, MAX_SLICES } from "./constants.ts";
import { meetHost } from "./contact.ts";
import { compareEpochs } from "./epochs.ts";
import type { Effect } from "./events.ts";
import { releaseLease } from "./leases.ts";
import type { Grant, Slice, Want } from "./messages.ts";
import { countLines, NO_LINES, without } from "./ranges.ts";
import { type CoreState, doing, inTurn, quiet, type Step, type Worker } from "./state.ts";

/** The working side: asking for lines and taking them. Data is never held back; only grants of earlier hosts are refused. */

/** Whether this machine would take another slice. */
export function hasRoom({ worker }: CoreState): boolean {
	return worker.isReady && worker.slices.length < MAX_SLICES;
}

/** What this machine's worker asks for. */
export function wantOf({ worker }: CoreState): Want {
	const { models, linesPerSecond, slices, finished } = worker;
	return { kind: "want", models, linesPerSecond, holding: slices.map(({ leaseId }) => leaseId), finished };
}

/** Asks the host in hearing for lines, if this machine has room for some. A host helps itself. */
export function wantLines(state: CoreState): Step {
	const { witnessed, tenure } = state;
	if (!hasRoom(state) || tenure !== null || witnessed === null) return quiet(state);
	if (state.nowMs - witnessed.atMs >= ALIVE_MS) return quiet(state);
	return doing(state, { kind: "send", to: witnessed.epoch.device, message: wantOf(state) });
}

/**
 * E8, fencing: a grant of an earlier host than one known is refused. Another than that is taken if there is room, and given back
 * at once if not, so that its lines need not wait for the lease to run out.
 */
export function receiveGrant(state: CoreState, from: string, grant: Grant): Step {
	const isStale = state.maxEpoch !== null && compareEpochs(grant.epoch, state.maxEpoch) < 0;
	if (isStale && state.rules.fencesGrants) return quiet(state);
	return inTurn(
		state,
		(at) => (isStale ? quiet(at) : meetHost(at, grant.epoch)),
		(at) => {
			if (sliceOf(at, grant.leaseId) !== null) return quiet(at);
			return hasRoom(at) ? startSlice(at, grant) : doing(at, release(from, grant.leaseId));
		},
	);
}

/** Takes lines up, as far as they have no result here. */
export function startSlice(state: CoreState, { leaseId, batchId, lines, epoch }: Grant): Step {
	const open = without(lines, state.batches.get(batchId)?.done ?? NO_LINES);
	if (countLines(open) === 0) return quiet(withFinished(state, leaseId));
	const slice = { leaseId, batchId, lines: open };
	const started = withWorker(state, { slices: [...state.worker.slices, slice] });
	return doing(started, { kind: "start-slice", slice, epoch });
}

/** The worker is through with a slice. What it left is given back, unless nobody is known to give it to. */
export function endSlice(state: CoreState, leaseId: string): Step {
	const slice = sliceOf(state, leaseId);
	if (slice === null) return quiet(state);
	const ended = withWorker(state, { slices: state.worker.slices.filter((one) => one.leaseId !== leaseId) });
	const left = without(slice.lines, state.batches.get(slice.batchId)?.done ?? NO_LINES);
	if (countLines(left) === 0) return wantLines(withFinished(ended, leaseId));
	if (state.tenure !== null) return quiet(releaseLease(ended, state.device, leaseId));
	const host = state.witnessed?.epoch.device;
	return host === undefined ? quiet(ended) : doing(ended, release(host, leaseId));
}

/** The host gave some of the lines to another machine. */
export function receiveShrink(state: CoreState, leaseId: string, lines: Slice["lines"]): Step {
	if (sliceOf(state, leaseId) === null) return quiet(state);
	return doing(state, { kind: "shrink-slice", leaseId, lines });
}

/** What the worker can do has changed. */
export function withWorker(state: CoreState, change: Partial<Worker>): CoreState {
	return { ...state, worker: { ...state.worker, ...change } };
}

function withFinished(state: CoreState, leaseId: string): CoreState {
	return withWorker(state, { finished: [...state.worker.finished, leaseId].slice(-MAX_FINISHED) });
}

function sliceOf({ worker }: CoreState, leaseId: string): Slice | null {
	return worker.slices.find((slice) => slice.leaseId === leaseId) ?? null;
}

function release(to: string, leaseId: string): Effect {
	return { kind: "send", to, message: { kind: "release", leaseId } };
}
