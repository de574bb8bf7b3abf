/** Calls another machine and makes sure it is the one that was meant. */
import { connect, type TLSSocket } from "node:tls";
import { err, errorCode, ok, type Result } from "../../base/base.ts";
import {
	clientOptions,
	type DeviceId,
	type DeviceIdentity,
	type MeshProtocol,
	type Peer,
	type PeerFault,
	peerOf,
} from "../identity/identity.ts";
import type { Connection } from "./connections.ts";

/** Whom to call. */
export interface DialTarget {
	readonly host: string;
	readonly port: number;
	readonly protocol: MeshProtocol;
	/** Who must answer. Null, for pairing by code only: whoever does, for the code will tell. */
	readonly deviceId: DeviceId | null;
	/** From the first packet to the end of the handshake; default 5 s. */
	readonly withinMs?: number;
}

/** Why a call came to nothing. */
export type DialFault =
	| PeerFault
	| { readonly kind: "unreachable"; readonly message: string }
	| { readonly kind: "too-slow"; readonly message: string }
	/** The other side does not want to speak this protocol: it is not pairing, or a newer version. */
	| { readonly kind: "not-spoken"; readonly message: string }
	| { readonly kind: "other-machine"; readonly message: string }
	| { readonly kind: "own-machine"; readonly message: string };

const DIAL_MS = 5_000;

/**
 * Calls a machine. The other side has not judged us yet when this resolves, for in TLS 1.3 the caller's handshake ends first: wait
 * for its first frame before taking the connection for one. Put a member's on the list (`Connections.hold`) before anything else.
 */
export function dial(identity: DeviceIdentity, target: DialTarget): Promise<Result<Connection, DialFault>> {
	return new Promise((resolve) => {
		const { host, port, withinMs = DIAL_MS } = target;
		// Another name than an empty one would tell the network whom we call.
		const socket = connect({ ...clientOptions(identity, target.protocol), host, port, servername: "" });
		const timer = setTimeout(() => {
			end(err({ kind: "too-slow", message: `The machine did not answer within ${withinMs / 1_000} seconds.` }));
		}, withinMs);

		function end(result: Result<Connection, DialFault>): void {
			clearTimeout(timer);
			if (!result.ok) socket.destroy();
			resolve(result);
		}

		// Stays for good: whatever breaks a connection also closes it, and whoever has it looks for that.
		socket.on("error", (error) => end(err(dialFault(error))));
		socket.once("secureConnect", () => {
			const peer = checkPeer(identity, socket, target);
			end(peer.ok ? ok({ peer: peer.value, socket }) : peer);
		});
	});
}

function checkPeer(identity: DeviceIdentity, socket: TLSSocket, target: DialTarget): Result<Peer, DialFault> {
	const peer = peerOf(socket);
	if (!peer.ok) return peer;
	if (peer.value.deviceId === identity.deviceId) {
		return err({ kind: "own-machine", message: "This is the address of this machine itself." });
	}
	if (target.deviceId !== null && peer.value.deviceId !== target.deviceId) {
		return err({ kind: "other-machine", message: "Another machine answered than the one that was meant." });
	}
	return peer;
}

function dialFault(error: Error): DialFault {
	const code = errorCode(error);
	// The rest of the code differs between OpenSSL and BoringSSL, and between who of the two tells it.
	if (code.endsWith("NO_APPLICATION_PROTOCOL")) {
		return { kind: "not-spoken", message: "The machine is there, but is not ready for this." };
	}
	return { kind: "unreachable", message: `The machine could not be reached (${code}).` };
}
