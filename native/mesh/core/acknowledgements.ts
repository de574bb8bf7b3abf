import { ALONE_MS, MAX_WAITING } from "./constants.ts";
import type { Durability, Effect } from "./events.ts";
import type { Place } from "./operations.ts";
import { type CoreState, doing, heardPeers, quiet, type Step, type Waiting } from "./state.ts";
import { lengthIn } from "./versions.ts";

/**
 * Acknowledging with a level: on how many disks something is. One disk will do only while no other machine is in hearing, and is
 * said openly; it never replaces two silently.
 */

/** How safe an operation is; null: not safe enough to be acknowledged yet. */
export function durabilityOf(state: CoreState, place: Place): Durability | null {
	if (lengthIn(state.durable, place.origin) < place.sequence) return null;
	if (!state.rules.countsCopies || isOnPeer(state, place)) return { level: 2, reason: null };
	if (state.protection === "protect") return null;
	if (state.peers.size === 0) return { level: 1, reason: "only-member" };
	return isAlone(state) ? { level: 1, reason: "alone" } : null;
}

/** Somebody waits for an operation to be safe. */
export function addWaiting(state: CoreState, waiting: Waiting): Step {
	if (state.waiting.length >= MAX_WAITING) return doing(state, { kind: "too-many-waiting", request: waiting.request });
	const durability = durabilityOf(state, waiting.place);
	if (durability !== null) return doing(state, { kind: "acknowledged", ...waiting, durability });
	return quiet({ ...state, waiting: [...state.waiting, waiting] });
}

/** Answers all whose operation is safe now. */
export function settleWaiting(state: CoreState): Step {
	if (state.waiting.length === 0) return quiet(state);
	const effects: Effect[] = [];
	const left = state.waiting.filter(({ request, place }) => {
		const durability = durabilityOf(state, place);
		if (durability !== null) effects.push({ kind: "acknowledged", request, place, durability });
		return durability === null;
	});
	return effects.length === 0 ? quiet(state) : { state: { ...state, waiting: left }, effects };
}

function isOnPeer(state: CoreState, { origin, sequence }: Place): boolean {
	for (const { durable } of state.peers.values()) if (lengthIn(durable, origin) >= sequence) return true;
	return false;
}

/** Nobody was heard for long, and this machine was awake all the time to hear them. */
function isAlone(state: CoreState): boolean {
	return state.nowMs - state.awakeSinceMs > ALONE_MS && heardPeers(state, ALONE_MS).length === 0;
}
