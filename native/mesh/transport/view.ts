/** Whom one can send to, as others are told. */
import type { DeviceId } from "../identity/identity.ts";
import type { LinkAddress } from "./link.ts";
import type { Links } from "./links.ts";
import type { Routing } from "./routing.ts";

/** A member that frames can be sent to. */
export interface LinkView {
	readonly deviceId: DeviceId;
	/** As it calls itself, and its version of Nightshift; null: reached through another, which does not tell. */
	readonly name: string | null;
	readonly version: string | null;
	/** `host:port`; the port is left out where it can't be called. Null: reached through another. */
	readonly address: string | null;
	/** Who passes frames on to it; null: nobody needs to. */
	readonly relayedBy: DeviceId | null;
}

/** Those with a link first. */
export function viewLinks(links: Links, routing: Routing): readonly LinkView[] {
	const direct = links.all().map(({ peer: { deviceId, name, version, address } }): LinkView => {
		return { deviceId, name, version, address: textOf(address), relayedBy: null };
	});
	const relayed = [...routing.relays()].map(([deviceId, relayedBy]): LinkView => {
		return { deviceId, name: null, version: null, address: null, relayedBy };
	});
	return [...direct, ...relayed];
}

function textOf({ host, port }: LinkAddress): string {
	const shown = host.includes(":") ? `[${host}]` : host;
	return port === null ? shown : `${shown}:${port}`;
}
