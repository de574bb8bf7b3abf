import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../base/base.ts";
import { type Random, randomId } from "./ids.ts";

/** Bytes of lines handed out at once at most; a slice of long lines is cut there. */
const MAX_LEASE_BYTES = 64 * 1024 * 1024;

/** Results after which the place of the first open line is written down again. */
const FLOOR_EVERY_RESULTS = 5_000;

/** Finished lines the cursor passes in one go: some ten milliseconds. */
const SKIPPED_AT_ONCE = 5_000;

/** What the leases need to know of the lines of a batch. */
export interface LeaseSource {
	/** Lines in the order in which they are handed out, by page; null: past the end. */
	orderPage(batch: number, page: number): Uint32Array | null;
	readonly pageLines: number;
	hasResult(batch: number, line: number): boolean;
	lengthOf(batch: number, line: number): number;
	/** Position before which all lines have results. */
	floor(batch: number): number;
}

/** Lines handed out under one token. */
export interface Grant {
	readonly token: string;
	readonly lines: readonly number[];
}

/**
 * Who works on what, in memory only: losing it costs double work and nothing else. Hands out lines in their order by a cursor
 * that passes each line once; lines that come back go out again first.
 */
export interface Leases {
	claim(batch: number, max: number, durationMs: number): Grant | null;
	release(token: string): void;
	/** These lines have a result now. */
	settled(batch: number, lines: Iterable<number>): void;
	/** Moves the cursor past lines that have results, letting others work in between: after many were adopted at once. */
	skipFinished(batch: number): Promise<void>;
	/** Forgets all about a batch. */
	forget(batch: number): void;
	forgetAll(): void;
}

interface HeldLease {
	readonly batch: number;
	readonly expiresAtMs: number;
	/** Lines without a result yet, with their positions in the order. */
	readonly open: Map<number, number>;
}

interface BatchLeases {
	cursor: number;
	page: { readonly number: number; readonly lines: Uint32Array } | null;
	readonly held: Map<string, HeldLease>;
	/** Token under which a line is out. */
	readonly owner: Map<number, string>;
	/** Lines that came back, by position. */
	readonly returned: Map<number, number>;
	/** Positions of `returned`, descending, so that the first is taken from the end; null: to be sorted anew. */
	returnedOrder: number[] | null;
	settledSinceFloor: number;
}

/** Leases over the lines of `source`; `raiseFloor` keeps the place of the first open line. */
export function createLeases(deps: {
	source: LeaseSource;
	clock: Clock;
	random: Random;
	raiseFloor: (batch: number, position: number) => void;
}): Leases {
	const { source, clock, random, raiseFloor } = deps;
	const batches = new Map<number, BatchLeases>();
	const batchOfToken = new Map<string, number>();

	function leasesOf(batch: number): BatchLeases {
		const known = batches.get(batch);
		if (known !== undefined) return known;
		const fresh: BatchLeases = {
			cursor: source.floor(batch),
			page: null,
			held: new Map(),
			owner: new Map(),
			returned: new Map(),
			returnedOrder: null,
			settledSinceFloor: 0,
		};
		batches.set(batch, fresh);
		return fresh;
	}

	function giveBack(state: BatchLeases, token: string, lease: HeldLease): void {
		for (const [line, position] of lease.open) {
			state.owner.delete(line);
			state.returned.set(position, line);
		}
		state.returnedOrder = null;
		state.held.delete(token);
		batchOfToken.delete(token);
	}

	/** The line at a position of the order; null: past the end. */
	function lineAt(batch: number, state: BatchLeases, position: number): number | null {
		const number = Math.floor(position / source.pageLines);
		if (state.page?.number !== number) {
			const lines = source.orderPage(batch, number);
			state.page = lines === null ? null : { number, lines };
		}
		return state.page?.lines[position % source.pageLines] ?? null;
	}

	/** Open lines in the order to hand them out: those that came back, then on from the cursor. Taking one moves past it. */
	function* openLines(batch: number, state: BatchLeases): Generator<readonly [position: number, line: number]> {
		state.returnedOrder ??= [...state.returned.keys()].sort((left, right) => right - left);
		for (let position = state.returnedOrder.pop(); position !== undefined; position = state.returnedOrder.pop()) {
			const line = state.returned.get(position) ?? 0;
			state.returned.delete(position);
			if (!source.hasResult(batch, line)) yield [position, line];
		}
		for (;;) {
			const position = state.cursor;
			const line = lineAt(batch, state, position);
			if (line === null) return;
			state.cursor += 1;
			if (!source.hasResult(batch, line)) yield [position, line];
		}
	}

	/** Every line before this position has a result. */
	function firstOpen(state: BatchLeases): number {
		let first = state.cursor;
		for (const position of state.returned.keys()) first = Math.min(first, position);
		for (const lease of state.held.values())
			for (const position of lease.open.values()) first = Math.min(first, position);
		return first;
	}

	return {
		claim(batch, max, durationMs) {
			const state = leasesOf(batch);
			const now = clock.monotonicMs();
			for (const [token, lease] of state.held) if (lease.expiresAtMs <= now) giveBack(state, token, lease);
			const open = new Map<number, number>();
			let sizeBytes = 0;
			if (max > 0) {
				for (const [position, line] of openLines(batch, state)) {
					open.set(line, position);
					sizeBytes += source.lengthOf(batch, line);
					if (open.size >= max || sizeBytes >= MAX_LEASE_BYTES) break;
				}
			}
			if (open.size === 0) return null;
			const token = randomId("lease_", random);
			state.held.set(token, { batch, expiresAtMs: now + durationMs, open });
			batchOfToken.set(token, batch);
			for (const line of open.keys()) state.owner.set(line, token);
			return { token, lines: [...open.keys()] };
		},
		release(token) {
			const state = batches.get(batchOfToken.get(token) ?? -1);
			const lease = state?.held.get(token);
			if (state !== undefined && lease !== undefined) giveBack(state, token, lease);
		},
		settled(batch, lines) {
			const state = batches.get(batch);
			if (state === undefined) return;
			for (const line of lines) {
				state.settledSinceFloor += 1;
				const token = state.owner.get(line);
				const lease = token === undefined ? undefined : state.held.get(token);
				if (token === undefined || lease === undefined) continue;
				state.owner.delete(line);
				lease.open.delete(line);
				if (lease.open.size > 0) continue;
				state.held.delete(token);
				batchOfToken.delete(token);
			}
			if (state.settledSinceFloor < FLOOR_EVERY_RESULTS) return;
			state.settledSinceFloor = 0;
			raiseFloor(batch, firstOpen(state));
		},
		async skipFinished(batch) {
			const state = leasesOf(batch);
			for (let passed = 1; ; passed += 1) {
				const line = lineAt(batch, state, state.cursor);
				if (line === null || !source.hasResult(batch, line)) break;
				state.cursor += 1;
				if (passed % SKIPPED_AT_ONCE === 0) await nextTurn();
			}
			raiseFloor(batch, firstOpen(state));
		},
		forget(batch) {
			for (const token of batches.get(batch)?.held.keys() ?? []) batchOfToken.delete(token);
			batches.delete(batch);
		},
		forgetAll() {
			batches.clear();
			batchOfToken.clear();
		},
	};
}
