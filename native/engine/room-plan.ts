/**
 * What to do next for the first in the queue for a model: the rules by which models come and go. Pure: it sees a picture of
 * the memory and names one step; whoever takes it asks again afterwards.
 *
 * - Only one model moves, in or out, at a time: what is free is measured before loading, and two at once would count it twice.
 * - Live requests never wait for batch work. What it loads or holds leaves, if there is no room beside it.
 * - A model with a live user never leaves.
 * - Batch work loads nothing while the gates are closed: the owner is at work.
 */
import type { ModelSource } from "./engine.ts";
import type { ModelUse } from "./residency.ts";

/** A model in memory, as far as the rules look at it. */
export interface Occupant {
	readonly source: ModelSource;
	readonly phase: "loading" | "ready" | "leaving";
	/** Its engine has given up for good. */
	readonly isBroken: boolean;
	/** Loaded with lanes for batch work. */
	readonly servesBatch: boolean;
	readonly batchUsers: number;
	readonly interactiveUsers: number;
	/** When a live user last came or went, monotonic; null: never. */
	readonly lastLiveUseMs: number | null;
}

/** The memory as it is now. */
export interface Room<O extends Occupant> {
	/** Used longest ago first. */
	readonly occupants: readonly O[];
	readonly mostModels: number;
	/** How long a model stays after its last live user before it makes room for a batch's. */
	readonly liveKeepMs: number;
	readonly areGatesClosed: boolean;
	readonly nowMs: number;
	/** It was tried and does not fit beside those that are here. */
	readonly isTooBig: boolean;
}

/** Who wants what. */
export interface Want {
	readonly source: ModelSource;
	readonly use: ModelUse;
}

/** The next step. */
export type Step<O extends Occupant> =
	| { readonly kind: "join"; readonly occupant: O }
	/** `beside`: others are in memory and stay. */
	| { readonly kind: "load"; readonly beside: boolean }
	/** This one must leave; then ask again. */
	| { readonly kind: "clear"; readonly occupant: O }
	/** A model comes or goes; ask again when it has. */
	| { readonly kind: "busy" }
	/** For users of other models or open gates; `untilMs`: or for that moment, monotonic. */
	| { readonly kind: "wait"; readonly untilMs: number | null };

const BUSY = { kind: "busy" } as const;
const WAIT = { kind: "wait", untilMs: null } as const;

/** Names the next step towards what is wanted. */
export function planStep<O extends Occupant>(want: Want, room: Room<O>): Step<O> {
	const broken = room.occupants.find((one) => one.isBroken && one.phase === "ready");
	if (broken) return { kind: "clear", occupant: broken };
	return want.use === "interactive" ? planForLive(want, room) : planForBatch(want, room);
}

function planForLive<O extends Occupant>(want: Want, room: Room<O>): Step<O> {
	const { occupants } = room;
	const mine = occupants.find((one) => one.source.path === want.source.path);
	if (mine) return mine.phase === "leaving" ? BUSY : { kind: "join", occupant: mine };
	if (occupants.some((one) => one.phase === "leaving")) return BUSY;
	const loading = occupants.find((one) => one.phase === "loading");
	if (loading) return loading.interactiveUsers > 0 ? BUSY : { kind: "clear", occupant: loading };
	if (occupants.length === 0) return { kind: "load", beside: false };
	if (hasRoomBeside(room)) return { kind: "load", beside: true };
	const gives = occupants.find(isIdle) ?? occupants.find((one) => one.interactiveUsers === 0);
	return gives ? { kind: "clear", occupant: gives } : WAIT;
}

function planForBatch<O extends Occupant>(want: Want, room: Room<O>): Step<O> {
	const { occupants } = room;
	const mine = occupants.find((one) => one.source.path === want.source.path);
	if (mine?.servesBatch && mine.phase !== "leaving") return { kind: "join", occupant: mine };
	if (room.areGatesClosed) return WAIT;
	if (occupants.some((one) => one.phase !== "ready")) return BUSY;
	if (occupants.some((one) => one.batchUsers > 0)) return WAIT;
	// Here for live requests only; it is loaded again with lanes for both.
	if (mine) return isIdle(mine) ? { kind: "clear", occupant: mine } : WAIT;
	if (occupants.length === 0) return { kind: "load", beside: false };
	const leftByBatch = occupants.find((one) => isIdle(one) && one.lastLiveUseMs === null);
	if (leftByBatch) return { kind: "clear", occupant: leftByBatch };
	return hasRoomBeside(room) ? { kind: "load", beside: true } : planAfterLive(room);
}

/** A model that served live requests leaves once it has been quiet for long enough. */
function planAfterLive<O extends Occupant>({ occupants, nowMs, liveKeepMs }: Room<O>): Step<O> {
	let untilMs: number | null = null;
	for (const one of occupants.filter(isIdle)) {
		const quietAtMs = (one.lastLiveUseMs ?? nowMs) + liveKeepMs;
		if (quietAtMs <= nowMs) return { kind: "clear", occupant: one };
		untilMs = Math.min(untilMs ?? quietAtMs, quietAtMs);
	}
	return { kind: "wait", untilMs };
}

function hasRoomBeside({ occupants, mostModels, isTooBig }: Room<Occupant>): boolean {
	return occupants.length < mostModels && !isTooBig;
}

function isIdle({ batchUsers, interactiveUsers }: Occupant): boolean {
	return batchUsers + interactiveUsers === 0;
}
