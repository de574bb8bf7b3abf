/**
 * What to do next for the first in the queue for a model: the rules by which models come and go. Pure: it sees a picture of
 * the memory and names one step; whoever takes it asks again afterwards.
 *
 * - Only one model moves, in or out, at a time: what is free is measured before loading, and two at once would count it twice.
 * - Live requests never wait for batch work. What it loads or holds leaves, if there is no room beside it.
 * - A model with a live user never leaves.
 * - Batch work loads nothing while the gates are closed: the owner is at work.
 * - While batch work is suspended it gets no model at all, and what live requests leave behind goes by itself where
 *   somebody else wants the memory.
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
	/** It was there when batch work was suspended, and leaves with its last live user. */
	readonly isDue: boolean;
	/** Loaded in a way that is no longer the best: it leaves as soon as nobody uses it. */
	readonly isOutdated: boolean;
}

/** The memory as it is now. */
export interface Room<O extends Occupant> {
	/** Used longest ago first. */
	readonly occupants: readonly O[];
	readonly mostModels: number;
	/** How long a model stays after its last live user before it makes room for a batch's. */
	readonly liveKeepMs: number;
	readonly areGatesClosed: boolean;
	readonly isSuspended: boolean;
	/**
	 * How long a model that was loaded for a live request while batch work is suspended stays after its last user; null: until
	 * somebody wants its place.
	 */
	readonly suspendedKeepMs: number | null;
	readonly nowMs: number;
	/** It was tried and does not fit beside those that are here. */
	readonly isTooBig: boolean;
	/** There was too little memory for it; it is not tried again before this moment (monotonic). Null: at any time. */
	readonly notBeforeMs: number | null;
}

/** Who wants what. */
export interface Want {
	readonly source: ModelSource;
	readonly use: ModelUse;
}

/** The next step. */
export type Step<O extends Occupant> =
	| { readonly kind: "join"; readonly occupant: O }
	/** `beside`: others are in memory and stay. `liveOnly`: without lanes for batch work, as small as it gets. */
	| { readonly kind: "load"; readonly beside: boolean; readonly liveOnly: boolean }
	/** This one must leave; then ask again. */
	| { readonly kind: "clear"; readonly occupant: O }
	/** A model comes or goes; ask again when it has. */
	| { readonly kind: "busy" }
	/** For users of other models, open gates or memory; `untilMs`: or for that moment, monotonic. */
	| { readonly kind: "wait"; readonly untilMs: number | null };

const BUSY = { kind: "busy" } as const;
const WAIT = { kind: "wait", untilMs: null } as const;
/** What leaves by itself. */
export type Departure<O extends Occupant> = Extract<Step<O>, { kind: "clear" | "wait" }>;

/** Names the next step towards what is wanted. */
export function planStep<O extends Occupant>(want: Want, room: Room<O>): Step<O> {
	const broken = room.occupants.find((one) => one.isBroken && one.phase === "ready");
	if (broken) return { kind: "clear", occupant: broken };
	return want.use === "interactive" ? planForLive(want, room) : planForBatch(want, room);
}

/** Names what leaves though nobody wants its place: what is outdated, and more while batch work is suspended. */
export function planDeparture<O extends Occupant>(room: Pick<Room<O>, Departing>): Departure<O> {
	const { occupants, isSuspended, suspendedKeepMs } = room;
	const outdated = occupants.find((one) => one.isOutdated && one.phase === "ready" && isIdle(one));
	if (outdated) return { kind: "clear", occupant: outdated };
	if (!isSuspended) return WAIT;
	const idle = occupants.filter((one) => one.phase !== "leaving" && one.interactiveUsers === 0);
	const stays = (one: O) => !one.isDue && !one.servesBatch && !one.isBroken;
	const first = idle.find((one) => !stays(one));
	if (first) return { kind: "clear", occupant: first };
	return suspendedKeepMs === null ? WAIT : planAfterQuiet(idle, suspendedKeepMs, room.nowMs);
}

type Departing = "occupants" | "isSuspended" | "suspendedKeepMs" | "nowMs";

function planForLive<O extends Occupant>(want: Want, room: Room<O>): Step<O> {
	const { occupants } = room;
	const mine = occupants.find((one) => one.source.path === want.source.path);
	if (mine) return mine.phase === "leaving" ? BUSY : { kind: "join", occupant: mine };
	if (occupants.some((one) => one.phase === "leaving")) return BUSY;
	const loading = occupants.find((one) => one.phase === "loading");
	if (loading) return loading.interactiveUsers > 0 ? BUSY : { kind: "clear", occupant: loading };
	if (occupants.length === 0) return { kind: "load", beside: false, liveOnly: room.isSuspended };
	// Beside a batch's model a live one takes as little as it can.
	if (hasRoomBeside(room)) return { kind: "load", beside: true, liveOnly: true };
	const gives = occupants.find(isIdle) ?? occupants.find((one) => one.interactiveUsers === 0);
	return gives ? { kind: "clear", occupant: gives } : WAIT;
}

function planForBatch<O extends Occupant>(want: Want, room: Room<O>): Step<O> {
	if (room.isSuspended) return WAIT;
	const { occupants, notBeforeMs } = room;
	const mine = occupants.find((one) => one.source.path === want.source.path);
	const isShort = notBeforeMs !== null && notBeforeMs > room.nowMs;
	// What a live request tries is not counted as a try of the batch; it joins when that comes to something.
	const isThere = mine?.phase === "ready" || (mine?.phase === "loading" && !isShort);
	if (mine?.servesBatch && isThere) return { kind: "join", occupant: mine };
	if (room.areGatesClosed) return WAIT;
	if (isShort) return { kind: "wait", untilMs: notBeforeMs };
	if (occupants.some((one) => one.phase !== "ready")) return BUSY;
	if (occupants.some((one) => one.batchUsers > 0)) return WAIT;
	// Here for live requests only; it is loaded again with lanes for both.
	if (mine) return isIdle(mine) ? { kind: "clear", occupant: mine } : WAIT;
	if (occupants.length === 0) return { kind: "load", beside: false, liveOnly: false };
	const leftByBatch = occupants.find((one) => isIdle(one) && one.lastLiveUseMs === null);
	if (leftByBatch) return { kind: "clear", occupant: leftByBatch };
	if (hasRoomBeside(room)) return { kind: "load", beside: true, liveOnly: false };
	return planAfterQuiet(occupants.filter(isIdle), room.liveKeepMs, room.nowMs);
}

/** A model that served live requests leaves once it has been quiet for long enough. */
function planAfterQuiet<O extends Occupant>(idle: readonly O[], keepMs: number, nowMs: number): Departure<O> {
	let untilMs: number | null = null;
	for (const one of idle) {
		const quietAtMs = (one.lastLiveUseMs ?? nowMs) + keepMs;
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
