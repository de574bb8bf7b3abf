import { ALIVE_MS, HEARTBEAT_MS, TICK_MS } from "./constants.ts";
import type { Effect, Member } from "./events.ts";
import type { Hello, Message } from "./messages.ts";
import { type CoreState, heardPeers, type Peer, quiet, type Step, withEntry } from "./state.ts";
import { joinVersions, NOTHING } from "./versions.ts";

/** What is known of other machines, and what they are told. */

/** The members, this machine among them or not. Who is new was not heard yet; who left is forgotten. */
export function withMembers(state: CoreState, members: readonly Member[]): CoreState {
	const peers = new Map<string, Peer>();
	for (const { device, rank, mayHost } of members) {
		if (device === state.device) continue;
		peers.set(device, { ...(state.peers.get(device) ?? NEVER_HEARD), rank, mayHost });
	}
	return { ...state, peers, memberNames: [state.device, ...peers.keys()].sort() };
}

/** A machine was heard. What was under way to one that was away is not any more, and nobody can say that it lacked it for long. */
export function noteHeard(state: CoreState, from: string, peer: Peer): CoreState {
	const wasAway = peer.heardMs === null || state.nowMs - peer.heardMs >= ALIVE_MS;
	const sent = wasAway ? NEVER_HEARD.sent : peer.sent;
	return { ...state, peers: withEntry(state.peers, from, { ...peer, sent, heardMs: state.nowMs }) };
}

/**
 * What a hello says of its sender. Frames overtake each other, so that of what only grows the larger counts; but one that has
 * started anew may have been given an older disk, and has what it says now.
 */
export function told(peer: Peer, hello: Hello): Peer {
	const hasRestarted = peer.incarnation !== hello.incarnation;
	return {
		...peer,
		incarnation: hello.incarnation,
		handicap: hello.handicap,
		witnessedAgeMs: hello.witnessed?.ageMs ?? null,
		durable: hasRestarted ? hello.durable : joinVersions(peer.durable, hello.durable),
		sent: hasRestarted ? new Map() : peer.sent,
	};
}

/** A machine goes away in good order: it is not waited for, nor is its office. */
export function forgetHeard(state: CoreState, from: string): CoreState {
	const peer = state.peers.get(from);
	if (peer === undefined) return state;
	const peers = withEntry(state.peers, from, { ...peer, heardMs: null, witnessedAgeMs: null });
	return { ...state, peers, witnessed: state.witnessed?.epoch.device === from ? null : state.witnessed };
}

/** Says hello to everybody once a heartbeat; together with it a worker without lines asks for some. */
export function helloIfDue(state: CoreState, want: (state: CoreState) => Step): Step {
	// Half a tick early rather than half a tick late: clocks do not tick evenly.
	if (state.helloMs !== null && state.nowMs - state.helloMs < HEARTBEAT_MS - TICK_MS / 2) return quiet(state);
	const hello = helloOf(state);
	const effects = [...state.peers.keys()].map((to): Effect => ({ kind: "send", to, message: hello }));
	const wanted = want({ ...state, helloMs: state.nowMs });
	return { state: wanted.state, effects: [...effects, ...wanted.effects] };
}

/** The same frame to all in hearing. */
export function sendToHeard(state: CoreState, message: Message): readonly Effect[] {
	return heardPeers(state, ALIVE_MS).map((to) => ({ kind: "send", to, message }));
}

function helloOf(state: CoreState): Hello {
	const { witnessed, nowMs } = state;
	return {
		kind: "hello",
		incarnation: state.incarnation,
		epoch: state.maxEpoch,
		hosting: state.tenure?.epoch ?? null,
		witnessed: witnessed === null ? null : { epoch: witnessed.epoch, ageMs: nowMs - witnessed.atMs },
		durable: state.durable,
		handicap: state.handicap,
		slices: state.worker.slices,
	};
}

const NEVER_HEARD: Omit<Peer, "rank" | "mayHost"> = {
	heardMs: null,
	incarnation: null,
	witnessedAgeMs: null,
	durable: NOTHING,
	sent: new Map(),
	handicap: 0,
};
