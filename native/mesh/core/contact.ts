import { ALIVE_MS } from "./constants.ts";
import { compareEpochs, type Epoch, isHigher } from "./epochs.ts";
import type { Hello } from "./messages.ts";
import { type CoreState, inTurn, quiet, type Step } from "./state.ts";
import { claimTerm, layDown, rememberEpoch } from "./tenure.ts";

/** What hearing of other hosts means. */

/** A hello tells of up to three epochs: the sender's own, one it heard itself, and the highest it knows from hearsay. */
export function learnFromHello(state: CoreState, hello: Hello): Step {
	const { hosting, witnessed, epoch } = hello;
	return inTurn(
		state,
		(at) => (hosting === null ? quiet(at) : meetHost(at, hosting)),
		(at) => (witnessed === null || witnessed.ageMs >= ALIVE_MS ? quiet(at) : hearOfHost(at, witnessed.epoch)),
		(at) => (epoch === null ? quiet(at) : hearOfEpoch(at, epoch)),
	);
}

/** A host speaks: what others are told is that it was heard with own ears (E4). */
export function meetHost(state: CoreState, epoch: Epoch): Step {
	return inTurn(
		state,
		(at) => hearOfHost(at, epoch),
		(at) => quiet(at.tenure === null && isWorthNoting(at, epoch) ? witness(at, epoch) : at),
	);
}

/** E2, contact: a host that hears of a live host of a higher epoch, directly or vouched for, lays down its office. */
function hearOfHost(state: CoreState, epoch: Epoch): Step {
	const ranksBelow = state.rules.givesWay && state.tenure !== null && compareEpochs(epoch, state.tenure.epoch) > 0;
	const isOutbid = state.claim !== null && compareEpochs(epoch, state.claim.epoch) > 0;
	return inTurn(
		state,
		(at) => rememberEpoch(at, epoch),
		(at) => (ranksBelow || isOutbid ? layDown(at) : quiet(at)),
	);
}

/**
 * E3, re-assert: a host that hears of a higher epoch nobody holds stays host under a term above it. Else a computer that once was
 * host would, on coming back, depose a healthy one for nobody.
 */
function hearOfEpoch(state: CoreState, epoch: Epoch): Step {
	if (!isHigher(epoch, state.claim?.epoch ?? state.maxEpoch)) return rememberEpoch(state, epoch);
	return inTurn(
		state,
		(at) => rememberEpoch(at, epoch),
		(at) => {
			if (at.tenure === null) return quiet({ ...at, claim: null });
			return at.rules.reasserts ? claimTerm(at, "reassert") : layDown(at);
		},
	);
}

/** While two hosts are heard, the higher one is followed. */
function isWorthNoting({ witnessed, nowMs }: CoreState, epoch: Epoch): boolean {
	return witnessed === null || nowMs - witnessed.atMs >= ALIVE_MS || compareEpochs(epoch, witnessed.epoch) >= 0;
}

function witness(state: CoreState, epoch: Epoch): CoreState {
	return { ...state, witnessed: { epoch, atMs: state.nowMs } };
}
