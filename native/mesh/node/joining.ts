/** Joining the mesh of another machine. */
import { err, ok, type Result } from "../../base/base.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { DeviceIdentity } from "../identity/identity.ts";
import type { Member, Membership } from "../membership/membership.ts";
import type { MeshFault } from "../mesh.ts";
import { type JoinFault, joinByCode, joinByToken, readToken } from "../pairing/pairing.ts";
import { parseAddress } from "./parse-address.ts";

/** With a code and where it is shown: an address, or the id of a machine that is near; or with a token. */
export type JoinWay = { readonly address: string; readonly code: string } | { readonly token: string };

/** Where a machine was met. */
interface Address {
	readonly host: string;
	readonly port: number;
}

/** What joining needs. */
export interface JoiningDeps {
	readonly identity: DeviceIdentity;
	readonly name: () => string;
	readonly membership: Membership;
	readonly discovery: Pick<Discovery, "sightings" | "reached">;
}

/** Joins; the machine that let this one in. */
export async function join(deps: JoiningDeps, way: JoinWay): Promise<Result<Member, MeshFault>> {
	const own = { identity: deps.identity, name: deps.name(), membership: deps.membership };
	if ("token" in way) return joinWith(deps, await joinByToken(own, way.token), readToken(way.token));
	const near = deps.discovery.sightings().find(({ deviceId }) => deviceId === way.address);
	const address = near === undefined ? parseAddress(way.address) : ok({ host: near.host, port: near.port });
	if (!address.ok) return address;
	return joinWith(deps, await joinByCode(own, { ...address.value, code: way.code }), address);
}

/** Where it was met it is looked for from now on, also where machines near don't hear of each other. */
function joinWith(
	{ discovery }: JoiningDeps,
	joined: Result<Member, JoinFault>,
	address: Result<Address, unknown>,
): Result<Member, MeshFault> {
	if (joined.ok && address.ok) {
		const { host, port } = address.value;
		discovery.reached(joined.value.deviceId, { host, port });
	}
	return explained(joined);
}

const NOBODY_IS_LET_IN =
	"The machine is there and lets nobody in right now. Choose Pair a machine there, which shows a code, or make a new token: each counts once.";

const JOIN_KINDS: { readonly [Kind in JoinFault["kind"]]?: MeshFault["kind"] } = {
	"not-a-code": "malformed",
	"not-a-token": "malformed",
	refused: "refused",
	"not-trusted": "not-trusted",
	"other-machine": "not-trusted",
	unreachable: "unreachable",
	"too-slow": "unreachable",
	"not-spoken": "refused",
	"own-machine": "malformed",
	"not-stored": "not-stored",
	full: "full",
	removed: "wrong-state",
};

function explained(joined: Result<Member, JoinFault>): Result<Member, MeshFault> {
	if (joined.ok) return joined;
	const { kind, message } = joined.error;
	return err({ kind: JOIN_KINDS[kind] ?? "unreachable", message: kind === "not-spoken" ? NOBODY_IS_LET_IN : message });
}
