/** Joining the mesh of another machine. */
import { err, ok, type Result } from "../../base/base.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { DeviceIdentity } from "../identity/identity.ts";
import type { Member, Membership } from "../membership/membership.ts";
import type { MeshFault } from "../mesh.ts";
import { type JoinFault, joinByCode, joinByToken } from "../pairing/pairing.ts";
import { parseAddress } from "./parse-address.ts";

/** With a code and where it is shown: an address, or the id of a machine that is near; or with a token. */
export type JoinWay = { readonly address: string; readonly code: string } | { readonly token: string };

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
	if ("token" in way) return explained(await joinByToken(own, way.token));
	const near = deps.discovery.sightings().find(({ deviceId }) => deviceId === way.address);
	const address = near === undefined ? parseAddress(way.address) : ok({ host: near.host, port: near.port });
	if (!address.ok) return address;
	const joined = explained(await joinByCode(own, { ...address.value, code: way.code }));
	if (joined.ok) deps.discovery.reached(joined.value.deviceId, address.value);
	return joined;
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
