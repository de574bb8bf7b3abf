/** What people ask of the mesh: codes, joining, removing, another host. */
import { networkInterfaces } from "node:os";
import { assertNever, type Clock, err, ok, type Result } from "../../base/base.ts";
import type { MeshView } from "../../contract/contract.ts";
import { ALIVE_MS, type CoreState, isHeard } from "../core/core.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { DeviceIdentity } from "../identity/identity.ts";
import type { Member, Membership } from "../membership/membership.ts";
import type { MeshFault } from "../mesh.ts";
import { showCode } from "../pairing/dialog.ts";
import { type JoinFault, joinByCode, joinByToken, type Pairing, type PairingEvent } from "../pairing/pairing.ts";
import { hostOf } from "./host-record.ts";
import { parseAddress } from "./parse-address.ts";

/** Answers questions of people. */
export interface People {
	showCode(): Result<NonNullable<MeshView["pairing"]>, MeshFault>;
	hideCode(): void;
	invite(lifetimeMs: number): Result<string, MeshFault>;
	join(
		way: { readonly address: string; readonly code: string } | { readonly token: string },
	): Promise<Result<{ readonly id: string; readonly name: string }, MeshFault>>;
	approve(id: string): Promise<Result<null, MeshFault>>;
	remove(id: string): Promise<Result<null, MeshFault>>;
	addAddress(address: string): Promise<Result<null, MeshFault>>;
	/** Resolves when the machine is host, or with why it is not. */
	handOver(id: string): Promise<Result<null, MeshFault>>;
	/** A pairing went on. */
	notePairing(event: PairingEvent): void;
	/** The core made a step: a hand-over may be done. */
	look(state: CoreState): void;
	/** The code that is out. */
	readonly code: MeshView["pairing"];
	stop(): void;
}

/** What answering is made of. */
export interface PeopleDeps {
	readonly identity: DeviceIdentity;
	readonly name: () => string;
	readonly membership: Membership;
	readonly pairing: Pairing;
	readonly discovery: Discovery;
	readonly clock: Clock;
	readonly port: () => number;
	readonly state: () => CoreState;
	/** Tells the host, which may be this machine, whom the owner wants as host. False: it can't be told. */
	wishHost(id: string): boolean;
	/** A machine joined, or was removed. */
	onMembers(): void;
	/** The code that is out has changed. */
	onCode(): void;
}

/** An orderly hand-over waits for the follower to have everything; beyond this it was given up. */
const HAND_OVER_WAIT_MS = 40_000;

/** Nothing asked yet. */
export function createPeople(deps: PeopleDeps): People {
	const { identity, membership, pairing, discovery, clock } = deps;
	let code: MeshView["pairing"] = null;
	let waiting: { readonly id: string; settle(result: Result<null, MeshFault>): void } | null = null;

	function setCode(next: MeshView["pairing"]): void {
		code = next;
		discovery.announce({});
		deps.onCode();
	}

	function addressOf(text: string): Result<{ readonly host: string; readonly port: number }, MeshFault> {
		const near = discovery.sightings().find(({ deviceId }) => deviceId === text);
		return near === undefined ? parseAddress(text) : ok({ host: near.host, port: near.port });
	}

	async function join(way: Parameters<People["join"]>[0]): Promise<Result<Member, MeshFault>> {
		const own = { identity, name: deps.name(), membership };
		if ("token" in way) return explained(await joinByToken(own, way.token));
		const address = addressOf(way.address);
		if (!address.ok) return address;
		const joined = explained(await joinByCode(own, { ...address.value, code: way.code }));
		if (joined.ok) discovery.reached(joined.value.deviceId, address.value);
		return joined;
	}

	function endWaiting(result: Result<null, MeshFault>): void {
		const ended = waiting;
		waiting = null;
		ended?.settle(result);
	}

	return {
		get code() {
			return code;
		},
		showCode() {
			const shown = pairing.show();
			if (!shown.ok) return err({ kind: "wrong-state", message: shown.error.message });
			const expiresAt = Math.floor((clock.nowMs() + shown.value.lifetimeMs) / 1000);
			const fresh = { code: showCode(shown.value.code), expires_at: expiresAt, tries_left: FIRST_TRIES };
			setCode(fresh);
			return ok(fresh);
		},
		hideCode: () => pairing.hide(),
		invite(lifetimeMs) {
			const host = ownAddress();
			if (host === null) {
				const message = "This computer has no network others could reach it by. Connect it, and make the token again.";
				return err({ kind: "wrong-state", message });
			}
			const made = pairing.invite({ host, port: deps.port() }, lifetimeMs);
			return made.ok ? made : err({ kind: "full", message: made.error.message });
		},
		async join(way) {
			const joined = await join(way);
			if (!joined.ok) return joined;
			deps.onMembers();
			return ok({ id: joined.value.deviceId, name: joined.value.name });
		},
		async approve(id) {
			const member = membership.view().awaitingApproval.get(id);
			if (member === undefined) return err(notFound);
			const admitted = await membership.admit(member);
			if (!admitted.ok) return err(membershipFault(admitted.error));
			deps.onMembers();
			return ok(null);
		},
		async remove(id) {
			const revoked = await membership.revoke(id);
			if (!revoked.ok) return err(membershipFault(revoked.error));
			deps.onMembers();
			return ok(null);
		},
		async addAddress(text) {
			const address = parseAddress(text);
			if (!address.ok) return address;
			const typed = await discovery.typed(address.value.host, address.value.port);
			if (typed.ok) return ok(null);
			return err({
				kind: typed.error.kind === "not-an-address" ? "malformed" : "not-stored",
				message: typed.error.message,
			});
		},
		handOver(id) {
			const state = deps.state();
			const refusal = whyNotHost(state, id);
			if (refusal !== null) return Promise.resolve(refusal === "is-host" ? ok(null) : err(refusal));
			if (waiting !== null) return Promise.resolve(err(busy));
			if (!deps.wishHost(id)) return Promise.resolve(err(hostNotThere));
			return new Promise((resolve) => {
				const timer = setTimeout(() => endWaiting(err(notDone)), HAND_OVER_WAIT_MS);
				waiting = {
					id,
					settle(result) {
						clearTimeout(timer);
						resolve(result);
					},
				};
			});
		},
		notePairing(event) {
			switch (event.kind) {
				case "wrong-code":
					if (code !== null) setCode({ ...code, tries_left: event.triesLeft });
					return;
				case "paired":
					deps.onMembers();
					return;
				case "code-over":
					setCode(null);
					return;
				default:
					assertNever(event);
			}
		},
		look(state) {
			if (waiting !== null && hostOf(state)?.device === waiting.id) endWaiting(ok(null));
		},
		stop: () => endWaiting(err({ kind: "switched-off", message: "Nightshift is stopping." })),
	};
}

/** As many as `dialogLimits` has. */
const FIRST_TRIES = 3;

const notFound: MeshFault = { kind: "not-found", message: "There is no such machine in the mesh." };
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
	if (peer === undefined) return notFound;
	if (!peer.mayHost) return { kind: "wrong-state", message: "That machine may not be host: its settings say so." };
	if (!isHeard(state, id, ALIVE_MS)) {
		return { kind: "unreachable", message: "That machine can't be reached right now. Switch it on, and try again." };
	}
	return null;
}

/** The first address of this computer that others of its network can call; null: there is none. */
function ownAddress(): string | null {
	for (const addresses of Object.values(networkInterfaces())) {
		for (const { family, internal, address } of addresses ?? []) {
			if (family === "IPv4" && !internal && !address.startsWith("169.254.")) return address;
		}
	}
	return null;
}

function membershipFault({ kind, message }: { readonly kind: string; readonly message: string }): MeshFault {
	if (kind === "not-a-member") return { kind: "not-found", message };
	if (kind === "full") return { kind: "full", message };
	return { kind: kind === "not-stored" ? "not-stored" : "wrong-state", message };
}

const JOIN_KINDS: { readonly [Kind in JoinFault["kind"]]?: MeshFault["kind"] } = {
	"not-a-code": "malformed",
	"not-a-token": "malformed",
	refused: "refused",
	"not-trusted": "not-trusted",
	"other-machine": "not-trusted",
	unreachable: "unreachable",
	"too-slow": "unreachable",
	"not-spoken": "unreachable",
	"own-machine": "malformed",
	"not-stored": "not-stored",
	full: "full",
	removed: "wrong-state",
};

function explained(joined: Result<Member, JoinFault>): Result<Member, MeshFault> {
	if (joined.ok) return joined;
	const { kind, message } = joined.error;
	return err({ kind: JOIN_KINDS[kind] ?? "unreachable", message });
}
