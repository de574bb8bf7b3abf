/** Listens for other machines and judges who comes. */
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { assertNever, err, errorCode, type Log, ok, type Result } from "../../base/base.ts";
import { type DeviceIdentity, MEMBER_PROTOCOL, PAIRING_PROTOCOL, peerOf, serverOptions } from "../identity/identity.ts";
import type { Connection, Connections } from "./connections.ts";
import type { Knock, Turnstile } from "./turnstile.ts";

/** What a door is made of. */
export interface DoorDeps {
	readonly identity: DeviceIdentity;
	readonly connections: Connections;
	readonly turnstile: Turnstile;
	readonly log: Log;
	/** Whether the owner wants to pair right now. While not, strangers don't get past the handshake. */
	isPairing(): boolean;
	/** Somebody who is a member; on the list of connections by now. */
	onMember(connection: Connection): void;
	/**
	 * Somebody who wants to speak as a member and is none as far as is known here: another member may have admitted it. Not on the
	 * list. Resolves with whether it is one after all; who is not is closed by then. The knock is pending until that.
	 */
	onStranger(connection: Connection): Promise<boolean>;
	/** Anybody at all, who wants to pair. Not on the list: whoever takes it closes it. */
	onPairing(connection: Connection): void;
	/** Default 5 s: three round trips take milliseconds in a local network, and a held-up handshake holds memory. */
	readonly handshakeMs?: number;
}

/** Where to listen. */
export interface DoorAddress {
	/** 0: any free port. */
	readonly port: number;
	/** Default: all addresses. */
	readonly host?: string;
}

/** Why listening failed. */
export interface ListenFault {
	readonly kind: "port-taken" | "not-listening";
	readonly message: string;
}

/** Other machines come in here. */
export interface Door {
	/** The port it came to listen on. */
	listen(address: DoorAddress): Promise<Result<number, ListenFault>>;
	/** Closes the door and what has not passed it yet. Connections on the list stay. */
	close(): Promise<void>;
}

const HANDSHAKE_MS = 5_000;

/** A connection that has not passed the door. */
interface Waiting {
	readonly socket: Socket;
	readonly knock: Knock;
}

/** A door that is shut until `listen`. */
export function createDoor(deps: DoorDeps): Door {
	/** By the other end's address and port: TLS makes a socket of its own of the one that came in. */
	const waiting = new Map<string, Waiting>();
	const tls = createTlsServer({
		...serverOptions(deps.identity, deps.isPairing),
		handshakeTimeout: deps.handshakeMs ?? HANDSHAKE_MS,
	});
	// A listener of its own: strangers are turned away before the costly part, the handshake.
	const tcp = createTcpServer({ noDelay: true, keepAlive: true }, (socket) => {
		const knock = deps.turnstile.enter(socket.remoteAddress ?? "");
		if (knock === null) return void socket.destroy();
		const end = endOf(socket);
		waiting.set(end, { socket, knock });
		socket.once("close", () => {
			knock.count();
			if (waiting.get(end)?.socket === socket) waiting.delete(end);
		});
		tls.emit("connection", socket);
	});

	tls.on("secureConnection", (socket) => {
		const end = endOf(socket);
		const settle = (isMember: boolean): void => {
			if (isMember) waiting.get(end)?.knock.forgive();
			else waiting.get(end)?.knock.count();
			waiting.delete(end);
		};
		const admitted = admit(deps, socket);
		if (typeof admitted === "boolean") return settle(admitted);
		// It stays among those who wait, so that a door that closes closes on it, and no address has many judged at once.
		void admitted.then(settle);
	});
	tls.on("tlsClientError", (error, socket) => {
		// Node only tells of a handshake that takes too long; it would leave it open.
		socket.destroy();
		deps.log.debug({ code: errorCode(error) }, "a handshake with another machine failed");
	});

	return {
		listen: (address) => listen(tcp, address),
		close: () =>
			new Promise((resolve) => {
				// It waits for connections that passed; the door is shut all the same.
				tcp.close();
				for (const { socket } of waiting.values()) socket.destroy();
				resolve();
			}),
	};
}

/** Judges a connection and hands it on or closes it. True: it is a member's. */
function admit(
	{ identity, connections, log, onMember, onStranger, onPairing }: DoorDeps,
	socket: TLSSocket,
): boolean | Promise<boolean> {
	// Whatever breaks a connection also closes it, and whoever has it looks for that.
	socket.on("error", () => {});
	const peer = peerOf(socket);
	if (!peer.ok || peer.value.deviceId === identity.deviceId) {
		// Who has our own key is a copy of this disk: two machines of one name can't both be members.
		log.info({ fault: peer.ok ? "own-id" : peer.error.kind }, "a connection from another machine was refused");
		socket.destroy();
		return false;
	}
	const connection = { peer: peer.value, socket };
	const { protocol, deviceId } = peer.value;
	switch (protocol) {
		case MEMBER_PROTOCOL:
			if (!connections.isMember(deviceId)) {
				return onStranger(connection).then((isMember) => {
					if (!isMember) log.info({ deviceId }, "a machine that is not a member was refused");
					return isMember;
				});
			}
			connections.hold(connection);
			onMember(connection);
			return true;
		case PAIRING_PROTOCOL:
			onPairing(connection);
			return false;
		default:
			return assertNever(protocol);
	}
}

function listen(tcp: Server, { port, host }: DoorAddress): Promise<Result<number, ListenFault>> {
	return new Promise((resolve) => {
		const fail = (error: Error) => {
			const code = errorCode(error);
			const kind = code === "EADDRINUSE" ? "port-taken" : "not-listening";
			resolve(err({ kind, message: `Other machines can't reach this one: port ${port} can't be opened (${code}).` }));
		};
		tcp.once("error", fail);
		tcp.listen(host === undefined ? { port } : { port, host }, () => {
			tcp.off("error", fail);
			// Later errors are of single connections that could not be accepted; the other side tries again.
			tcp.on("error", () => {});
			const address = tcp.address();
			resolve(ok(typeof address === "object" && address !== null ? address.port : port));
		});
	});
}

function endOf({ remoteAddress = "", remotePort = 0 }: Socket): string {
	return `${remoteAddress} ${remotePort}`;
}
