import type { Clock } from "../base/base.ts";
import { type Random, randomId } from "./ids.ts";
import { createLeaseQueue, type LeaseQueue, type LeaseSource } from "./lease-queue.ts";
import { createSlices, type SliceSource, type Slices } from "./slices.ts";

/** Bytes of lines handed out at once at most; a slice of long lines is cut there. */
const MAX_LEASE_BYTES = 64 * 1024 * 1024;

/** Results after which the place of the first open line is written down again. */
const FLOOR_EVERY_RESULTS = 5_000;

/** Lines handed out under one token. */
export interface Grant {
	readonly token: string;
	readonly lines: readonly number[];
}

/** Place of a line in the order of its batch while it is not known: it went out as part of a slice. */
const NO_POSITION = Number.POSITIVE_INFINITY;

/**
 * Who works on what, in memory only: losing it costs double work and nothing else. Hands out lines in their order by a cursor
 * that passes each line once; lines that come back go out again first. While restricted, only lines of slices go out.
 */
export interface Leases {
	restrict(isRestricted: boolean): void;
	readonly slices: Pick<Slices, "assign" | "withdraw" | "openOf">;
	claim(batch: number, max: number, durationMs: number): Grant | null;
	/** Holds a lease for so long from now; answers what of it has no result yet. Null: it has ended or run out. */
	renew(token: string, durationMs: number): Grant | null;
	release(token: string): void;
	/** These lines have a result now. */
	settled(batch: number, lines: Iterable<number>): void;
	/** Passes lines that have results without having been claimed, letting others work in between: after an adoption. */
	skipFinished(batch: number): Promise<void>;
	/** Forgets all about a batch. */
	forget(batch: number): void;
	forgetAll(): void;
}

interface HeldLease {
	readonly token: string;
	readonly batch: number;
	expiresAtMs: number;
	/** Lines without a result yet, with their positions in the order. */
	readonly open: Map<number, number>;
}

interface BatchLeases {
	readonly queue: LeaseQueue;
	readonly held: Set<HeldLease>;
	/** Lease under which a line is out. */
	readonly holder: Map<number, HeldLease>;
	settledSinceFloor: number;
}

/** What leases are made of. */
export interface LeaseDeps {
	readonly source: LeaseSource & SliceSource;
	readonly clock: Clock;
	readonly random: Random;
	/** Hears how far the first open line of a batch has come. */
	readonly raiseFloor: (batch: number, position: number) => void;
	/** Tests pass a small one. */
	readonly floorEveryResults?: number;
}

/** Leases over the lines of `source`. */
export function createLeases(deps: LeaseDeps): Leases {
	const { source, clock, random, raiseFloor, floorEveryResults = FLOOR_EVERY_RESULTS } = deps;
	const batches = new Map<number, BatchLeases>();
	const byToken = new Map<string, HeldLease>();
	const slices = createSlices(source);
	let isRestricted = false;

	function leasesOf(batch: number): BatchLeases {
		const leases = batches.get(batch) ?? noLeases(createLeaseQueue(batch, source));
		batches.set(batch, leases);
		return leases;
	}

	function end(state: BatchLeases, lease: HeldLease): void {
		giveBack(state, lease, slices);
		byToken.delete(lease.token);
	}

	function writeFloor(batch: number, state: BatchLeases): void {
		state.settledSinceFloor = 0;
		raiseFloor(batch, firstOpen(state));
	}

	return {
		restrict(restricted) {
			isRestricted = restricted;
		},
		slices: { assign: slices.assign, withdraw: slices.withdraw, openOf: slices.openOf },
		claim(batch, max, durationMs) {
			const state = leasesOf(batch);
			const now = clock.monotonicMs();
			for (const lease of state.held) if (lease.expiresAtMs <= now) end(state, lease);
			const open = takeLines(
				() => (isRestricted ? nextOfSlices(batch, state, slices) : nextOfQueue(state)),
				(line) => source.lengthOf(batch, line),
				max,
			);
			if (open.size === 0) return null;
			const lease = { token: randomId("lease_", random), batch, expiresAtMs: now + durationMs, open };
			state.held.add(lease);
			byToken.set(lease.token, lease);
			for (const line of open.keys()) state.holder.set(line, lease);
			return { token: lease.token, lines: [...open.keys()] };
		},
		renew(token, durationMs) {
			const lease = byToken.get(token);
			if (lease === undefined) return null;
			const now = clock.monotonicMs();
			if (lease.expiresAtMs <= now) {
				end(leasesOf(lease.batch), lease);
				return null;
			}
			lease.expiresAtMs = now + durationMs;
			return { token, lines: [...lease.open.keys()] };
		},
		release(token) {
			const lease = byToken.get(token);
			if (lease !== undefined) end(leasesOf(lease.batch), lease);
		},
		settled(batch, lines) {
			const state = batches.get(batch);
			for (const line of lines) {
				slices.settled(batch, line);
				if (state === undefined) continue;
				state.settledSinceFloor += 1;
				const lease = state.holder.get(line);
				if (lease === undefined) continue;
				state.holder.delete(line);
				lease.open.delete(line);
				if (lease.open.size === 0) end(state, lease);
			}
			if (state !== undefined && state.settledSinceFloor >= floorEveryResults) writeFloor(batch, state);
		},
		async skipFinished(batch) {
			const state = leasesOf(batch);
			await state.queue.skipFinished();
			writeFloor(batch, state);
		},
		forget(batch) {
			for (const lease of batches.get(batch)?.held ?? []) byToken.delete(lease.token);
			batches.delete(batch);
			slices.forget(batch);
		},
		forgetAll() {
			batches.clear();
			byToken.clear();
			slices.forgetAll();
		},
	};
}

function noLeases(queue: LeaseQueue): BatchLeases {
	return { queue, held: new Set(), holder: new Map(), settledSinceFloor: 0 };
}

/** What of a lease has no result goes back to where it came from. */
function giveBack(state: BatchLeases, lease: HeldLease, slices: Slices): void {
	for (const line of lease.open.keys()) {
		state.holder.delete(line);
		slices.giveBack(lease.batch, line);
	}
	state.queue.giveBack(placed(lease.open));
	state.held.delete(lease);
}

/** A line and its place in the order. */
interface Taken {
	readonly position: number;
	readonly line: number;
}

/** The next line of the slices that is not out. */
function nextOfSlices(batch: number, { holder }: BatchLeases, slices: Slices): Taken | null {
	for (let line = slices.next(batch); line !== null; line = slices.next(batch)) {
		if (!holder.has(line)) return { line, position: NO_POSITION };
	}
	return null;
}

/** The next line of the order that is not out. */
function nextOfQueue({ queue, holder }: BatchLeases): Taken | null {
	for (let taken = queue.next(); taken !== null; taken = queue.next()) {
		const held = holder.get(taken.line);
		if (held === undefined) return taken;
		// Out as part of a slice: from now on its place is known, to come back to.
		held.open.set(taken.line, taken.position);
	}
	return null;
}

/** Up to `max` open lines with their positions, fewer where they are long. */
function takeLines(next: () => Taken | null, lengthOf: (line: number) => number, max: number): Map<number, number> {
	const open = new Map<number, number>();
	let sizeBytes = 0;
	while (open.size < max && sizeBytes < MAX_LEASE_BYTES) {
		const taken = next();
		if (taken === null) break;
		open.set(taken.line, taken.position);
		sizeBytes += lengthOf(taken.line);
	}
	return open;
}

/** Those of some lines whose place in the order is known; the cursor has yet to come to the others. */
function placed(lines: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
	return new Map([...lines].filter(([, position]) => position !== NO_POSITION));
}

/** Every line before this position has a result. */
function firstOpen(state: BatchLeases): number {
	let first = state.queue.first();
	for (const lease of state.held) {
		for (const position of lease.open.values()) first = Math.min(first, position);
	}
	return first;
}
