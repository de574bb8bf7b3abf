import { type Epoch, isHigher } from "./epochs.ts";
import { type Claim, type CoreState, doing, inTurn, quiet, type Step } from "./state.ts";

/** Beginning and ending this machine's time as host. */

/** Takes a term that nobody can have used, and asks for it to be saved. Nothing is done under it before (E1). */
export function claimTerm(state: CoreState, cause: Claim["cause"]): Step {
	const ownTerm = Math.max(state.maxEpoch?.term ?? 0, state.ownTerm) + 1;
	const claim = { epoch: { term: ownTerm, rank: state.rank, device: state.device }, cause };
	const claimed = { ...state, ownTerm, claim };
	if (!state.rules.savesTermFirst) return assumeOffice(claimed, claim);
	return doing(claimed, { kind: "save-epoch", maxEpoch: state.maxEpoch, ownTerm });
}

/** Becomes host, or stays it under a new epoch, with the leases then (E3). */
export function assumeOffice(state: CoreState, { epoch, cause }: Claim): Step {
	const stays = cause === "reassert" && state.tenure !== null;
	const hosting: CoreState = {
		...state,
		maxEpoch: epoch,
		claim: null,
		tenure: { epoch, handOver: stays ? (state.tenure?.handOver ?? null) : null },
		witnessed: null,
		leases: stays ? state.leases : new Map(),
		duties: stays ? state.duties : new Map(),
		// Everybody should know at once.
		helloMs: null,
	};
	return inTurn(hosting, saveEpoch, (at) => doing(at, { kind: "host-changed", epoch, cause }));
}

/** Is host no longer, nor about to be. What this machine works on goes on. */
export function layDown(state: CoreState): Step {
	if (state.tenure === null) return quiet(state.claim === null ? state : { ...state, claim: null });
	const down = {
		...state,
		tenure: null,
		claim: null,
		leases: new Map(),
		duties: new Map(),
		electionFromMs: state.nowMs,
	};
	return doing(down, { kind: "host-changed", epoch: null });
}

/** Remembers an epoch if it is higher than those known, over a crash too as far as the disk has got. */
export function rememberEpoch(state: CoreState, epoch: Epoch): Step {
	return isHigher(epoch, state.maxEpoch) ? saveEpoch({ ...state, maxEpoch: epoch }) : quiet(state);
}

function saveEpoch(state: CoreState): Step {
	if (!state.rules.savesTermFirst) return quiet(state);
	return doing(state, { kind: "save-epoch", maxEpoch: state.maxEpoch, ownTerm: state.ownTerm });
}
