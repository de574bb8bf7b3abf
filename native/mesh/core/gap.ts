import { GAP_MS } from "./constants.ts";
import type { Moment } from "./events.ts";
import { type CoreState, inTurn, type Peer, quiet, type Step } from "./state.ts";
import { layDown } from "./tenure.ts";

/**
 * E5, the gap rule: before anything is handled, look whether this computer slept or stood still. Both clocks are asked, since on
 * Linux the monotonic one stops in sleep and the wall clock may be set. After a gap all that was believed of others is out of
 * date: a host lays down its office, leases and liveness are forgotten, silence counts anew. Work goes on.
 */
export function lookForGap(state: CoreState, at: Moment): Step {
	// Back as well as forth: where the wall clock was set back meanwhile, nobody can tell for how long this computer stood still.
	const wallMs = Math.abs(at.wallMs - state.lookedAt.wallMs);
	const elapsedMs = Math.max(wallMs, at.monotonicMs - state.lookedAt.monotonicMs);
	const looked = { ...state, lookedAt: at };
	if (elapsedMs <= GAP_MS || !state.rules.mindsGaps) return quiet(looked);
	return inTurn(looked, layDown, (down) => quiet(asIfStarted(down)));
}

/** Forgets what was heard, as a machine that has just started has heard nothing. What others have on disk they still have. */
export function asIfStarted(state: CoreState): CoreState {
	const peers = new Map<string, Peer>();
	for (const [device, peer] of state.peers) peers.set(device, { ...peer, heardMs: null, witnessedAgeMs: null });
	return {
		...state,
		peers,
		awakeSinceMs: state.nowMs,
		electionFromMs: state.nowMs,
		// E4: the timer above starts anew, but no host was heard.
		witnessed:
			state.rules.vouchesHonestly || state.maxEpoch === null ? null : { epoch: state.maxEpoch, atMs: state.nowMs },
	};
}
