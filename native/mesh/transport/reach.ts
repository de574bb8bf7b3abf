/** Calls out: to open a link, or for blobs. Keeps an eye on every socket, so that all of them can be closed. */
import type { Log } from "../../base/base.ts";
import { type Connection, type Connections, dial } from "../door/door.ts";
import { type DeviceId, type DeviceIdentity, MEMBER_PROTOCOL } from "../identity/identity.ts";
import type { Address, CallOutcome } from "./caller.ts";
import { MOST_CONNECTIONS_A_MEMBER } from "./limits.ts";
import type { LinkPeer } from "./link.ts";
import type { Links } from "./links.ts";
import type { Openings } from "./opening.ts";
import type { Hello, Protocol } from "./wire/opening.ts";

/** What it is made of. */
export interface ReachDeps {
	readonly identity: DeviceIdentity;
	readonly connections: Connections;
	readonly log: Log;
	readonly openings: Openings;
	readonly links: Links;
	onOtherProtocol(deviceId: DeviceId, protocol: Protocol): void;
}

/** Ways to a member, and the sockets they took. */
export interface Reach {
	/** Minds a connection that is on the list of connections. False: there are too many of this member; it is closed. */
	keep(connection: Connection): boolean;
	/** Null: the member is not there. */
	dial(deviceId: DeviceId, address: Address): Promise<Connection | null>;
	/** Makes a link of a connection that was dialled. */
	openLink(connection: Connection, address: Address): Promise<CallOutcome>;
	/** Dials for blobs, at the address of the link first. */
	connectForBlobs(deviceId: DeviceId, known: readonly Address[]): Promise<Connection | null>;
	/** Closes all, and whatever comes later. */
	stop(): void;
}

/** Has called nobody yet. */
export function createReach(deps: ReachDeps): Reach {
	const { identity, connections, log, openings, links } = deps;
	const sockets = new Set<Connection["socket"]>();
	let isStopped = false;

	function keep({ socket, peer }: Connection): boolean {
		if (isStopped || connections.count(peer.deviceId) > MOST_CONNECTIONS_A_MEMBER) {
			socket.destroy();
			return false;
		}
		sockets.add(socket);
		socket.once("close", () => sockets.delete(socket));
		return true;
	}

	async function dialMember(deviceId: DeviceId, { host, port }: Address): Promise<Connection | null> {
		const dialled = await dial(identity, { host, port, deviceId, protocol: MEMBER_PROTOCOL });
		if (!dialled.ok) {
			log.debug({ deviceId, host, port, fault: dialled.error.kind }, "a machine was not reached");
			return null;
		}
		return connections.hold(dialled.value) && keep(dialled.value) ? dialled.value : null;
	}

	return {
		keep,
		dial: dialMember,
		async openLink(connection, address) {
			const { deviceId } = connection.peer;
			const fault = await openings.call(connection, (socket, welcome) => {
				links.add(socket, linkPeerOf(connection, welcome, address));
			});
			if (fault === null) return "linked";
			log.debug({ deviceId, fault: fault.kind }, "a machine was reached, and no link to it opened");
			if (fault.kind !== "other-protocol" || fault.protocol === null) return "failed";
			deps.onOtherProtocol(deviceId, fault.protocol);
			return "refused";
		},
		async connectForBlobs(deviceId, known) {
			const { host, port } = links.get(deviceId)?.peer.address ?? { host: "", port: null };
			for (const address of port === null ? known : [{ host, port }, ...known]) {
				if (!connections.isMember(deviceId) || isStopped) return null;
				const connection = await dialMember(deviceId, address);
				if (connection === null) continue;
				openings.callForBlobs(connection);
				return connection;
			}
			return null;
		},
		stop() {
			isStopped = true;
			for (const socket of [...sockets]) socket.destroy();
		},
	};
}

/** Whom a link leads to, by what it said; `dialled` null: it called. */
export function linkPeerOf(
	{ peer, socket }: Connection,
	said: Pick<Hello, "incarnation" | "name" | "version" | "port">,
	dialled: Address | null,
): LinkPeer {
	const { incarnation, name, version, port } = said;
	const address = dialled ?? { host: plainAddress(socket.remoteAddress ?? ""), port };
	return { deviceId: peer.deviceId, incarnation, name, version, address, isOutward: dialled !== null };
}

/** Where a socket listens for both, IPv4 addresses come in the dress of IPv6. */
function plainAddress(address: string): string {
	return address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}
