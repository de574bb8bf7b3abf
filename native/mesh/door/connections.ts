/** The open connections to members, so that those of one who is removed can be closed at once (I11 of `reference/mesh.md` 7.1). */
import type { TLSSocket } from "node:tls";
import type { DeviceId, Peer } from "../identity/identity.ts";

/** A connection whose other end is known. */
export interface Connection {
	readonly peer: Peer;
	/** Nothing has been read from it or written to it, and it is not flowing. Errors are taken care of: they end in `close`. */
	readonly socket: TLSSocket;
}

/** Connections to members. */
export interface Connections {
	/** Whether a connection to this machine would be held now. */
	isMember(deviceId: DeviceId): boolean;
	/** Keeps a connection on the list until it closes. False: its other end is no member, and it is closed. */
	hold(connection: Connection): boolean;
	/** Closes every connection to a machine, at once. Hand this to the membership, to be called when a machine is removed. */
	drop(deviceId: DeviceId): void;
	/** Closes everything. */
	dropAll(): void;
	/** How many are open to a machine. */
	count(deviceId: DeviceId): number;
}

/**
 * An empty list. `isMember` is asked in the same turn of the event loop in which a connection is put on it, so that there is no
 * moment between the judgement and the list in which a removal could pass by.
 */
export function createConnections(isMember: (deviceId: DeviceId) => boolean): Connections {
	const open = new Map<DeviceId, Set<TLSSocket>>();

	function drop(deviceId: DeviceId): void {
		const sockets = open.get(deviceId);
		open.delete(deviceId);
		for (const socket of sockets ?? []) socket.destroy();
	}

	return {
		isMember,
		hold({ peer, socket }) {
			if (!isMember(peer.deviceId)) {
				socket.destroy();
				return false;
			}
			const sockets = open.get(peer.deviceId) ?? new Set();
			open.set(peer.deviceId, sockets.add(socket));
			socket.once("close", () => {
				sockets.delete(socket);
				if (sockets.size === 0 && open.get(peer.deviceId) === sockets) open.delete(peer.deviceId);
			});
			return true;
		},
		drop,
		dropAll() {
			for (const deviceId of [...open.keys()]) drop(deviceId);
		},
		count: (deviceId) => open.get(deviceId)?.size ?? 0,
	};
}
