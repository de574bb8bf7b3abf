import type { Batch } from "./batches.ts";
import type { Epoch } from "./epochs.ts";
import type { Effect, Member, Moment } from "./events.ts";
import type { Slice } from "./messages.ts";
import type { Operation, Outcome, Place } from "./operations.ts";
import type { Rules } from "./rules.ts";
import type { VersionVector } from "./versions.ts";

/** All that the core remembers. Only what `Boot` names survives a crash; the rest may be lost at any moment. Moments are monotonic. */
export interface CoreState extends Identity {
	/** Names of all members with this machine's, ascending. */
	readonly memberNames: readonly string[];
	/** Reasons against this machine as host: lower is better. */
	readonly handicap: number;
	/** The moment of the event in hand, monotonic. */
	readonly nowMs: number;
	/** When the gap rule last looked. */
	readonly lookedAt: Moment;
	/** Since when it has been running without a gap. */
	readonly awakeSinceMs: number;
	/** Silence counts from here at the earliest; not an observation of any host (E4). */
	readonly electionFromMs: number;
	/** The highest epoch heard of; null: none. */
	readonly maxEpoch: Epoch | null;
	/** The highest term this machine ever claimed. */
	readonly ownTerm: number;
	/** Set: this machine is host. */
	readonly tenure: Tenure | null;
	/** A term on its way to the disk. */
	readonly claim: Claim | null;
	/** The host heard with own ears, and when (E4). */
	readonly witnessed: { readonly epoch: Epoch; readonly atMs: number } | null;
	readonly peers: ReadonlyMap<string, Peer>;
	/** When the last hello went out; null: none since start. */
	readonly helloMs: number | null;
	readonly logs: ReadonlyMap<string, Log>;
	/** Of each log, what is on this disk. */
	readonly durable: VersionVector;
	readonly batches: ReadonlyMap<string, Batch>;
	/** Batches that may be worked on, in that order; null: all. */
	readonly order: readonly string[] | null;
	/** The host's, by id. In memory only: losing them costs double work and nothing else. */
	readonly leases: ReadonlyMap<string, Lease>;
	readonly leaseCount: number;
	/** Batches that are to end although lines are left, with the round that is meant. */
	readonly due: ReadonlyMap<string, { readonly round: number; readonly outcome: Outcome }>;
	/** Batches whose output is being built or whose seal is being published right now. */
	readonly duties: ReadonlyMap<string, "build" | "publish">;
	readonly worker: Worker;
	/** Who waits for which operation to be safe. */
	readonly waiting: readonly Waiting[];
}

/** What a core is for good. */
export interface Identity {
	readonly device: string;
	/** The name of this machine's log. */
	readonly origin: string;
	/** Drawn at random at each start. */
	readonly incarnation: string;
	/** What the owner prefers this machine by as host: lower is better. */
	readonly rank: number;
	/** Its owner lets it be host. */
	readonly mayHost: boolean;
	/** `protect`: nothing is acknowledged that is not safe on two machines. `auto`: alone, one will do. */
	readonly protection: "auto" | "protect";
	/** `two`: no output is shown before it is safe on two machines. */
	readonly publishAt: "available" | "two";
	/** Set by the simulator only. */
	readonly rules: Rules;
}

/** What a core starts from: this machine's disk, and its clocks. */
export interface Boot extends Identity {
	readonly at: Moment;
	readonly members: readonly Member[];
	readonly maxEpoch: Epoch | null;
	readonly ownTerm: number;
	/** All operations on disk, each log's in order. */
	readonly operations: Iterable<Operation>;
}

/** This machine's time as host. */
export interface Tenure {
	readonly epoch: Epoch;
	/** Under way to another machine on the owner's wish. */
	readonly handOver: HandOver | null;
}

/** The office is being given to another machine. */
export interface HandOver {
	readonly to: string;
	readonly sinceMs: number;
	/** What that machine must have on disk first: what this one had when it began. Later operations find their way as ever. */
	readonly upTo: VersionVector;
}

/** A term that may be used once it is on disk. */
export interface Claim {
	readonly epoch: Epoch;
	/** `silence`: no host was heard. `yield`: the host asked for it. `reassert`: a host stays one under a higher term. */
	readonly cause: "silence" | "yield" | "reassert";
}

/** What is known of another machine. */
export interface Peer {
	/** When it was last heard; null: not since this machine started or woke. */
	readonly heardMs: number | null;
	readonly rank: number;
	readonly mayHost: boolean;
	readonly handicap: number;
	/** Age, when it said so, of the last it heard of a host; null: none. */
	readonly witnessedAgeMs: number | null;
	/** That of its last hello; null: none came yet. */
	readonly incarnation: string | null;
	/** What it has on disk. Only grows while it runs. */
	readonly durable: VersionVector;
	/** What it lacks and is on its way to it, by origin. */
	readonly sent: ReadonlyMap<string, Sent>;
}

/** Operations of one log under way to a peer. */
export interface Sent {
	/** This machine sends them; else it leaves that to whose log it is, and looks whether they arrive. */
	readonly isOurs: boolean;
	/** Nothing beyond it was sent. */
	readonly upTo: number;
	/** What it had kept when that last changed. */
	readonly kept: number;
	readonly sinceMs: number;
}

/** One log as far as this machine has it. */
export interface Log {
	readonly sequence: number;
	/** Hash of that operation. */
	readonly hash: string;
	/** Two different operations stand in one place of it. */
	readonly isForked: boolean;
}

/** Lines that a worker was given. */
export interface Lease extends Slice {
	readonly worker: string;
	readonly grantedMs: number;
	readonly renewedMs: number;
	readonly expectedMs: number;
	/** Made of lines that were somebody else's; not cut again while its holder is heard. */
	readonly isTail: boolean;
	/** The worker says all is done; results may be under way. */
	readonly isFinished: boolean;
}

/** This machine's worker. */
export interface Worker {
	readonly isReady: boolean;
	readonly models: readonly string[];
	readonly linesPerSecond: number;
	readonly slices: readonly Slice[];
	/** Leases whose lines it did, the latest. */
	readonly finished: readonly string[];
}

/** See `acknowledge` in `events.ts`. */
export interface Waiting {
	readonly request: string;
	readonly place: Place;
}

/** What came of an event, or of a part of handling it. */
export interface Step {
	readonly state: CoreState;
	readonly effects: readonly Effect[];
}

/** Part of handling an event. */
export type Move = (state: CoreState) => Step;

const NO_EFFECTS: readonly Effect[] = [];

/** Nothing to be done. */
export function quiet(state: CoreState): Step {
	return { state, effects: NO_EFFECTS };
}

/** Something to be done. */
export function doing(state: CoreState, ...effects: Effect[]): Step {
	return { state, effects };
}

/** One move after the other, with the effects of all. */
export function inTurn(state: CoreState, ...moves: readonly Move[]): Step {
	let at = state;
	let effects = NO_EFFECTS;
	for (const move of moves) {
		const step = move(at);
		at = step.state;
		if (step.effects.length > 0) effects = effects.length === 0 ? step.effects : [...effects, ...step.effects];
	}
	return { state: at, effects };
}

/** A map with one entry set. */
export function withEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> {
	return new Map(map).set(key, value);
}

/** A map with one entry less. */
export function withoutEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
	if (!map.has(key)) return map;
	const rest = new Map(map);
	rest.delete(key);
	return rest;
}

/** The epoch under which this machine may decide things now; null: it is no host, or must take a higher term first (E3). */
export function actingEpoch(state: CoreState): Epoch | null {
	return state.tenure !== null && state.claim === null ? state.tenure.epoch : null;
}

/** Whether a machine was heard within so long. */
export function isHeard(state: CoreState, device: string, withinMs: number): boolean {
	const heardMs = state.peers.get(device)?.heardMs ?? null;
	return heardMs !== null && state.nowMs - heardMs < withinMs;
}

/** Names of machines heard within so long. */
export function heardPeers(state: CoreState, withinMs: number): readonly string[] {
	const heard: string[] = [];
	for (const [device, { heardMs }] of state.peers) {
		if (heardMs !== null && state.nowMs - heardMs < withinMs) heard.push(device);
	}
	return heard;
}
