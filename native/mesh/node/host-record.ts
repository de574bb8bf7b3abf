/** Who is host as far as this machine knows, since when and why: for people, not for any decision. */
import type { MeshHost } from "../../contract/contract.ts";
import { type Claim, type CoreState, type Epoch, epochName, SUSPECT_MS } from "../core/core.ts";

/** Keeps the record. */
export interface HostRecord {
	/** Null: nobody is known to be host right now. */
	readonly host: MeshHost | null;
	/** The core made a step. */
	look(state: CoreState): void;
	/** This machine became host. */
	took(epoch: Epoch, cause: Claim["cause"]): void;
	/** A host says why it is one. */
	told(device: string, why: MeshHost["why"]): void;
}

/** No host is known yet. */
export function createHostRecord(nowMs: () => number): HostRecord {
	let host: MeshHost | null = null;
	let known: string | null = null;
	let ownCause: Claim["cause"] = "silence";
	/** What hosts said of themselves, by device; a few members. */
	const reasons = new Map<string, MeshHost["why"]>();

	function why(state: CoreState, epoch: Epoch): MeshHost["why"] {
		if (epoch.device !== state.device) return reasons.get(epoch.device) ?? "found";
		if (state.peers.size === 0) return "only-machine";
		return ownCause === "yield" ? "hand-over" : "silence";
	}

	return {
		get host() {
			return host;
		},
		look(state) {
			const epoch = hostOf(state);
			const name = epoch === null ? null : epochName(epoch);
			if (name === known) return;
			known = name;
			if (epoch === null) host = null;
			// A host that takes a higher term goes on being host (E3).
			else if (host?.id === epoch.device) host = { ...host, term: epoch.term };
			else host = { id: epoch.device, term: epoch.term, since: Math.floor(nowMs() / 1000), why: why(state, epoch) };
		},
		took(_epoch, cause) {
			ownCause = cause;
		},
		told(device, reason) {
			reasons.set(device, reason);
			if (host?.id === device) host = { ...host, why: reason };
		},
	};
}

/** The host of this moment: this machine, or the one heard lately; null: none. */
export function hostOf(state: CoreState): Epoch | null {
	if (state.tenure !== null) return state.tenure.epoch;
	const { witnessed, nowMs } = state;
	return witnessed !== null && nowMs - witnessed.atMs < SUSPECT_MS ? witnessed.epoch : null;
}
