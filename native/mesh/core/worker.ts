import { ALIVE_MS } from "./constants.ts";
import { meetHost } from "./contact.ts";
import { compareEpochs } from "./epochs.ts";
import type { Effect } from "./events.ts";
import { releaseLease } from "./leases.ts";
import type { Grant, Message, Slice } from "./messages.ts";
import { countLines, without } from "./ranges.ts";
import { type CoreState, doing, inTurn, quiet, type Step, type Worker } from "./state.ts";

/** The working side: asking for lines and taking them. Data is never held back; only grants of earlier hosts are refused. */

/** What of the slice in hand has no result yet; null: there is no slice. */
export function remainingSlice({ worker, batches }: CoreState): Slice | null {
	if (worker.slice === null) return null;
	const done = batches.get(worker.slice.batchId)?.done ?? [];
	return { ...worker.slice, lines: without(worker.slice.lines, done) };
}

/** Asks the host in hearing for lines, if this machine could work and has none. A host helps itself. */
export function wantLines(state: CoreState): Step {
	const { worker, witnessed, tenure } = state;
	if (!worker.isReady || worker.slice !== null || tenure !== null || witnessed === null) return quiet(state);
	if (state.nowMs - witnessed.atMs >= ALIVE_MS) return quiet(state);
	const { models, linesPerSecond, finished } = worker;
	const want: Message = { kind: "want", models, linesPerSecond, finished };
	return doing(state, { kind: "send", to: witnessed.epoch.device, message: want });
}

/**
 * E8, fencing: a grant of an earlier host than one known is refused. Another than that is taken if the worker is free, and given
 * back at once if not, so that its lines need not wait for the lease to run out.
 */
export function receiveGrant(state: CoreState, from: string, grant: Grant): Step {
	const isStale = state.maxEpoch !== null && compareEpochs(grant.epoch, state.maxEpoch) < 0;
	if (isStale && state.rules.fencesGrants) return quiet(state);
	return inTurn(
		state,
		(at) => (isStale ? quiet(at) : meetHost(at, grant.epoch)),
		(at) => {
			if (at.worker.slice?.leaseId === grant.leaseId) return quiet(at);
			const isFree = at.worker.isReady && at.worker.slice === null;
			return isFree ? startSlice(at, grant) : doing(at, release(from, grant.leaseId));
		},
	);
}

/** Takes lines up, as far as they have no result here. */
export function startSlice(state: CoreState, { leaseId, batchId, lines, epoch }: Grant): Step {
	const open = without(lines, state.batches.get(batchId)?.done ?? []);
	if (countLines(open) === 0) return quiet(withWorker(state, { finished: leaseId }));
	const slice = { leaseId, batchId, lines: open };
	return doing(withWorker(state, { slice }), { kind: "start-slice", slice, epoch });
}

/** The worker is through with its slice. What it left is given back, unless nobody is known to give it to. */
export function endSlice(state: CoreState, leaseId: string): Step {
	const slice = remainingSlice(state);
	if (slice === null || slice.leaseId !== leaseId) return quiet(state);
	const isDone = countLines(slice.lines) === 0;
	const ended = withWorker(state, { slice: null, finished: isDone ? leaseId : null });
	if (state.tenure !== null) return quiet(isDone ? ended : releaseLease(ended, state.device, leaseId));
	if (isDone) return wantLines(ended);
	const host = state.witnessed?.epoch.device;
	return host === undefined ? quiet(ended) : doing(ended, release(host, leaseId));
}

/** The host gave some of the lines to another machine. */
export function receiveShrink(state: CoreState, leaseId: string, lines: Slice["lines"]): Step {
	const { slice } = state.worker;
	if (slice === null || slice.leaseId !== leaseId) return quiet(state);
	return doing(state, { kind: "shrink-slice", leaseId, lines });
}

/** What the worker can do has changed. */
export function withWorker(state: CoreState, change: Partial<Worker>): CoreState {
	return { ...state, worker: { ...state.worker, ...change } };
}

function release(to: string, leaseId: string): Effect {
	return { kind: "send", to, message: { kind: "release", leaseId } };
}
