/** Making another machine host on the owner's wish, and waiting until it is. */
import { err, ok, type Result } from "../../base/base.ts";
import { ALIVE_MS, type CoreState, isHeard } from "../core/core.ts";
import type { MeshFault } from "../mesh.ts";
import { hostOf } from "./host-record.ts";

/** A hand-over at most. */
export interface HandOverDesk {
	/** Resolves when the machine is host, or with why it is not. */
	handOver(id: string): Promise<Result<null, MeshFault>>;
	/** The core made a step: it may be done. */
	look(state: CoreState): void;
	stop(): void;
}

/** What it is made of. */
export interface HandOverDeps {
	readonly state: () => CoreState;
	/** Tells the host, which may be this machine, whom the owner wants as host. False: it can't be told. */
	wishHost(id: string): boolean;
}

/** An orderly hand-over waits for the follower to have everything; beyond this it was given up. */
const HAND_OVER_WAIT_MS = 40_000;

/** Nobody is waited for. */
export function createHandOverDesk({ state, wishHost }: HandOverDeps): HandOverDesk {
	let waiting: { readonly id: string; settle(result: Result<null, MeshFault>): void } | null = null;

	function end(result: Result<null, MeshFault>): void {
		const ended = waiting;
		waiting = null;
		ended?.settle(result);
	}

	return {
		handOver(id) {
			const refusal = whyNotHost(state(), id);
			if (refusal !== null) return Promise.resolve(refusal === "is-host" ? ok(null) : err(refusal));
			if (waiting !== null) return Promise.resolve(err(busy));
			if (!wishHost(id)) return Promise.resolve(err(hostNotThere));
			return new Promise((resolve) => {
				const timer = setTimeout(() => end(err(notDone)), HAND_OVER_WAIT_MS);
				waiting = {
					id,
					settle(result) {
						clearTimeout(timer);
						resolve(result);
					},
				};
			});
		},
		look(now) {
			if (waiting !== null && hostOf(now)?.device === waiting.id) end(ok(null));
		},
		stop: () => end(err({ kind: "switched-off", message: "Nightshift is stopping." })),
	};
}

const notThere: MeshFault = { kind: "not-found", message: "There is no such machine in the mesh." };
const busy: MeshFault = {
	kind: "wrong-state",
	message: "Another machine is being made host right now. Try again in a moment.",
};
const hostNotThere: MeshFault = {
	kind: "wrong-state",
	message: "No machine is host right now. One will be within seconds; then try again.",
};
const notDone: MeshFault = {
	kind: "unreachable",
	message: "The machine did not become host in time: it may lack some of the work that is done. Try again later.",
};

function whyNotHost(state: CoreState, id: string): MeshFault | "is-host" | null {
	if (hostOf(state)?.device === id) return "is-host";
	if (id === state.device) {
		return state.mayHost
			? null
			: { kind: "wrong-state", message: "This machine may not be host: its settings say so." };
	}
	const peer = state.peers.get(id);
	if (peer === undefined) return notThere;
	if (!peer.mayHost) return { kind: "wrong-state", message: "That machine may not be host: its settings say so." };
	if (!isHeard(state, id, ALIVE_MS)) {
		return { kind: "unreachable", message: "That machine can't be reached right now. Switch it on, and try again." };
	}
	return null;
}
