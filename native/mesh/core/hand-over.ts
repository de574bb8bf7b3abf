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
	if (state.tenure === null || !isHeard(state, to, ALIVE_MS)) return quiet(state);
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
	const heir = [...heardPeers(state, ALIVE_MS)].sort()[0];
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
	if (isLate || state.tenure !== null || state.claim !== null) return quiet(state);
	return claimTerm({ ...state, maxEpoch: epoch, witnessed: null }, "yield");
}

function yieldTo(state: CoreState, to: string): readonly Effect[] {
	const epoch = actingEpoch(state);
	return epoch === null ? [] : [{ kind: "send", to, message: { kind: "yield", epoch } }];
}
