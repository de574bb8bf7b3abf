import { ALIVE_MS, RANK_MS, SUSPECT_MS } from "./constants.ts";
import { type CoreState, isHeard, quiet, type Step } from "./state.ts";
import { assumeOffice, claimTerm } from "./tenure.ts";

/** Who becomes host when none is heard. There is no vote: two machines must do, and ten of which seven sleep. */

/** E1, stand: takes a term if no host of any epoch was heard for long enough and nobody in hearing vouches for one. */
export function standIfSilent(state: CoreState): Step {
	if (state.tenure !== null || state.claim !== null || !mayStand(state)) return quiet(state);
	return claimTerm(state, "silence");
}

/** A term is on disk. A disk can take long: a host that was heard meanwhile, or is vouched for, makes it void. */
export function noteEpochSaved(state: CoreState, ownTerm: number): Step {
	const { claim } = state;
	if (claim === null || claim.epoch.term !== ownTerm) return quiet(state);
	if (claim.cause === "silence" && !mayStand(state)) return quiet({ ...state, claim: null });
	return assumeOffice(state, claim);
}

/** Whether a machine in hearing has lately heard a host itself (E4). */
export function isVouchedFor(state: CoreState): boolean {
	for (const [device, { witnessedAgeMs }] of state.peers) {
		if (witnessedAgeMs !== null && witnessedAgeMs < ALIVE_MS && isHeard(state, device, ALIVE_MS)) return true;
	}
	return false;
}

function mayStand(state: CoreState): boolean {
	if (!state.mayHost) return false;
	const quietSinceMs = Math.max(state.electionFromMs, state.witnessed?.atMs ?? state.electionFromMs);
	if (state.nowMs - quietSinceMs <= SUSPECT_MS) return false;
	if (state.nowMs - quietSinceMs <= SUSPECT_MS + RANK_MS * betterCandidates(state)) return false;
	return !state.rules.asksPeersFirst || !isVouchedFor(state);
}

/** How many machines in hearing should stand before this one. Nobody is pre-empted for it (E6): it only staggers. */
function betterCandidates(state: CoreState): number {
	let better = 0;
	for (const [device, { handicap, rank, mayHost }] of state.peers) {
		if (!mayHost || !isHeard(state, device, ALIVE_MS)) continue;
		const order = handicap - state.handicap || rank - state.rank || (device < state.device ? -1 : 1);
		if (order < 0) better += 1;
	}
	return better;
}
