import { GRANTOR_FACTOR, LEASE_MS, TAIL_PATIENCE_MS } from "./constants.ts";
import type { Slice } from "./messages.ts";
import { countLines, type LineRanges, NO_LINES, unite, without } from "./ranges.ts";
import { type CoreState, type Lease, quiet, type Step, withEntry, withoutEntry } from "./state.ts";

/** The host's record of who works on what. A lease that is wrong costs double work; nothing is refused for it. */

/** What of a lease has no result yet. */
export function openLines(state: CoreState, lease: Lease): LineRanges {
	return without(lease.lines, state.batches.get(lease.batchId)?.done ?? NO_LINES);
}

/** Lines of a batch that somebody holds a lease on. */
export function leasedLines(state: CoreState, batchId: string): LineRanges {
	let leased = NO_LINES;
	for (const lease of state.leases.values()) {
		if (lease.batchId === batchId) leased = unite(leased, lease.lines);
	}
	return leased;
}

/** Forgets leases that have no open lines, and those nobody renewed: their lines may be given to others. The worker is not stopped. */
export function sweepLeases(state: CoreState): Step {
	const left = new Map<string, Lease>();
	for (const [leaseId, lease] of state.leases) {
		const isOver = state.rules.reclaimsLeases && state.nowMs - lease.renewedMs > LEASE_MS * GRANTOR_FACTOR;
		if (!isOver && countLines(openLines(state, lease)) > 0) left.set(leaseId, lease);
	}
	return quiet(left.size === state.leases.size ? state : { ...state, leases: left });
}

/** A worker says what it works on: those leases go on. */
export function renewLeases(state: CoreState, worker: string, slices: readonly Slice[]): CoreState {
	return slices.reduce((at, slice) => renewLease(at, worker, slice), state);
}

/** The worker did all lines of these. They stay taken until the results arrive or the lease runs out. */
export function finishLeases(state: CoreState, worker: string, leaseIds: readonly string[]): CoreState {
	let at = state;
	for (const leaseId of leaseIds) {
		const lease = at.leases.get(leaseId);
		if (lease?.worker === worker && !lease.isFinished) at = withLease(at, { ...lease, isFinished: true });
	}
	return at;
}

/**
 * A lease goes on. One that another host granted, or this one before it forgot, is made anew for
 * the lines nobody else holds, so that what runs is not run twice.
 */
function renewLease(state: CoreState, worker: string, slice: Slice): CoreState {
	const known = state.leases.get(slice.leaseId);
	if (known !== undefined) return withLease(state, { ...known, renewedMs: state.nowMs });
	const batch = state.batches.get(slice.batchId);
	const lines = without(without(slice.lines, batch?.done ?? NO_LINES), leasedLines(state, slice.batchId));
	if (countLines(lines) === 0) return state;
	const { leaseId, batchId } = slice;
	const times = { grantedMs: state.nowMs, renewedMs: state.nowMs, expectedMs: TAIL_PATIENCE_MS };
	return withLease(state, { leaseId, batchId, lines, worker, ...times, isTail: false, isFinished: false });
}

/** The worker gives it back. */
export function releaseLease(state: CoreState, worker: string, leaseId: string): CoreState {
	if (state.leases.get(leaseId)?.worker !== worker) return state;
	return { ...state, leases: withoutEntry(state.leases, leaseId) };
}

/** Adds or changes one. */
export function withLease(state: CoreState, lease: Lease): CoreState {
	return { ...state, leases: withEntry(state.leases, lease.leaseId, lease) };
}
