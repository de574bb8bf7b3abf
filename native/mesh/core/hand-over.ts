import { ALIVE_MS, HAND_OVER_MS } from "./constants.ts";
import { compareEpochs } from "./epochs.ts";
import type { Effect } from "./events.ts";
import type { Yield } from "./messages.ts";
import { sendToHeard } from "./peers.ts";
import { actingEpoch, type CoreState, heardPeers, inTurn, isHeard, quiet, type Step } from "./state.ts";
import { claimTerm, layDown } from "./tenure.ts";
import { covers } from "./versions.ts";

/** E6 and E7: nobody takes office from a host; it gives it away. */

/** The owner wants another machine to be host. From here on nothing is granted until it is, or the wish is given up. */
export function beginHandOver(state: CoreState, to: string): Step {
	if (state.tenure === null || !isHeard(state, to, ALIVE_MS) || state.peers.get(to)?.mayHost !== true)
		return quiet(state);
	return quiet({ ...state, tenure: { ...state.tenure, handOver: { to, sinceMs: state.nowMs, upTo: state.durable } } });
}

/** E6: yields once the follower has what this machine had when it was told to; a follower that goes away meanwhile is not waited for. */
export function continueHandOver(state: CoreState): Step {
	const { tenure } = state;
	if (tenure === null || tenure.handOver === null) return quiet(state);
	const { to, sinceMs, upTo } = tenure.handOver;
	if (!isHeard(state, to, ALIVE_MS) || state.nowMs - sinceMs > HAND_OVER_MS) {
		return quiet({ ...state, tenure: { ...tenure, handOver: null } });
	}
	const follower = state.peers.get(to);
	if (follower === undefined || actingEpoch(state) === null || !covers(follower.durable, upTo)) return quiet(state);
	return inTurn(state, (at) => ({ state: at, effects: yieldTo(at, to) }), layDown);
}

/** E7, leave politely: yields to somebody in hearing and says goodbye. Nothing depends on either being heard. */
export function leave(state: CoreState): Step {
	const heir = heirOf(state);
	return inTurn(
		state,
		(at) => ({ state: at, effects: heir === undefined ? [] : yieldTo(at, heir) }),
		(at) => ({ state: at, effects: sendToHeard(at, { kind: "goodbye" }) }),
		layDown,
	);
}

/** The host asks this machine to take over: it does at once, unless a later host is known. */
export function receiveYield(state: CoreState, { epoch }: Yield): Step {
	const isLate = state.maxEpoch !== null && compareEpochs(epoch, state.maxEpoch) < 0;
	if (!state.mayHost || isLate || state.tenure !== null || state.claim !== null) return quiet(state);
	return claimTerm({ ...state, maxEpoch: epoch, witnessed: null }, "yield");
}

/** The owner's wish changed. A host that may be none any more gives its office to another, or lays it down if there is nobody. */
export function changeHosting(state: CoreState, wish: { readonly rank: number; readonly mayHost: boolean }): Step {
	const changed = { ...state, rank: wish.rank, mayHost: wish.mayHost };
	if (wish.mayHost) return quiet(changed);
	const heir = heirOf(changed);
	return heir === undefined ? layDown(changed) : beginHandOver(changed, heir);
}

/** Who in hearing should be host next: any will do, but all choose alike. */
function heirOf(state: CoreState): string | undefined {
	return [...heardPeers(state, ALIVE_MS)].filter((device) => state.peers.get(device)?.mayHost === true).sort()[0];
}

function yieldTo(state: CoreState, to: string): readonly Effect[] {
	const epoch = actingEpoch(state);
	return epoch === null ? [] : [{ kind: "send", to, message: { kind: "yield", epoch } }];
}
