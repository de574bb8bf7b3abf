/** What people ask of the mesh: codes, joining, removing, another host. */
import { networkInterfaces } from "node:os";
import { assertNever, type Clock, err, ok, type Result } from "../../base/base.ts";
import type { MeshView } from "../../contract/contract.ts";
import type { CoreState } from "../core/core.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { DeviceIdentity } from "../identity/identity.ts";
import type { Membership } from "../membership/membership.ts";
import type { MeshFault } from "../mesh.ts";
import { showCode } from "../pairing/dialog.ts";
import type { Pairing, PairingEvent } from "../pairing/pairing.ts";
import { createHandOverDesk, type HandOverDeps } from "./handing-over.ts";
import { type JoinWay, join } from "./joining.ts";
import { parseAddress } from "./parse-address.ts";

/** Answers questions of people. */
export interface People {
	showCode(): Result<NonNullable<MeshView["pairing"]>, MeshFault>;
	hideCode(): void;
	invite(lifetimeMs: number): Result<string, MeshFault>;
	join(way: JoinWay): Promise<Result<{ readonly id: string; readonly name: string }, MeshFault>>;
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
export interface PeopleDeps extends HandOverDeps {
	readonly identity: DeviceIdentity;
	readonly name: () => string;
	readonly membership: Membership;
	readonly pairing: Pairing;
	readonly discovery: Discovery;
	readonly clock: Clock;
	readonly port: () => number;
	/** A machine joined, or was removed. */
	onMembers(): void;
	/** The code that is out has changed. */
	onCode(): void;
}

/** Nothing asked yet. */
export function createPeople(deps: PeopleDeps): People {
	const { membership, pairing, discovery, clock } = deps;
	let code: MeshView["pairing"] = null;
	const desk = createHandOverDesk(deps);

	function setCode(next: MeshView["pairing"]): void {
		code = next;
		discovery.announce({});
		deps.onCode();
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
			const joined = await join(deps, way);
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
		handOver: desk.handOver,
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
		look: desk.look,
		stop: desk.stop,
	};
}

/** As many as `dialogLimits` has. */
const FIRST_TRIES = 3;

const notFound: MeshFault = { kind: "not-found", message: "There is no such machine in the mesh." };

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
